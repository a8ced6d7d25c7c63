"""Opens and closes stretches of metered use; what they cost is the ledger's job."""

from __future__ import annotations

from ..clock import Millis
from ..dsw.models import Instance
from ..state import State, Usage


def open_compute(state: State, instance: Instance, now: Millis) -> None:
    """Meter the machine of an instance, unless it is metered already."""
    if not any(_open(usage, instance.id, "compute") for usage in state.usage):
        state.usage.append(_usage("compute", instance, now))


def open_disk(state: State, instance: Instance, now: Millis, free_gib: int) -> None:
    """Meter the paid part of a system disk again, by its present size; nothing for a disk of the free size."""
    close(state, instance.id, "disk", now)
    if instance.disk_gib > free_gib:
        usage = _usage("disk", instance, now)
        usage.gib = instance.disk_gib - free_gib
        state.usage.append(usage)


def reopen_compute(state: State, instance: Instance, now: Millis) -> None:
    """Meter a running machine by its new type, if that has changed."""
    for usage in state.usage:
        if _open(usage, instance.id, "compute") and _priced(usage) != (instance.ecs_spec, instance.spot):
            close(state, instance.id, "compute", now)
            open_compute(state, instance, now)
            return


def _priced(usage: Usage) -> tuple[str, bool]:
    return usage.ecs_spec, usage.spot


def close(state: State, instance_id: str, kind: str, now: Millis) -> None:
    """End what is metered of an instance."""
    for usage in state.usage:
        if _open(usage, instance_id, kind):
            usage.end = now


def _open(usage: Usage, instance_id: str, kind: str) -> bool:
    return usage.instance_id == instance_id and usage.kind == kind and usage.end is None


def _usage(kind: str, instance: Instance, now: Millis) -> Usage:
    return Usage(
        kind,
        instance.id,
        instance.name,
        instance.region,
        instance.ecs_spec,
        now,
        spot=instance.spot,
        payment_type=instance.payment_type,
    )
