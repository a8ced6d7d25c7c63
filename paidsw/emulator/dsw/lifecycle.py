"""The state machine of an instance: which status follows when, and what happens on the way.

Every function takes the time at which it happens. Nothing here reads a clock, so that a clock moved by a
month goes through every due moment in order.
"""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Iterable

from ..aiworkspace.models import Image
from ..catalogue import registry
from ..clock import DAY, MINUTE, Millis
from ..ledger import meters
from ..ledger.tariff import Tariff
from ..state import DURATIONS, State
from .models import Instance, Phase, Snapshot, Step

GONE = "Gone"
STARTABLE = frozenset({"Stopped", "Failed"})
# Of these, Arrearge ends only when the account is settled.
RESTING = STARTABLE | {"Arrearge"}
STOPPABLE = frozenset(
    {
        "Creating",
        "ResourceAllocating",
        "EnvPreparing",
        "Starting",
        "Running",
        "Queuing",
        "Recovering",
        "Saved",
        "SaveFailed",
    }
)
# From the first of these on a machine exists and is metered, however the instance got there.
MACHINE_ON = frozenset({"EnvPreparing", "Starting", "Running"})
_START = ("ResourceAllocating", "EnvPreparing", "Starting")


def plan(state: State, instance: Instance, now: Millis, *statuses: str) -> None:
    """Replace what is pending: enter the first status now, each next one when the one before has passed."""
    at = now
    steps = []
    for status in statuses:
        steps.append(Step(status, at))
        at += state.settings.duration(status) if status in DURATIONS else 0
    enter(state, instance, steps[0], now)
    instance.pending = steps[1:]


def begin(state: State, instance: Instance, now: Millis) -> None:
    """A new instance: created, and started at once."""
    _start(state, instance, now, "Creating")


def start(state: State, instance: Instance, now: Millis) -> None:
    """Start a stopped or failed instance: a new session of its lifecycle."""
    instance.session += 1
    _start(state, instance, now)


def _start(state: State, instance: Instance, now: Millis, *before: str) -> None:
    sold_out = state.settings.is_sold_out(instance.region, instance.ecs_spec)
    if sold_out and state.settings.when_sold_out == "queue":
        plan(state, instance, now, *before, "Queuing")
        return
    if sold_out:
        plan(state, instance, now, *before, "ResourceAllocating", "Failed")
        instance.pending[-1].reason_code = "ResourceNotEnough"
        instance.pending[-1].reason_message = f"no stock of {instance.ecs_spec} in {instance.region}"
        return
    plan(state, instance, now, *before, *_START, "Running")
    if _foreign_registry(instance):
        fail(instance, "ImagePullBackOff", f"cannot pull {instance.spec.ImageUrl}")


def fail(instance: Instance, code: str, message: str) -> None:
    """Let a start under way end in Failed, with this reason, where it would have ended in Running."""
    for step in instance.pending:
        if step.status == "Running":
            step.status, step.reason_code, step.reason_message = "Failed", code, message


def stick(instance: Instance, status: str) -> None:
    """Let an instance stay for good in a status, the present one or one that is pending."""
    if instance.status == status:
        instance.pending = []
        return
    kept: list[Step] = []
    for step in instance.pending:
        kept.append(step)
        if step.status == status:
            instance.pending = kept
            return


def _foreign_registry(instance: Instance) -> bool:
    host = instance.spec.ImageUrl.partition("/")[0]
    return host.startswith("dsw-registry-vpc.") and host != registry(instance.region)


def stop(state: State, instance: Instance, now: Millis, *, save: bool = False) -> None:
    """Stop; the machine bills until it has stopped."""
    plan(state, instance, now, *(("Saving", "Stopping") if save else ("Stopping",)), "Stopped")


def update(state: State, instance: Instance, now: Millis, *, then_start: bool) -> None:
    """Go through Updating and back to where the instance was, or on to Running."""
    if then_start and instance.status in STARTABLE:
        instance.session += 1
        _start(state, instance, now, "Updating")
    else:
        plan(state, instance, now, "Updating", instance.status)


def delete(state: State, instance: Instance, now: Millis) -> None:
    """Delete; the instance is gone for good when Deleting has passed."""
    plan(state, instance, now, "Deleting", GONE)


def enter(state: State, instance: Instance, step: Step, now: Millis) -> None:
    """Enter a status, with everything that follows from it."""
    instance.reason_code, instance.reason_message = step.reason_code, step.reason_message
    if step.status == GONE:
        _remove(state, instance, now)
        return
    _log(instance, step, now)
    instance.status = step.status
    instance.modified = now
    if step.status in MACHINE_ON and not instance.machine_on:
        _machine(state, instance, now, on=True)
    elif step.status in RESTING:
        _halted(state, instance, now)
    if step.status == "Running":
        instance.running_since = instance.idle_since = now
    elif instance.running_since is not None:
        instance.ran_ms += now - instance.running_since
        instance.running_since = instance.idle_since = None
    instance.note_guards(now)


