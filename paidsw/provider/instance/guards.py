"""Timer and culler: no instance runs without one of them.

Order: the timer first, then the culler. The timer is changed under the culler and the culler under the timer, so
that at no moment both are missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal

from paidsw.cloud import CloudError, Culler, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, DOWN, RUNNING, STILL, ShutdownTimer
from paidsw.cloud.polling import is_transient
from paidsw.core.times import both_times
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import labels, waiters
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Admission, Operation
from paidsw.trial.budget import Bound, floored
from paidsw.trial.terms import TERMS

# A timer has at least this long to run, so that shortening a session gives time to save work. Seconds.
SHORTEST_TIMER = 300.0
# A timer that ends so near to the wanted time is the wanted one.
_SAME_SECONDS = 120.0
_ATTEMPTS = 3
_WHY_NO_LONGER = {
    Bound.QUOTA: Text.QUOTA_PAYS_NO_MORE,
    Bound.MONTH: Text.MONTH_ENDS,
    Bound.TRIAL: Text.TRIAL_ENDS,
}
# A timer that ends later than the longest session, and this much, stops nothing in time. Milliseconds.
_LONGEST_TIMER = int(TERMS.session_hours.maximum * 3_600_000) + 120_000


def timer(instance: Instance) -> ShutdownTimer | None:
    """The shutdown timer, unless it ends later than any session may: set so in the console it guards nothing."""
    found = instance.instance_shutdown_timer
    return found if found is not None and found.remaining_time_in_ms <= _LONGEST_TIMER else None


def culler(inputs: InstanceInputs) -> Culler | None:
    """The declared idle shutdown."""
    declared = inputs.idle_instance_culler
    return None if declared is None else Culler.model_validate(declared.model_dump(exclude_unset=True))


def unguarded(instance: Instance) -> bool:
    """Whether a machine runs, or soon will, that nothing would stop."""
    guarded = timer(instance) or instance.idle_instance_culler
    return not guarded and instance.status not in DOWN


def complete(instance: Instance, inputs: InstanceInputs) -> bool:
    """Whether the guards are as declared."""
    timed = timer(instance) is not None or inputs.session_hours is None
    return timed and _same(instance.idle_instance_culler, culler(inputs))


async def put(
    op: Operation, instance: Instance, inputs: InstanceInputs, admission: Admission
) -> tuple[Instance, CloudError | None]:
    """Make the calls that `instance` lacks; the instance after them, and the first error.

    An error with one guard doesn't keep the other from being set: any guard is better than none.
    """
    trouble: CloudError | None = None
    calls: tuple[Callable[[Instance], Awaitable[Instance]], ...] = (
        lambda one: _put_timer(op, one, inputs, admission),
        lambda one: put_culler(op, one, inputs),
    )
    for call in calls:
        try:
            instance = await call(instance)
        except CloudError as error:
            trouble = trouble or error
    return instance, trouble


async def _put_timer(
    op: Operation, instance: Instance, inputs: InstanceInputs, admission: Admission
) -> Instance:
    hours = inputs.session_hours
    if hours is None or timer(instance) is not None or instance.status in DOWN:
        return instance
    if instance.instance_shutdown_timer is not None:
        await absent_is_fine(op.api.delete_timer(instance.instance_id))
    seconds = admission.timer(hours)
    await op.api.create_timer(instance.instance_id, seconds)
    made = ShutdownTimer(remaining_time_in_ms=int(seconds * 1000))
    return instance.model_copy(update={"instance_shutdown_timer": made})


async def put_culler(op: Operation, instance: Instance, inputs: InstanceInputs) -> Instance:
    """Make the idle shutdown what is declared; the instance after that."""
    declared, found = culler(inputs), instance.idle_instance_culler
    if _same(found, declared) or instance.status == DELETING:
        return instance
    if found is not None:
        if timer(instance) is None and instance.status not in STILL:
            return instance  # not without a timer above it
        await absent_is_fine(op.api.delete_culler(instance.instance_id))
    if declared is not None:
        await op.api.create_culler(instance.instance_id, declared)
    return instance.model_copy(update={"idle_instance_culler": declared})


async def renew_culler(
    op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs
) -> Instance:
    """Set the idle shutdown again where it has a threshold that was declared and isn't any more."""
    was, wanted, found = culler(old), culler(new), instance.idle_instance_culler
    if was is None or wanted is None or found is None or not _dropped(was, wanted, found):
        return instance
    if instance.status not in waiters.SETTLED:
        instance = await waiters.until_settled(op, instance.instance_id)
    stopped = instance.status in STILL
    if timer(instance) is None and not stopped:
        return instance  # not without a timer above it
    try:
        await op.retry(lambda: absent_is_fine(op.api.delete_culler(instance.instance_id)))
    except Refused:
        if not stopped:
            raise
        return instance  # perhaps it takes none while it is stopped
    if not stopped:
        await op.retry(lambda: _create_culler(op, instance.instance_id, wanted))
    return instance.model_copy(update={"idle_instance_culler": None if stopped else wanted})


