"""Backup: the environment of an instance saved as an image, before a delete and when asked for.

Whether the cloud saves a stopped instance is documented nowhere, so that is tried first. Where it refuses, the
instance is started for it, guarded and within the trial like every start.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, ON_THE_WAY_UP, RUNNING, STILL, UPDATING, Snapshot
from paidsw.cloud.polling import TimedOut, is_transient
from paidsw.core.messages import Message
from paidsw.core.redaction import redacted
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import api, disk, entitlement, power, waiters
from paidsw.provider.instance.failures import why
from paidsw.provider.instance.inputs import Backup, IdleInstanceCuller, InstanceInputs
from paidsw.provider.instance.startup import Startup
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.trial.terms import TERMS

# Tens of GiB are pushed. Seconds.
DEFAULT_TIMEOUT = 60 * 60.0
# How long the begin of a snapshot is retried. Seconds.
PATIENCE = 120.0
# So many last characters of an id tell instances apart in the names of their snapshots.
_TELLING = 5
_READY = STILL | {RUNNING}
# For an instance that is started and has none, declared or set.
_SESSION_HOURS = float(TERMS.session_hours.default)
_CULLER = IdleInstanceCuller.of(
    {
        "maxIdleTimeInMinutes": int(TERMS.idle_minutes.default),
        "cpuPercentThreshold": int(TERMS.idle_cpu_percent.default),
    }
)


@dataclass(frozen=True)
class Saved:
    """A snapshot, complete, and whether a stopped machine was started for it, and runs."""

    snapshot: Snapshot
    started: bool


@dataclass(frozen=True, slots=True)
class Parting:
    """What a delete loses, to be said once it is done, and whether a stopped machine was started before, and runs."""

    loss: Message | None = None
    started: bool = False


class NotSaved(ProviderError):
    """The environment could not be saved."""


async def before_delete(op: Operation, instance: Instance, inputs: InstanceInputs) -> Parting:
    """Save what is declared to be saved of an instance. A ProviderError prevents its delete."""
    backup, instance_id = inputs.backup, instance.instance_id
    if instance.status == DELETING:
        return Parting()

    def parting(rest: Message, *, started: bool = False) -> Parting:
        return Parting(Text.LOSING(instance=instance_id, disk=_disk(instance), rest=rest), started)

    if not backup:
        return parting(Text.NOTHING_SAVED())
    try:
        if await _never_ran(op, instance):
            return parting(Text.NEVER_RAN())
        if instance.status in ON_THE_WAY_UP - {UPDATING}:
            # It may queue for hours, and is to be deleted.
            instance = await power.stop_and_wait(op, instance)
        saved = await save(op, instance, inputs, backup, fresh=True)
    except Exception as error:
        raise kept(
            op,
            instance_id,
            why(error, op.timeout),
            await waiters.latest(op, instance),
            billed=isinstance(error, entitlement.NotAdmitted),
        ) from error
    image = saved.snapshot.image_url
    rest = Text.SAVED(image=image) if redacted(image) == image else Text.SAVED_UNSHOWN()
    # Whatever becomes of the delete.
    await op.tell(rest)
    return parting(rest, started=saved.started)


async def save(
    op: Operation, instance: Instance, inputs: InstanceInputs, backup: Backup, *, fresh: bool = False
) -> Saved:
    """Save the environment of an instance of these `inputs`; the snapshot is Saved then.

    A backup that is being made already is waited for; a `fresh` one is made after it, with what was done since. A
    stopped instance that had to be started for it is stopped again after a failure.
    Raises ProviderError, CloudError, Cancelled or TimedOut.
    """
    started = False
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
            startup = await _startup(op, instance, inputs)
            started = True
            await startup.start()
            await startup.finish()
            begun = await _begin(op, instance.instance_id, backup)
        return Saved(await _finished(op, instance.instance_id, begun), started)
    except BaseException:
        if started:
            await power.stop_again(op, instance.instance_id)
        raise


async def _ready(op: Operation, instance: Instance) -> Instance:
    """The instance stopped or running; or just saved, if it stays so."""
    if instance.status in _READY:
        return instance
    settled = await waiters.until_settled(op, instance.instance_id)

    async def look() -> Instance | None:
        found = await waiters.read(op, instance.instance_id)
        return found if found is not None and found.status in _READY else None

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


def image_of(backup: Backup, name: str) -> str:
    """The address of the image that a snapshot becomes: each has a tag of its own, so that none is overwritten."""
    return f"{backup.repository}:{name}"


async def _outlast(op: Operation, instance_id: str, backup: Backup) -> bool:
    """Wait until a backup that an interrupted run began has ended; whether there was one."""
    known = await op.within(PATIENCE).retry(lambda: op.api.list_snapshots(instance_id))
    begins = names_begin(instance_id, backup)
    going = [one for one in known if is_under_way(one, begins)]
    for one in going:
        with suppress(NotSaved, NotFound):
            await _finished(op, instance_id, one.snapshot_id)
    return bool(going)


async def _begin(op: Operation, instance_id: str, backup: Backup) -> str:
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


def names_begin(instance_id: str, backup: Backup) -> str:
    """How the names of an instance's snapshots begin: many may be saved to one repository at the same time."""
    own = re.sub(r"[^a-z0-9]", "", instance_id.lower())[-_TELLING:]
    return f"{backup.snapshot}-{own}-"


