"""Backup: the environment of an instance saved as an image, before a delete and when asked for.

Whether the cloud saves an instance at rest is documented nowhere, so that is tried first. Where it refuses, the
instance is started for it, guarded and within the trial like every start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, ON_THE_WAY_UP, RUNNING, STILL, UPDATING, Snapshot
from paidsw.cloud.polling import Cancelled, TimedOut, is_transient
from paidsw.provider.errors import ProviderError, why
from paidsw.provider.instance import entitlement, power, waits, wire
from paidsw.provider.instance.ascent import Ascent
from paidsw.provider.operation import Operation
from paidsw.trial.terms import TERMS

# Tens of GiB are pushed. Seconds.
DEFAULT_TIMEOUT = 60 * 60.0
# How long a snapshot is tried to be begun, over passing trouble. Seconds.
PATIENCE = 120.0
# So many last characters of an id tell instances apart in the names of their snapshots.
_TELLING = 5
_READY = STILL | {RUNNING}
# Of an instance that is started and has none, nor any declared.
_GUARDS: dict[str, Any] = {
    "sessionHours": float(TERMS.session_hours.default),
    "idleInstanceCuller": {
        "maxIdleTimeInMinutes": int(TERMS.idle_minutes.default),
        "cpuPercentThreshold": int(TERMS.idle_cpu_percent.default),
    },
}


@dataclass(frozen=True)
class Saved:
    """A snapshot, complete, and whether a machine at rest was started for it, and runs."""

    snapshot: Snapshot
    woken: bool


class NotSaved(ProviderError):
    """The environment could not be saved."""


async def before_delete(op: Operation, instance_id: str, inputs: Mapping[str, Any]) -> bool:
    """Save what is declared to be saved, and say what the delete loses. A ProviderError prevents it.

    True when a machine at rest was started for it, and runs.
    """
    backup = inputs.get("backup")

    async def read() -> Instance:
        return await op.api.get_instance(instance_id)

    try:
        # What is only said never keeps the delete waiting.
        instance = await (op.retry(read) if backup else read())
    except NotFound:
        # One answer is not enough to give up files that are to be saved; what isn't, the delete itself looks closer at.
        if not backup or await waits.vanished(op, instance_id):
            return False
        raise _kept(op, instance_id, "a read says that it is gone, and the list has it still") from None
    except (CloudError, Cancelled) as error:
        if backup:
            raise _kept(op, instance_id, _why(error, op)) from None
        return False
    if instance.status == DELETING:
        return False
    losing = f"instance {instance_id} is deleted with all files on its {_disk(instance)}"
    if not backup:
        await op.warn(f"{losing}; nothing of it is saved")
        return False
    try:
        if await _never_ran(op, instance):
            await op.warn(f"{losing}; it never ran, so nothing of it is to be saved")
            return False
        if instance.status in ON_THE_WAY_UP - {UPDATING}:
            # It may queue for hours, and is to be deleted.
            instance = await power.down(op, instance)
        saved = await save(op, instance, inputs, fresh=True)
    except Exception as error:
        raise _kept(op, instance_id, _why(error, op), await waits.glance(op, instance)) from error
    await op.warn(f"{losing}; its environment is saved: pulumi config set image {saved.snapshot.image_url}")
    return saved.woken


async def save(op: Operation, instance: Instance, inputs: Mapping[str, Any], *, fresh: bool = False) -> Saved:
    """Save the environment of an instance as the `backup` of its inputs says; the snapshot is Saved then.

    A backup that is being made already is waited for; a `fresh` one is made after it, with what was done since. An
    instance at rest that had to be started for it is stopped again after a failure.
    Raises ProviderError, CloudError, PartialFailure, Cancelled or TimedOut.
    """
    backup, woken = inputs["backup"], False
    if fresh and await _outlast(op, instance.instance_id, backup):
        # Its guards may have stopped it meanwhile.
        instance = await op.retry(lambda: op.api.get_instance(instance.instance_id))
    instance = await _ready(op, instance)
    try:
        try:
            begun = await _begin(op, instance.instance_id, backup)
        except Refused:
            if instance.status not in STILL:
                raise
            ascent = await _admitted(op, instance, inputs)
            woken = True
            await ascent.start()
            await ascent.finish()
            begun = await _begin(op, instance.instance_id, backup)
        return Saved(await _finished(op, instance.instance_id, begun), woken)
    except BaseException:
        if woken:
            await power.rest(op, instance.instance_id)
        raise


async def _ready(op: Operation, instance: Instance) -> Instance:
    """The instance at rest or running; or just saved, should it stay so."""
    if instance.status in _READY:
        return instance
    settled = await waits.settled(op, instance.instance_id)

    async def look() -> Instance | None:
        seen = await waits.seen(op, instance.instance_id)
        return seen if seen is not None and seen.status in _READY else None

    try:
        return settled if settled.status in _READY else await op.within(PATIENCE).poll(look)
    except TimedOut:
        return settled


async def _never_ran(op: Operation, instance: Instance) -> bool:
    """Whether cloud and history agree that it never ran; what isn't said counts as a run, since files may be lost."""
    if instance.status == RUNNING or instance.accumulated_running_time_in_ms != 0:
        return False
    try:
        history = await op.within(PATIENCE).retry(lambda: op.api.whole_lifecycle(instance.instance_id))
    except CloudError:
        return False
    phases = [phase.status for session in history.sessions for phase in session]
    return bool(phases) and not history.cut and RUNNING not in phases


