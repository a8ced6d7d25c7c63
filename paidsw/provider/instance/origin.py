"""Where a resource's instance comes from: an imported one carries none of our labels before its first update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Instance
from paidsw.cloud.models import DOWN
from paidsw.provider.instance import compare, labels, wire

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
    return IMPORTED if is_imported(state) else DECLARED


def is_imported(state: Mapping[str, Any]) -> bool:
    """Whether an instance was imported, and not changed since."""
    return state.get(ORIGIN) in (IMPORT, IMPORTED)


def unseen(instance: Instance) -> frozenset[str]:
    """What an instance doesn't show now, though it may have it or will: that is as declared."""
    at_rest = instance.status in DOWN
    found = set(compare.UNSEEN)
    if labels.SESSION_HOURS not in instance.labels and (at_rest or wire.timer(instance)):
        found.add("sessionHours")  # a timer tells only what is left of it
    if at_rest and instance.idle_instance_culler is None:
        found.add("idleInstanceCuller")  # the cloud may take one from a running instance only
    return frozenset(found)


def comparable(old: Mapping[str, Any], new: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The old inputs as a diff has to see them: those that an import read are in the cloud's form, not a program's."""
    if not is_imported(state):
        return old
    return compare.merge(new, old, unseen=_not_lacking(state) - old.keys())


def leaves_out_backup(old: Mapping[str, Any], new: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Whether an import is under way whose declared backup the engine won't record: it keeps what was read."""
    return state.get(ORIGIN) == IMPORT and "backup" in new and "backup" not in old


def _not_lacking(state: Mapping[str, Any]) -> frozenset[str]:
    """What an imported instance may be without: an import isn't refused for it, and the first update sets it.

    Afterwards that is no change only where nothing is missing: a session length where there is a timer, guards at rest.
    """
    if state.get(ORIGIN) == IMPORT:
        return _SET_LATER
    at_rest = not state.get("running", True)
    timed = at_rest or bool(state.get("shutdownTime"))
    return frozenset({"sessionHours"} if timed else ()) | frozenset({"idleInstanceCuller"} if at_rest else ())
