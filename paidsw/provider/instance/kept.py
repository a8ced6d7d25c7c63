"""Until when the cloud keeps the disk of an instance at rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from paidsw.cloud import CloudError, DswClient, Instance
from paidsw.cloud.models import STOPPED
from paidsw.core.times import written
from paidsw.core.values import Node
from paidsw.rules.disks import capacity_gib
from paidsw.trial.terms import TERMS


async def since(api: DswClient, instance: Instance) -> datetime | None:
    """When the instance took on its status, by its lifecycle; None where that can't be read."""
    try:
        sessions = await api.get_lifecycle(instance.instance_id)
    except CloudError:
        return None
    last = sessions[-1][-1] if sessions else None
    return last.gmt_create_time if last and last.status == instance.status else None


def until(instance: Instance, stopped: datetime | None) -> datetime | None:
    """When the disk of an instance that is `stopped` since then is cleared; None when it isn't, or nobody knows.

    A disk larger than the free one is paid for, so it is never cleared.
    """
    if instance.status != STOPPED or stopped is None or _is_paid_for(instance):
        return None
    return stopped + timedelta(days=TERMS.disk_kept_days.value)


async def told(api: DswClient, instance: Instance) -> str:
    """The same as UTC text like 2026-01-20T04:00:00Z, asked for where it matters; empty for None."""
    at = until(instance, await since(api, instance)) if instance.status == STOPPED else None
    return "" if at is None else written(at)


def _is_paid_for(instance: Instance) -> bool:
    sizes = [capacity_gib(Node("", {"capacity": disk.capacity})) for disk in instance.cloud_disks]
    return any(size is None or size > TERMS.free_disk_gib.value for size in sizes)