async def _create_culler(op: Operation, instance_id: str, wanted: Culler) -> None:
    try:
        await op.api.create_culler(instance_id, wanted)
    except Refused as error:
        # After a lost reply it may be there already.
        if is_transient(error) or not _same(
            (await op.api.get_instance(instance_id)).idle_instance_culler, wanted
        ):
            raise


def _dropped(was: Culler, wanted: Culler, found: Culler) -> bool:
    """Whether the cloud still has a threshold that was declared and isn't any more."""
    old, new, actual = (one.model_dump(exclude_none=True) for one in (was, wanted, found))
    return any(actual.get(name) == old[name] for name in old.keys() - new.keys())


def _same(found: Culler | None, declared: Culler | None) -> bool:
    if found is None or declared is None:
        return found is declared
    return found.model_dump(exclude_none=True).items() >= declared.model_dump(exclude_none=True).items()


def moved_session(instance: Instance, hours: float, admission: Admission) -> float | None:
    """Seconds until the end of a running session whose length becomes `hours`, from its start; None if it stays.

    Where it isn't known how long it was before, it ends no later than a session that starts now.
    """
    current, before = timer(instance), labels.session_hours(instance.labels)
    if current is None or hours == before or instance.status != RUNNING:
        return None
    left = current.remaining_time_in_ms / 1000
    seconds = hours * 3600
    if before is None:
        seconds = min(left, seconds)
    elif hours < before:
        seconds = max(SHORTEST_TIMER, min(left + (hours - before) * 3600, seconds))
    else:
        seconds = max(left, min(left + (hours - before) * 3600, seconds, admission.longest))
    return None if abs(seconds - left) < _SAME_SECONDS else seconds


async def tell_moved(op: Operation, instance: Instance, seconds: float, admission: Admission) -> None:
    """Say when the timer of a session that is moved stops it."""
    at = datetime.fromtimestamp(await op.clock.now() + seconds, UTC)
    hours = floored(Decimal(int(seconds)) / 3600, "0.01").normalize()
    plan = admission.plan
    why = _WHY_NO_LONGER.get(plan.session.bound) if plan and seconds == admission.longest else None
    shown = {"instance": instance.instance_id, "hours": f"{hours:f}", "at": both_times(at)}
    await op.tell(Text.SESSION_MOVED(**shown) if why is None else Text.SESSION_MOVED_LESS(**shown, why=why()))


async def move_session(op: Operation, instance: Instance, hours: float, admission: Admission) -> Instance:
    """Move the end of a running session as a longer or shorter `sessionHours` says."""
    seconds = moved_session(instance, hours, admission)
    if seconds is None:
        return instance
    if instance.idle_instance_culler is None:
        raise ProviderError(Text.SESSION_NOT_MOVED(instance=instance.instance_id), Text.SET_IDLE_SHUTDOWN())
    await tell_moved(op, instance, seconds, admission)
    # If this run is killed now, its timer isn't what its label says.
    await op.retry(lambda: op.api.put_labels(instance.instance_id, labels.MOVING))
    await set_timer(op, instance, seconds)
    return await op.retry(lambda: op.api.get_instance(instance.instance_id))


async def set_timer(op: Operation, instance: Instance, seconds: float) -> None:
    """Let the timer end the session in so many seconds; nothing where no culler would guard it meanwhile."""
    if instance.idle_instance_culler is None:
        return None
    for _ in range(_ATTEMPTS):
        # Under the culler, which is there. The API has no change of a timer, only delete and create.
        await op.retry(lambda: absent_is_fine(op.api.delete_timer(instance.instance_id)))
        try:
            return await op.retry(lambda: op.api.create_timer(instance.instance_id, seconds))
        except Refused as error:
            # After a lost reply the timer may be there already, the new one or still the old one.
            found = (
                await op.retry(lambda: op.api.get_instance(instance.instance_id))
            ).instance_shutdown_timer
            if found is None:
                raise
            if abs(found.remaining_time_in_ms / 1000 - seconds) < _SAME_SECONDS:
                return None
            refusal = error
    raise refusal


async def absent_is_fine(call: Awaitable[None]) -> None:
    """Treat the removal of something that isn't there as success."""
    try:
        await call
    except NotFound:
        return
