"""How a call to the cloud can fail, told apart by one question: may it have changed something?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from paidsw.cloud.messages import Text
from paidsw.core.messages import Message, UserError, listed
from paidsw.core.text import printable

_LONGEST_MESSAGE = 500
# More than that nobody wrote for people.
_LONGEST_READ = 20_000
_NO_PERMISSION = ("permission", "notauthorized", "forbidden", "unauthorized", "accessdenied")
_IDENTITY = ("token", "signature", "accesskey", "timestamp")


class Reason(StrEnum):
    """Why there was no usable answer, where the cloud gave no code of its own."""

    NO_ADDRESS = "no such host"
    REFUSED = "connection refused"
    NOT_CONNECTED = "connection timed out"
    UNREACHABLE = "network unreachable"
    CERTIFICATE = "certificate not trusted"
    TLS = "TLS failed"
    PROXY = "proxy failed"
    GATEWAY = "the proxy found no server"
    SETTING = "wrong network setting"
    CREDENTIALS = "no credentials"
    EMULATOR = "emulator not there"
    CANCELLED = "cancelled"
    NO_REPLY = "no reply in time"
    CONNECTION_LOST = "connection lost"
    UNREADABLE = "unreadable answer"
    INCOMPLETE_LIST = "incomplete list"


class CloudError(UserError):
    """A call to the cloud that did not succeed.

    `operation` is the API's name (``CreateInstance``), `message` what went wrong, `code` the cloud's error code or a
    `Reason`, `status` the HTTP status (0 when no answer came), `request_id` what Alibaba Cloud's support asks for
    (empty when no answer came). `cause` has all of them in one sentence, `advice` what to do about it.
    """

    def __init__(
        self,
        operation: str,
        message: Message | str,
        *,
        advice: Message | str = "",
        code: str = "",
        status: int = 0,
        request_id: str = "",
    ) -> None:
        self.operation = operation
        self.message = message if isinstance(message, Message) else one_line(message)
        self.code = code if isinstance(code, Reason) else one_line(code)
        self.status = status
        self.request_id = one_line(request_id)
        super().__init__(self._cause(), advice)

    def _cause(self) -> Message | str:
        if not self.operation:
            return self.message
        details = listed(self._details())
        text = Text.CALL_DETAILED if details.values else Text.CALL
        return text(operation=Message(self.operation), what=self.message, details=details)

    def _details(self) -> Iterator[Message]:
        if self.code and not isinstance(self.code, Reason):
            yield Text.CODE(code=self.code)
        if self.status:
            yield Text.STATUS(status=self.status)
        if self.request_id:
            yield Text.REQUEST_ID(id=self.request_id)

    @property
    def lacks_permission(self) -> bool:
        """Whether the caller lacks a permission, which an administrator can grant."""
        return is_permission(self.code, self.status)

    @property
    def brief(self) -> str:
        """A word or two for a progress line."""
        return str(self.code) or (f"HTTP {self.status}" if self.status else str(self.message))


class NotSent(CloudError):
    """Nothing reached the cloud: no connection, or no credentials to sign with."""

    def __init__(
        self,
        operation: str,
        message: Message | str,
        *,
        advice: Message | str = "",
        code: str = "",
        status: int = 0,
        transient: bool = True,
    ) -> None:
        super().__init__(operation, message, advice=advice, code=code, status=status)
        self.transient = transient


class CredentialsMissing(NotSent):
    """The official credentials chain found nothing that can be used."""

    def __init__(self, message: Message | str, advice: Message | str) -> None:
        super().__init__("", message, advice=advice, code=Reason.CREDENTIALS, transient=False)


class Refused(CloudError):
    """The cloud refused; nothing was changed."""


class NotFound(Refused):
    """The cloud says that the thing does not exist (HTTP 404)."""


class Throttled(Refused):
    """Too many requests; nothing was changed. `retry_after` is in seconds, 0 when the cloud did not say."""

    retry_after: float = 0


class Uncertain(CloudError):
    """The reply was lost, truncated or malformed: the call may have been carried out."""


def is_permission(code: str, status: int) -> bool:
    """Whether an error with this code and HTTP status means that the caller lacks a permission."""
    code = code.lower()
    if any(word in code for word in _NO_PERMISSION):
        return True
    # Other HTTP 403 refusals are about the caller's identity, and no policy helps.
    return status == 403 and not any(word in code for word in _IDENTITY)


def one_line(text: str) -> str:
    """A message of the cloud as one short line, without the parts of a request that a signature error quotes."""
    text = re.split(r"(?i)(server )?string ?to ?sign", text, maxsplit=1)[0]
    text = text[:_LONGEST_READ]
    # Nor control characters, which a terminal would obey.
    return printable(" ".join(text.split()), _LONGEST_MESSAGE)
