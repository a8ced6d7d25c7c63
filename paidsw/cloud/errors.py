"""What a call to the cloud can end in, told apart by one question: may it have changed something?"""

from __future__ import annotations

import re

_LONGEST_MESSAGE = 500


class CloudError(Exception):
    """A call to the cloud that did not succeed.

    `operation` is the API's own name (``CreateInstance``), `code` the cloud's error code or a short reason of
    the transport, `status` the HTTP status (0 when no answer came), `request_id` what Alibaba Cloud's support
    asks for (empty when no answer came).
    """

    may_have_happened = False

    def __init__(
        self, operation: str, message: str, *, code: str = "", status: int = 0, request_id: str = ""
    ) -> None:
        self.operation = operation
        self.code = one_line(code)
        self.status = status
        self.request_id = one_line(request_id)
        self.message = one_line(message)
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """One sentence: what happened, in which call, with the request id where there is one."""
        details = ", ".join(
            part
            for part in (
                f"code {self.code}" if self.code else "",
                f"HTTP {self.status}" if self.status else "",
                f"request id {self.request_id}" if self.request_id else "",
            )
            if part
        )
        return f"{self.operation}: {self.message}" + (f" ({details})" if details else "")


class NotSent(CloudError):
    """Nothing reached the cloud: no connection, or no credentials to sign with."""

    transient = True


class CredentialsMissing(NotSent):
    """The official credentials chain found nothing."""

    transient = False


class Refused(CloudError):
    """The cloud answered no; nothing was changed."""


class NotFound(Refused):
    """The cloud says that the thing does not exist (HTTP 404)."""


class Throttled(Refused):
    """Too many requests; nothing was changed. `retry_after` is in seconds, 0 when the cloud did not say."""

    retry_after: float = 0


class Uncertain(CloudError):
    """The reply was lost, cut or of the wrong form: the call may have been carried out."""

    may_have_happened = True


def one_line(text: str) -> str:
    """A cloud's message as one short line, without what a signature error quotes of the request."""
    text = re.split(r"(?i)(server )?string ?to ?sign", text, maxsplit=1)[0]
    # What a terminal would obey and not show is left out as well.
    text = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"
