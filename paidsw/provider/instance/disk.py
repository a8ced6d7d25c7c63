"""How long the cloud keeps the files of an instance that isn't running, and what a start finds afterwards.

The cloud clears the free disk of an instance that was stopped and not started again for some days; whether it does so
on the minute isn't documented. A larger disk is paid for, so it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from paidsw.cloud import CloudError, DswClient, Instance
from paidsw.cloud.history import Session
from paidsw.cloud.models import FAILED, ON_THE_WAY_DOWN, RUNNING, SAVING, STOPPED, CloudDisk
from paidsw.core.times import both_times, written
from paidsw.core.values import Node
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance.inputs import CloudDisk as DeclaredDisk
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.rules.disks import capacity_gib, is_system
from paidsw.trial.terms import TERMS

_CLEARED_IN = FAILED | {STOPPED}
# In these the instance counts as started: the machine is there.
_MACHINE = ON_THE_WAY_DOWN | {"EnvPreparing", "Starting", "Recovering", RUNNING, SAVING}


@dataclass(frozen=True, slots=True)
class Rest:
    """Since when an instance has its status, and until when its disk is kept; None for what nobody knows."""

    since: datetime | None = None
    kept_until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether the disk isn't kept any more, so that the cloud has cleared it or does so any moment."""
        return self.kept_until is not None and self.kept_until <= now


async def rest_of(client: DswClient, instance: Instance) -> Rest:
    """The rest of an instance, by its lifecycle; unknown where that can't be read."""
    try:
        sessions = await client.get_lifecycle(instance.instance_id)
    except CloudError:
        return Rest()
    phases: Session = tuple(phase for session in sessions for phase in session)
    if not phases or phases[-1].status != instance.status:
        return Rest()
    since = phases[-1].gmt_create_time
    if instance.status not in _CLEARED_IN or has_paid_disk(instance):
        return Rest(since)
    # A start that failed before there was a machine is none: the days count on.
    still = since
    for phase in reversed(phases):
        if phase.status in _MACHINE:
            break
        still = phase.gmt_create_time
    return Rest(since, still + timedelta(days=TERMS.disk_kept_days.value))


def system_gib(disks: Iterable[CloudDisk | DeclaredDisk]) -> Decimal | None:
    """GiB of the system disk, found or declared; None where there is none, or its size can't be read."""
    nodes = [Node("", {"capacity": disk.capacity, "subType": disk.sub_type}) for disk in disks]
    return next((capacity_gib(node) for node in nodes if is_system(node)), None)


def has_paid_disk(instance: Instance) -> bool:
    """Whether a disk is larger than the free one, or of a size that can't be read."""
    sizes = [capacity_gib(Node("", {"capacity": disk.capacity})) for disk in instance.cloud_disks]
    return any(size is None or size > TERMS.free_disk_gib.value for size in sizes)


async def kept_until(op: Operation, instance: Instance) -> str:
    """Until when the disk of a stopped instance is kept, as UTC text like 2026-01-20T04:00:00Z.

    Empty where that is over, or isn't known.
    """
    if instance.status not in _CLEARED_IN:
        return ""
    until = (await rest_of(op.api, instance)).kept_until
    return written(until) if until is not None and until > await _now(op) else ""


def refuse_shrink(instance: Instance, inputs: InstanceInputs) -> None:
    """Refuse a system disk that is declared smaller than it is, where to declare it as it is ends the matter.

    One that is larger than the free one can't be declared so: that is a difference that stays, and is named.
    """
    found, declared = system_gib(instance.cloud_disks), system_gib(inputs.cloud_disks)
    if found is None or declared is None or not declared < found <= TERMS.free_disk_gib.value:
        return
    shown = {"instance": instance.instance_id, "gib": found, "wanted": declared}
    raise ProviderError(Text.CANNOT_SHRINK(**shown), Text.DECLARE_DISK(**shown))


async def refuse_cleared(op: Operation, instance: Instance, inputs: InstanceInputs) -> None:
    """Refuse to start an instance whose disk was cleared, unless that is asked for in words: a warning then."""
    shown = await _cleared(op, instance)
    if shown is None:
        return
    if inputs.start_cleared_id != instance.instance_id:
        raise ProviderError(Text.CLEARED(**shown), Text.START_CLEARED(**shown))
    await op.warn(Text.STARTS_CLEARED(**shown))


async def warn_cleared(op: Operation, instance: Instance) -> None:
    """Say that the disk of an instance was cleared, if it was."""
    shown = await _cleared(op, instance)
    if shown is not None:
        await op.warn(Text.CLEARED(**shown))


async def _cleared(op: Operation, instance: Instance) -> dict[str, object] | None:
    """What is to be said of a disk that isn't kept any more; None for one that is, or where nobody knows."""
    if instance.status not in _CLEARED_IN:
        return None
    until = (await rest_of(op.api, instance)).kept_until
    if until is None or until > await _now(op):
        return None
    days = TERMS.disk_kept_days.value
    return {"instance": instance.instance_id, "days": days, "end": both_times(until)}


async def _now(op: Operation) -> datetime:
    return datetime.fromtimestamp(await op.clock.now(), UTC)