def image_of(backup: Mapping[str, Any], name: str) -> str:
    """The address of the image that a snapshot becomes: each has a tag of its own, so that none is overwritten."""
    return f"{backup['repository']}:{name}"


async def _outlast(op: Operation, instance_id: str, backup: Mapping[str, Any]) -> bool:
    """Wait for the end, whichever, of a backup that an interrupted run began; whether there was one."""
    known = await op.within(PATIENCE).retry(lambda: op.api.list_snapshots(instance_id))
    begins = names_begin(instance_id, backup)
    going = [one for one in known if is_under_way(one, begins)]
    for one in going:
        with suppress(NotSaved, NotFound):
            await _finished(op, instance_id, one.snapshot_id)
    return bool(going)


async def _begin(op: Operation, instance_id: str, backup: Mapping[str, Any]) -> str:
    """The id of a snapshot under way: one that an interrupted run began, or a new one."""
    at = datetime.fromtimestamp(await op.clock.now(), UTC)
    begins = names_begin(instance_id, backup)
    name = f"{begins}{at:%Y%m%d-%H%M%S}"

    async def known() -> str:
        found = await op.api.list_snapshots(instance_id)
        ours = (one for one in found if one.image_url == image_of(backup, one.snapshot_name))
        return next(
            (one.snapshot_id for one in ours if one.snapshot_name == name or is_under_way(one, begins)), ""
        )

    async def attempt() -> str:
        # After a lost reply it may have begun.
        return await known() or await op.api.create_snapshot(instance_id, name, image_of(backup, name))

    try:
        return await op.within(PATIENCE).retry(attempt)
    except Refused as error:
        begun = "" if is_transient(error) else await op.within(PATIENCE).retry(known)
        if begun:
            return begun
        raise


def names_begin(instance_id: str, backup: Mapping[str, Any]) -> str:
    """How the names of an instance's snapshots begin: many may be saved to one repository at the same time."""
    own = re.sub(r"[^a-z0-9]", "", instance_id.lower())[-_TELLING:]
    return f"{backup['snapshot']}-{own}-"


def is_under_way(one: Snapshot, begins: str) -> bool:
    """Whether a backup under names that begin so is being made."""
    return re.fullmatch(re.escape(begins) + r"\d{8}-\d{6}", one.snapshot_name) is not None and not one.ended


async def _finished(op: Operation, instance_id: str, snapshot_id: str) -> Snapshot:
    lag = waits.READS_THAT_MAY_LAG

    async def look() -> Snapshot | None:
        nonlocal lag
        try:
            found = await op.api.get_snapshot(instance_id, snapshot_id)
        except NotFound:
            lag -= 1
            if lag < 0:
                raise
            return None
        await op.report(f"saving the environment: {found.status}")
        return found if found.ended else None

    found = await op.poll_with_retries(look)
    if not found.saved:
        why = found.reason or "no reason given"
        raise NotSaved(f"snapshot {found.snapshot_name} is {found.status}: {why}")
    return found


async def _admitted(op: Operation, instance: Instance, inputs: Mapping[str, Any]) -> Ascent:
    """The start of an instance at rest, which the trial pays for as it is, whatever is declared."""
    await op.tell(
        f"instance {instance.instance_id} is at rest, and the cloud saves a running one only: it is started"
    )
    instance = await op.retry(lambda: op.api.get_instance(instance.instance_id))
    found = wire.seen_inputs(instance, op.api.region)
    own = {name: found[name] for name in _GUARDS if name in found}
    guarded = {**_GUARDS, **own, **inputs, "ecsSpec": instance.ecs_spec}
    await entitlement.settle(op, instance.instance_id, guarded, starts=True)
    return Ascent(op, guarded, instance)


def _why(error: Exception, op: Operation) -> str:
    if isinstance(error, Cancelled):
        return "that was cancelled"
    if isinstance(error, TimedOut):
        return f"it took longer than {op.timeout:.0f} s"
    return why(error)


def _kept(op: Operation, instance_id: str, why: str, instance: Instance | None = None) -> ProviderError:
    state = "it is at rest" if instance is not None and instance.status in STILL else "its guards go on"
    return ProviderError(
        f"instance {instance_id} is not deleted, since its environment could not be saved ({why}); {state}: "
        "mend that and run pulumi destroy again, or give its files up with "
        f"dsw release {instance_id} --region {op.api.region}"
    )


def _disk(instance: Instance) -> str:
    sizes = [disk.capacity for disk in instance.cloud_disks]
    return f"disk ({', '.join(sizes)})" if sizes else "disk"
