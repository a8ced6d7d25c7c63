"""Where the cloud is and who we are there: endpoints, credentials, one call with its errors told apart."""

from __future__ import annotations

import asyncio
import importlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from paidsw.cloud.emulated import REHEARSAL, Address, is_name, locate
from paidsw.cloud.errors import (
    CloudError,
    CredentialsMissing,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    Uncertain,
)

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 15_000

# The local emulator checks signatures with this pair; it opens nothing else.
REHEARSAL_ACCESS_KEY_ID = "rehearsal"
REHEARSAL_ACCESS_KEY_SECRET = "rehearsal-secret"  # noqa: S105

WHERE_CREDENTIALS_ARE_LOOKED_FOR = (
    "the environment variables ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, OIDC, "
    "~/.aliyun/config.json (made by `aliyun configure`), ~/.alibabacloud/credentials.ini, "
    "the RAM role of an ECS instance, and ALIBABA_CLOUD_CREDENTIALS_URI"
)


class _Response(Protocol):
    @property
    def body(self) -> Any: ...

    @property
    def headers(self) -> Any: ...


@dataclass(frozen=True)
class Connection:
    """How to reach the cloud: the real one, or an emulator, by its folder or by a loopback URL."""

    emulator: str | None = None

    def __post_init__(self) -> None:
        if self.emulator is not None and not is_name(self.emulator):
            raise ValueError(
                f"paidsw:emulator is {self.emulator!r}, which is not on this machine; give an emulator's folder, "
                f"like {REHEARSAL}, or an address that starts with http://127.0.0.1: or http://localhost:"
            )

    def address(self) -> Address | None:
        """Where the emulator listens now; None for the real cloud, EmulatorGone when it doesn't run."""
        return None if self.emulator is None else locate(self.emulator)

    async def sdk_client(
        self, module: str, product: str, region: str, host: str | None = None, address: Address | None = None
    ) -> Any:
        """A client of one official SDK for one region; `host` where it isn't named after product and region.

        `address` is what `address()` said, so that one client speaks to one emulator.

        The SDK is imported here, at the first real call, in a thread: it takes about 0.3 s, which would
        double the start of a provider and stall every other resource.
        """
        sdk = await asyncio.to_thread(importlib.import_module, f"{module}.client")
        models = await asyncio.to_thread(importlib.import_module, "alibabacloud_tea_openapi.models")
        config = models.Config(
            region_id=region,
            endpoint=host or f"{product}.{region}.aliyuncs.com",
            credential=await self.credentials(),
            connect_timeout=CONNECT_TIMEOUT_MS,
            read_timeout=READ_TIMEOUT_MS,
            protocol="HTTPS",
        )
        if address is not None:
            # The emulator reads region and product from the host name, as an HTTP proxy sees it.
            config.protocol = "HTTP"
            config.http_proxy = address.url
            config.global_parameters = models.GlobalParameters(headers=address.headers)
        return sdk.Client(config)

    async def credentials(self) -> Any:
        """The official credentials chain, or the fixed pair that opens the emulator only."""
        credentials = await asyncio.to_thread(importlib.import_module, "alibabacloud_credentials.client")
        # The chain logs a traceback for each link that has nothing; what it found is said in one sentence.
        logging.getLogger("credentials").setLevel(logging.CRITICAL)
        if self.emulator is not None:
            models = await asyncio.to_thread(importlib.import_module, "alibabacloud_credentials.models")
            return credentials.Client(
                models.Config(
                    type="access_key",
                    access_key_id=REHEARSAL_ACCESS_KEY_ID,
                    access_key_secret=REHEARSAL_ACCESS_KEY_SECRET,
                )
            )
        return await asyncio.to_thread(credentials.Client)

    async def credentials_source(self) -> str:
        """Which link of the chain answers (never the secret); CredentialsMissing when none does."""
        client = await self.credentials()
        try:
            model = await asyncio.to_thread(client.get_credential)
        except Exception:
            raise CredentialsMissing("Credentials", no_credentials_sentence()) from None
        return str(model.provider_name)


def no_credentials_sentence() -> str:
    """The one sentence for a machine without credentials."""
    return (
        f"no Alibaba Cloud credentials were found in {WHERE_CREDENTIALS_ARE_LOOKED_FOR}; set one of them, "
        "or rehearse without an account: make up"
    )


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
        # HTTP 200 with Success: false. What was done is not said, so it counts as perhaps done.
        raise Uncertain(
            operation,
            str(body.get("Message") or "the cloud answered without success"),
            code=str(body.get("Code") or ""),
            status=_whole(body.get("HttpStatusCode")) or 200,
            request_id=str(body.get("RequestId") or ""),
        )
    return body


def stranger(operation: str, address: Address) -> Uncertain:
    """The error of an answer from somebody else than the emulator that was asked."""
    return Uncertain(operation, f"what answers at {address.url} is not the emulator that was asked")


def classify(operation: str, error: Exception) -> CloudError:
    """An exception of the SDK as one of ours."""
    chain = _chain(error)
    for link in chain:
        if type(link).__name__ == "CredentialException":
            return CredentialsMissing(operation, no_credentials_sentence())
        if hasattr(link, "status_code") and hasattr(link, "request_id"):
            return _answered(operation, link)
    if any(_never_connected(link) for link in chain):
        return NotSent(operation, "the cloud could not be reached", code=_transport_code(chain))
    return Uncertain(
        operation, "no usable reply came, the call may have been carried out", code=_transport_code(chain)
    )


def _answered(operation: str, error: Any) -> CloudError:
    status = _whole(error.status_code)
    code = str(error.code or "")
    data = getattr(error, "data", None)
    told = data.get("Message") if isinstance(data, dict) else None
    message = str(told or error.message or code)
    if code == "SignatureNonceUsed":
        # The HTTP library repeats a GET, PUT or DELETE whose answer it lost: the first one has come.
        message = "the reply was lost, the call may have been carried out"
    details: dict[str, Any] = {"code": code, "status": status, "request_id": str(error.request_id or "")}
    if getattr(error, "retry_after", None) is not None or "throttling" in code.lower() or status == 429:
        throttled = Throttled(operation, message, **details)
        throttled.retry_after = _whole(getattr(error, "retry_after", None)) / 1000
        return throttled
    # The gateway says 404 too, for a region or an action that it doesn't know; then nothing is known of the thing.
    if status == 404 and not code.startswith("Invalid"):
        return NotFound(operation, message, **details)
    if 400 <= status < 500 and code != "SignatureNonceUsed":
        return Refused(operation, message, **details)
    return Uncertain(operation, message, **details)


def _whole(value: object) -> int:
    """A number that the cloud sent, 0 for anything else."""
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else 0


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = getattr(link, "inner_exception", None) or link.__cause__ or link.__context__
    return links


def _never_connected(error: BaseException) -> bool:
    return isinstance(error, ConnectionRefusedError | ssl.SSLCertVerificationError) or type(
        error
    ).__name__ in {
        "ClientConnectorError",
        "ClientConnectorDNSError",
        "ConnectionTimeoutError",
        "ClientConnectorCertificateError",
    }


def _transport_code(chain: list[BaseException]) -> str:
    return type(chain[-1]).__name__
