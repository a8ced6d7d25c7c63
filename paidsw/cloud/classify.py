"""Turns what the SDK returns or raises into a body or one of our errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from paidsw.cloud.credentials import missing
from paidsw.cloud.emulated import Address
from paidsw.cloud.errors import (
    CloudError,
    NotFound,
    NotSent,
    Reason,
    Refused,
    Throttled,
    Uncertain,
    is_permission,
)
from paidsw.cloud.failures import failure
from paidsw.cloud.messages import Text
from paidsw.cloud.permissions import ACTIONS
from paidsw.core.messages import Message
from paidsw.core.numbers import whole


class _Response(Protocol):
    @property
    def body(self) -> Any: ...

    @property
    def headers(self) -> Any: ...


async def call(
    operation: str, send: Callable[[], Awaitable[_Response]], address: Address | None = None
) -> dict[str, Any]:
    """Send one request; the answer's body as a dict of wire names, or a CloudError.

    An answer that isn't of the emulator at `address` counts as a lost reply.
    """
    try:
        response = await send()
        if address is not None and not address.sent(response.headers):
            raise stranger(operation, address)
        body: dict[str, Any] = response.body.to_map() if response.body is not None else {}
    except CloudError:
        raise
    except Exception as error:
        raise classify(operation, error) from None
    if str(body.get("Success")).lower() == "false":
        # HTTP 200 with Success: false doesn't say what was done, so the call may have been carried out.
        raise Uncertain(
            operation,
            str(body.get("Message") or Text.NO_SUCCESS),
            code=str(body.get("Code") or ""),
            status=whole(body.get("HttpStatusCode")) or 200,
            request_id=str(body.get("RequestId") or ""),
        )
    return body


def stranger(operation: str, address: Address) -> Uncertain:
    """The error for an answer that came from something other than the emulator that was asked."""
    return Uncertain(operation, Text.NOT_ASKED(url=address.url), code=Reason.EMULATOR)


def classify(operation: str, error: Exception) -> CloudError:
    """One of our errors for an exception of the SDK."""
    chain = _chain(error)
    for link in chain:
        if type(link).__name__ == "CredentialException":
            return missing(link)
        if hasattr(link, "status_code") and hasattr(link, "request_id"):
            return _answered(operation, link)
    failed = failure(chain)
    if failed.sent:
        return Uncertain(operation, failed.message, code=failed.reason)
    return NotSent(
        operation, failed.message, advice=failed.advice, code=failed.reason, transient=failed.transient
    )


def _answered(operation: str, error: Any) -> CloudError:
    status = whole(error.status_code) or 0
    code = str(error.code or "")
    data = getattr(error, "data", None)
    told = data.get("Message") if isinstance(data, dict) else None
    message: Message | str = str(told or error.message or code)
    if code == "SignatureNonceUsed":
        # The HTTP library resends a GET, PUT or DELETE whose reply was lost, so the first one did arrive.
        message = Text.REPLY_LOST()
    details: dict[str, Any] = {"code": code, "status": status, "request_id": str(error.request_id or "")}
    if getattr(error, "retry_after", None) is not None or "throttling" in code.lower() or status == 429:
        throttled = Throttled(operation, message, **details)
        throttled.retry_after = (whole(getattr(error, "retry_after", None)) or 0) / 1000
        return throttled
    details["advice"] = _advice(operation, code, status)
    # The gateway also answers 404 for a region or action it doesn't know, which says nothing about the resource.
    if status == 404 and not code.startswith("Invalid"):
        return NotFound(operation, message, **details)
    if 400 <= status < 500 and code != "SignatureNonceUsed":
        return Refused(operation, message, **details)
    return Uncertain(operation, message, **details)


def _advice(operation: str, code: str, status: int) -> Message | str:
    """What ends a refusal that no retry ends, as far as its code tells."""
    told = code.lower()
    if is_permission(code, status):
        return Text.GRANT(actions=" and ".join(ACTIONS.get(operation, (operation,))))
    if "securitytoken" in told:
        return Text.RENEW_CREDENTIALS()
    if "timestamp" in told:
        return Text.SYNCHRONIZE()
    return Text.CHECK_KEY() if "accesskey" in told or "signature" in told else ""


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = getattr(link, "inner_exception", None) or link.__cause__ or link.__context__
    return links