def is_under_way(one: Snapshot, begins: str) -> bool:
    """Whether a backup under names that begin so is being made."""
    return re.fullmatch(re.escape(begins) + r"\d{8}-\d{6}", one.snapshot_name) is not None and not one.ended


async def _finished(op: Operation, instance_id: str, snapshot_id: str) -> Snapshot:
    lag = waiters.READS_THAT_MAY_LAG

    async def look() -> Snapshot | None:
        nonlocal lag
        try:
            found = await op.api.get_snapshot(instance_id, snapshot_id)
        except NotFound:
            lag -= 1
            if lag < 0:
                raise
            return None
        await op.report(Text.SAVING(status=found.status))
        return found if found.ended else None

    found = await op.poll_with_retries(look)
    if not found.saved:
        reason = found.reason or Text.NO_REASON_GIVEN()
        raise NotSaved(Text.SNAPSHOT_FAILED(name=found.snapshot_name, status=found.status, why=reason))
    return found


async def _startup(op: Operation, instance: Instance, inputs: InstanceInputs) -> Startup:
    """The start of a stopped instance, which the trial pays for as it is, whatever is declared."""
    await op.tell(Text.STARTED_TO_SAVE(instance=instance.instance_id))
    await disk.warn_cleared(op, instance)
    instance = await op.retry(lambda: op.api.get_instance(instance.instance_id))
    found = api.inputs_of(instance, op.api.region)
    guarded = inputs.model_copy(
        update={
            "session_hours": inputs.session_hours or found.session_hours or _SESSION_HOURS,
            "idle_instance_culler": inputs.idle_instance_culler or found.idle_instance_culler or _CULLER,
            "ecs_spec": instance.ecs_spec,
        }
    )
    admission = await entitlement.admit_existing(op, instance.instance_id, guarded, starts=True)
    return Startup(op, guarded, instance, admission)


def kept(
    op: Operation,
    instance_id: str,
    why: Message | str,
    instance: Instance | None = None,
    *,
    billed: bool = False,
) -> ProviderError:
    """The error for an instance that stays, since it isn't saved; `billed`: a start that is billed would save it."""
    stopped = instance is not None and instance.status in STILL
    state = Text.IT_IS_STOPPED() if stopped else Text.GUARDS_STAY()
    fix = Text.FIX_OR_BILL() if billed else Text.FIX()
    give_up = Text.OR_GIVE_UP(fix=fix, instance=instance_id, options=op.api.options)
    return ProviderError(Text.KEPT(instance=instance_id, why=why, state=state), give_up)


def _disk(instance: Instance) -> Message:
    sizes = ", ".join(disk.capacity for disk in instance.cloud_disks)
    return Text.DISK_SIZES(sizes=sizes) if sizes else Text.DISK()