def _log(instance: Instance, step: Step, now: Millis) -> None:
    if instance.phases:
        instance.phases[-1].end = now
    phase = Phase(
        f"lc-{secrets.token_hex(6)}",
        instance.session,
        step.status,
        now,
        reason_code=step.reason_code,
        reason_message=step.reason_message,
    )
    instance.phases.append(phase)
    level = "ERROR" if step.status == "Failed" else "INFO"
    instance.note(now, level, f"status {step.status} {step.reason_code} {step.reason_message}".rstrip())


def _machine(state: State, instance: Instance, now: Millis, *, on: bool) -> None:
    instance.machine_on = on
    if on:
        instance.stopped_since = None
        meters.open_compute(state, instance, now)
    else:
        meters.close(state, instance.id, "compute", now)


def _halted(state: State, instance: Instance, now: Millis) -> None:
    _machine(state, instance, now, on=False)
    # A timer belongs to a session: the next start needs a new one.
    instance.timer = None
    if instance.stopped_since is None:
        instance.stopped_since = now


def _remove(state: State, instance: Instance, now: Millis) -> None:
    _machine(state, instance, now, on=False)
    meters.close(state, instance.id, "disk", now)
    instance.note_guards(now)
    del state.instances[instance.id]


# --- what is due, and when ---


def _cull_at(state: State, instance: Instance) -> Millis | None:
    culler = instance.culler
    counts = state.settings.culler_fires and instance.status == "Running" and instance.idle
    if not counts or culler is None or instance.idle_since is None:
        return None
    return max(instance.idle_since, culler.created) + culler.max_idle_minutes * MINUTE


def _clear_at(instance: Instance, tariff: Tariff) -> Millis | None:
    # A disk that was expanded is paid for, so it is kept.
    if instance.stopped_since is None or instance.disk_cleared or instance.disk_gib > tariff.free_disk_gib:
        return None
    return instance.stopped_since + tariff.kept_days * DAY


def _timer_at(instance: Instance) -> Millis | None:
    if instance.timer is None or instance.status not in STOPPABLE | {"Saving", "Updating"}:
        return None
    return instance.timer.due


def next_due(state: State, instance: Instance, tariff: Tariff) -> Millis | None:
    """The next time at which something happens to an instance by itself."""
    times = [
        instance.pending[0].at if instance.pending else None,
        _timer_at(instance),
        _cull_at(state, instance),
        _clear_at(instance, tariff),
        *(snapshot.due for snapshot in instance.snapshots),
    ]
    return min((at for at in times if at is not None), default=None)


def fire(state: State, instance: Instance, now: Millis, tariff: Tariff) -> None:
    """Do one thing that is due; a planned status comes before a guard that is due at the same time."""
    if instance.pending and instance.pending[0].at <= now:
        step = instance.pending.pop(0)
        enter(state, instance, step, now)
    elif _is_due(_timer_at(instance), now):
        instance.timer = None
        instance.note(now, "WARN", "the shutdown timer stops the instance")
        stop(state, instance, now)
    elif _is_due(_cull_at(state, instance), now):
        instance.note(now, "WARN", "the idle culler stops the instance")
        stop(state, instance, now)
    elif _is_due(_clear_at(instance, tariff), now):
        instance.disk_cleared = True
        instance.note(now, "WARN", f"the system disk is cleared after {tariff.kept_days} days stopped")
    else:
        _save_snapshots(state, instance, now)


def _save_snapshots(state: State, instance: Instance, now: Millis) -> None:
    """Move the snapshots that are due to their next status: Committing, Pushing, Saved."""
    for snapshot in instance.snapshots:
        if _is_due(snapshot.due, now):
            _save_snapshot(state, instance, snapshot, now)


def _save_snapshot(state: State, instance: Instance, snapshot: Snapshot, now: Millis) -> None:
    snapshot.modified = now
    if snapshot.reason_code:
        snapshot.status, snapshot.due = "Failed", None
    elif snapshot.status == "Committing":
        snapshot.status, snapshot.due = "Pushing", now + state.settings.duration("Pushing")
    else:
        snapshot.status, snapshot.due = "Saved", None
        state.images[snapshot.image_id] = Image(
            snapshot.image_id, instance.region, instance.workspace_id, snapshot.name, snapshot.image_url, now
        )
    instance.note(now, "INFO", f"snapshot {snapshot.id} {snapshot.status}")


def _is_due(at: Millis | None, now: Millis) -> bool:
    return at is not None and at <= now


def first_due(state: State, tariff: Tariff) -> Millis:
    """The next time at which anything happens by itself; far away when nothing will."""
    times = (next_due(state, instance, tariff) for instance in state.instances.values())
    return min((at for at in times if at is not None), default=2**62)


def run_until(state: State, end: Millis, tariff: Tariff) -> Iterable[Millis]:
    """Do everything that is due up to a time, in order; yields each moment at which something happened."""
    queue = [
        (due, instance.id)
        for instance in state.instances.values()
        if (due := next_due(state, instance, tariff)) is not None and due <= end
    ]
    heapq.heapify(queue)
    while queue:
        due, instance_id = heapq.heappop(queue)
        moment = max(due, state.settled)
        state.settled = moment
        instance = state.instances[instance_id]
        fire(state, instance, moment, tariff)
        yield moment
        again = next_due(state, instance, tariff) if instance_id in state.instances else None
        if again is not None and again <= end:
            heapq.heappush(queue, (again, instance_id))
    state.settled = max(state.settled, end)
