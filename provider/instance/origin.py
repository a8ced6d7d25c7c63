"""Where a resource's instance comes from: an imported one carries none of our labels before its first update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsw import Instance
from dsw.models import DOWN
from provider.instance import compare, labels

# The output that says so: made by this stack, just read by an import, or imported at some time before.
ORIGIN = "origin"
DECLARED, IMPORT, IMPORTED = "declared", "import", "imported"
# What an update sets on an instance that was imported without it.
_SET_LATER = compare.UNSEEN | {"sessionHours", "idleInstanceCuller"}


def of(instance: Instance, urn: str, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """The origin of an instance that was read; without inputs by an import."""
    if labels.is_declared_at(urn, instance.labels):
        return DECLARED
    if not inputs:
        return IMPORT
    return IMPORTED if state.get(ORIGIN) in (IMPORT, IMPORTED) else DECLARED


def unseen(instance: Instance) -> frozenset[str]:
    """What an instance doesn't show now, though it may have it or will: that is as declared."""
    at_rest = instance.status in DOWN
    found = set(compare.UNSEEN)
    if labels.session_hours(instance.labels) is None and (at_rest or instance.instance_shutdown_timer):
        found.add("sessionHours")  # a timer tells only what is left of it
    if at_rest and instance.idle_instance_culler is None:
        found.add("idleInstanceCuller")  # the cloud may take one from a running instance only
    return frozenset(found)


def is_set_later(key: str, kind: compare.Kind, state: Mapping[str, Any]) -> bool:
    """Whether something declared that an imported instance lacks is no change, since its first update sets it.

    An import isn't refused for any of it. Afterwards only what isn't missing stays so: a session length where there
    is a timer, and guards at rest.
    """
    source = state.get(ORIGIN)
    if kind != "add" or source not in (IMPORT, IMPORTED):
        return False
    if source == IMPORT:
        return key in _SET_LATER
    at_rest = not state.get("running", True)
    return (key == "sessionHours" and (at_rest or bool(state.get("shutdownTime")))) or (
        key == "idleInstanceCuller" and at_rest
    )
