"""The shutdown timer of an instance. It belongs to a session: when the instance has stopped it is gone."""

from __future__ import annotations

from ..errors import ApiError, invalid
from ..lifecycle import RESTING, note_guards
from ..models import DAY, Instance, Json, Millis, Timer
from ..routing import Call, operation
from .instances import ONE, check_guardable, target
from .views import timer

PATH = ONE + "/shutdowntimer"
# The documentation names no bound; a time that no calendar holds can't be answered.
MAX_REMAINING: Millis = 10 * 366 * DAY


@operation("dsw", "POST", PATH, "CreateInstanceShutdownTimer")
def create_timer(call: Call) -> Json:
    """Set the timer, by its time or by what remains until then."""
    instance = target(call)
    switches = call.cloud.state.settings
    if instance.timer is not None and switches.timer_exists == "refuse":
        raise invalid(f"instance {instance.id} already has a shutdown timer")
    if _halted(instance) and switches.timer_when_stopped == "refuse":
        raise invalid(
            f"instance {instance.id} is {instance.status}: a shutdown timer needs a running instance"
        )
    check_guardable(call, instance)
    instance.timer = Timer(_due(call), call.now, call.now)
    note_guards(instance, call.now)
    return {"InstanceId": instance.id}


def _halted(instance: Instance) -> bool:
    return instance.status in RESTING | {"Stopping", "ArrearStopping", "Deleting"}


def _due(call: Call) -> Millis:
    remaining = call.body.integer("RemainingTimeInMs", high=MAX_REMAINING)
    due = call.body.moment("DueTime")
    if (remaining is None) == (due is None):
        raise invalid("exactly one of DueTime and RemainingTimeInMs must be given")
    if due is None:
        return call.now + (remaining or 0)
    if not 0 < due - call.now <= MAX_REMAINING:
        raise invalid("DueTime must lie in the future, within ten years")
    return due


@operation("dsw", "GET", PATH, "GetInstanceShutdownTimer")
def get_timer(call: Call) -> Json:
    """The timer."""
    instance = call.cloud.see_instance(call.params["InstanceId"], call.region)
    if instance.timer is None:
        raise _none(instance.id)
    return timer(instance, call.now)


@operation("dsw", "DELETE", PATH, "DeleteInstanceShutdownTimer")
def delete_timer(call: Call) -> Json:
    """Remove the timer."""
    instance = target(call)
    if instance.timer is None:
        raise _none(instance.id)
    instance.timer = None
    note_guards(instance, call.now)
    return {"InstanceId": instance.id}


def _none(instance_id: str) -> ApiError:
    return ApiError(404, "ValidationError", f"instance {instance_id} has no shutdown timer")
