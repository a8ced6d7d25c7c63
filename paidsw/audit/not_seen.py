"""Why something wasn't seen and what to do about it, in our own words: the cloud's may quote anything."""

from __future__ import annotations

import re

from paidsw.audit.messages import Text
from paidsw.audit.model import NotSeen, Sentence
from paidsw.audit.regions import Place, Service
from paidsw.cloud import CloudError, CredentialsMissing, Reason, Throttled, Uncertain
from paidsw.core.messages import Message

NO_ADDRESS = Text.NO_ADDRESS()


def not_seen(
    place: Place,
    service: Service,
    operation: str,
    what: Sentence,
    error: Exception,
    limit: float = 0,
    blocking: bool = True,
) -> NotSeen:
    """What an error kept from being seen; `limit` is the time in seconds after which an audit gives up."""
    if isinstance(error, CloudError) and _no_host(error) and service not in place.official:
        return NotSeen(place.region, service, what, NO_ADDRESS, Text.NOT_OFFERED(), False)
    why, fix = _why(operation, error, limit)
    return NotSeen(place.region, service, what, why, fix, blocking)


def unreadable_instance(place: Place) -> NotSeen:
    """A listed instance that can't be read: it exists, and that is all that is known."""
    error = Uncertain("ListInstances", "", code=Reason.UNREADABLE)
    return not_seen(place, Service.DSW, "ListInstances", Text.ONE_INSTANCE(), error)


def _why(operation: str, error: Exception, limit: float) -> tuple[Message, Sentence]:
    if not isinstance(error, CloudError):
        return Text.NO_ANSWER(seconds=f"{limit:g}"), Text.RUN_FOR_REGION()
    code = re.sub(r"[^A-Za-z0-9 ._-]", "", error.code)[:60]
    detail = f"{operation}: {code or 'no code'}" + (f", HTTP {error.status}" if error.status else "")
    if isinstance(error, CredentialsMissing):
        return Text.NO_CREDENTIALS(), Text.SET_CREDENTIALS()
    if error.lacks_permission:
        return Text.NO_PERMISSION(detail=detail), Text.ATTACH_POLICY()
    if isinstance(error, Throttled):
        return Text.THROTTLED(detail=detail), Text.RUN_LATER()
    if error.code in (Reason.UNREADABLE, Reason.INCOMPLETE_LIST):
        return Text.UNUSABLE(detail=detail), Text.RUN_DOCTOR()
    if isinstance(error.code, Reason):
        # The error's texts are ours.
        why = Text.NOT_REACHABLE(why=error.message)
        return why, error.advice or Text.CHECK_NETWORK()
    return Text.REFUSED(detail=detail), Text.RUN_DOCTOR()


def _no_host(error: CloudError) -> bool:
    # Of a host that doesn't exist, a proxy only says that it couldn't connect.
    return error.code in (Reason.NO_ADDRESS, Reason.GATEWAY, "InvalidRegionId.NotFound")
