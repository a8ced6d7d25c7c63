"""GetInstanceEvents and GetLifecycle."""

from __future__ import annotations

from itertools import groupby

from ...clock import Millis, iso, iso_or_empty
from ...request import Call, Json
from ..models import Phase

_ENDLESS: Millis = 2**53
# Sessions in an answer where no Limit is given; the documentation leaves it open.
MOST_SESSIONS = 1000


def get_events(call: Call) -> Json:
    """Events within a time, oldest first."""
    instance = call.account.see_instance(call.params["InstanceId"], call.region)
    start, end = _between(call)
    level = call.query.text("EventLevel")
    most = call.query.integer("MaxEventsNum", 2000) or 2000
    lines = [
        f"{iso(event.at)} {event.level} {event.text}"
        for event in instance.events
        if start <= event.at <= end and level in ("", event.level)
    ]
    return {"Events": lines[-most:], "InstanceId": instance.id}


def get_lifecycle(call: Call) -> Json:
    """Statuses, a list for each session from start to stop.

    Limit and SessionNumber count sessions, in the order asked for; Token is for sharing and no way to a next page.
    """
    instance = call.account.see_instance(call.params["InstanceId"], call.region)
    start, end = _between(call)
    phases = [phase for phase in instance.phases if start <= phase.start <= end]
    sessions = [[_phase(p) for p in group] for _, group in groupby(phases, key=lambda p: p.session)]
    if call.query.choice("Order", ("ASC", "DESC"), "ASC") == "DESC":
        sessions = [session[::-1] for session in sessions[::-1]]
    first = call.query.integer("SessionNumber", 0, low=0) or 0
    most = call.query.integer("Limit", MOST_SESSIONS) or MOST_SESSIONS
    return {"Lifecycle": sessions[first : first + most], "TotalCount": len(sessions)}


def _between(call: Call) -> tuple[Millis, Millis]:
    start, end = call.query.moment("StartTime"), call.query.moment("EndTime")
    return 0 if start is None else start, _ENDLESS if end is None else end


def _phase(phase: Phase) -> Json:
    return {
        "Status": phase.status,
        "ReasonCode": phase.reason_code,
        "ReasonMessage": phase.reason_message,
        "GmtCreateTime": iso(phase.start),
        "GmtEndTime": iso_or_empty(phase.end),
        "LifecycleId": phase.id,
    }
