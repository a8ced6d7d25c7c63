"""What other PAI products hold: put there through the control interface, listed, and not metered."""

from __future__ import annotations

from .models import Json, Millis, Other, State
from .routing import Call

KINDS = ("eas-service", "eas-resource", "dlc-job")


def of_kind(call: Call, kind: str) -> list[Other]:
    """The things of a kind in the call's region, the newest first."""
    found = [x for x in call.cloud.state.others.values() if (x.kind, x.region) == (kind, call.region)]
    return sorted(found, key=lambda item: item.created, reverse=True)


def put(state: State, values: Json, now: Millis) -> Other:
    """Put a thing there: kind, id, region, name, status, and any further `wire` members."""
    if values["kind"] not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {values['kind']!r}")
    wire = values.get("wire", {})
    if not isinstance(wire, dict):
        raise ValueError("wire must be an object")  # noqa: TRY004 - a caller's mistake, like the others
    kind, identifier, region, name, status = (
        str(values[member]) for member in ("kind", "id", "region", "name", "status")
    )
    made = Other(kind, identifier, region, name, status, now, wire)
    state.others[made.id] = made
    return made
