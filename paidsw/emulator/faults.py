"""Scripted faults: which call is struck, and how."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pydantic import with_config

from .codec import decode
from .errors import ApiError
from .state import MAX_SECONDS

# Answered instead of doing anything.
REFUSING = {
    "throttling": (400, "Throttling.User", "Request was denied due to user flow control."),
    "http-500": (500, "InternalError", "The request processing has failed due to some unknown error."),
    "http-502": (502, "BadGateway", "Bad gateway"),
    "http-503": (
        503,
        "ServiceUnavailable",
        "The request has failed due to a temporary failure of the server.",
    ),
    "permission": (
        403,
        "NoPermissionError",
        "No permission {operation} for resource: acs:paidsw:{region}:1000000000000001:*",
    ),
    "credentials-expired": (403, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    "clock-skew": (400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
    "name-taken": (400, "ValidationError", "instance name already exists"),
    "validation": (400, "ValidationError", "the request is not valid"),
    "not-found": (404, "ValidationError", "instance does not exist"),
    "wrong-region": (404, "InvalidRegionId.NotFound", "The specified region does not exist."),
}
KINDS = (
    *REFUSING,
    "error",  # any status, code and message
    "success-false",  # HTTP 200 whose body says Success false; nothing is done
    "slow",  # the clock moves on by `seconds`, the answer is held back for `hold_ms` of real time
    "cut-before",  # the connection breaks, nothing is done
    "cut-after",  # it is done, then the connection breaks
    "bad-body",  # it is done, but the answer is `body`: truncated, html or empty
    "stale",  # it is done, but reads show what was before: the next `reads`, or those of the next `seconds`
    "unlisted",  # the same of lists only
    "stuck",  # it is done, but the instance stays in `status`
    "failed",  # it is done, but the start ends in Failed with `code` and `message`
    "sold-out",  # it is done, but the start waits in Queuing for good
)
BODIES = ("truncated", "html", "empty")
_MANY = 2**53
_BOUNDS = (
    ("nth", 1, _MANY),
    ("times", 0, _MANY),
    ("reads", 1, _MANY),
    ("retry_after", 0, _MANY),
    ("seconds", 0, MAX_SECONDS),
    ("hold_ms", 0, MAX_SECONDS * 1000),
)


@with_config(extra="forbid")
@dataclass
class Fault:
    """One scripted fault.

    It strikes the ``nth`` call (1 is the next) to an operation matching ``operation`` (a name or a pattern such
    as ``Get*``) in ``region`` (empty: any), then ``times`` calls in all (0: without end).
    """

    kind: str
    operation: str = "*"
    nth: int = 1
    times: int = 1
    region: str = ""
    http_status: int = 0
    code: str = ""
    message: str = ""
    retry_after: int = 0
    seconds: float = 0
    hold_ms: int = 0
    reads: int = 1
    status: str = ""
    body: str = "truncated"
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}: one of {', '.join(KINDS)}")
        if self.kind == "bad-body" and self.body not in BODIES:
            raise ValueError(f"unknown body {self.body!r}: one of {', '.join(BODIES)}")
        if self.kind == "stuck" and not self.status:
            raise ValueError("the fault 'stuck' needs the status in which to stay")
        if self.http_status and not 400 <= self.http_status <= 599:
            raise ValueError("http_status must be between 400 and 599")
        for name, least, most in _BOUNDS:
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be between {least} and {most}")

    def strikes(self, operation: str, region: str) -> bool:
        """Count a call; returns whether it is struck."""
        if self.region not in ("", region) or not fnmatchcase(operation, self.operation):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)

    def error(self, operation: str, region: str) -> ApiError:
        """The answer of a refusing fault."""
        status, code, message = REFUSING.get(self.kind, (400, "ValidationError", "the request is not valid"))
        headers = {"x-acs-retry-after": str(self.retry_after)} if self.retry_after else {}
        text = (self.message or message).replace("{operation}", operation).replace("{region}", region)
        return ApiError(self.http_status or status, self.code or code, text, headers)

    def unsuccessful(self) -> dict[str, Any]:
        """The body of HTTP 200 that says Success false."""
        return {
            "Code": self.code or "InternalError",
            "HttpStatusCode": 200,
            "Message": self.message or "The operation has failed.",
            "Success": False,
        }


def fault_from(values: dict[str, object]) -> Fault:
    """A fault from JSON; ValueError names the member that is wrong."""
    if "kind" not in values:
        raise ValueError(f"a fault needs its kind: one of {', '.join(KINDS)}")
    return decode(Fault, json.dumps(values))


class Faults:
    """The script in force."""

    def __init__(self) -> None:
        self.script: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self.script.append(fault)

    def clear(self) -> None:
        """End all faults."""
        self.script.clear()

    def strike(self, operation: str, region: str) -> list[Fault]:
        """The faults that a call meets; every fault counts the call, struck or not."""
        return [fault for fault in self.script if fault.strikes(operation, region)]
