"""The guards of an instance: shutdown timer and idle culler.

A timer belongs to a session: when the instance has stopped it is gone. There is one culler, and to change it is to
delete it and create another.
"""

from __future__ import annotations

from ...catalogue import SPECS
from ...clock import DAY, Millis
from ...errors import ApiError, invalid
from ...request import Call, Json
from ..lifecycle import RESTING
from ..models import Culler, Instance, Timer
from . import describe
from .instances import target

# The documentation names no bound; a time that no calendar holds can't be answered.
MAX_REMAINING: Millis = 10 * 366 * DAY


def create_timer(call: Call) -> Json:
    """Set the timer, by its time or by what remains until then."""
    instance = target(call)
    switches = call.account.state.settings
    if instance.timer is not None and switches.timer_exists == "refuse":
        raise invalid(f"instance {instance.id} already has a shutdown timer")
    if _halted(instance) and switches.timer_when_stopped == "refuse":
        raise invalid(
            f"instance {instance.id} is {instance.status}: a shutdown timer needs a running instance"
        )
    _check_guardable(call, instance)
    instance.timer = Timer(_due(call), call.now, call.now)
    instance.note_guards(call.now)
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


def get_timer(call: Call) -> Json:
    """The timer."""
    instance = call.account.see_instance(call.params["InstanceId"], call.region)
    if instance.timer is None:
        raise _no_timer(instance.id)
    return describe.timer(instance, call.now)


def delete_timer(call: Call) -> Json:
    """Remove the timer."""
    instance = target(call)
    if instance.timer is None:
        raise _no_timer(instance.id)
    instance.timer = None
    instance.note_guards(call.now)
    return {"InstanceId": instance.id}


def _no_timer(instance_id: str) -> ApiError:
    return ApiError(404, "ValidationError", f"instance {instance_id} has no shutdown timer")


def create_culler(call: Call) -> Json:
    """Set the culler; the GPU threshold is for GPU types only."""
    instance = target(call)
    if instance.culler is not None:
        raise invalid(f"instance {instance.id} already has an idle culler")
    _check_guardable(call, instance)
    cpu = call.body.integer("CpuPercentThreshold", high=100)
    gpu = call.body.integer("GpuPercentThreshold", high=100)
    minutes = call.body.integer("MaxIdleTimeInMinutes")
    if minutes is None or (cpu is None and gpu is None):
        raise invalid("MaxIdleTimeInMinutes and a threshold are mandatory")
    spec = SPECS.get(instance.ecs_spec)
    if gpu is not None and (spec is None or not spec.gpu):
        raise invalid(f"GpuPercentThreshold is for GPU instances only, and {instance.ecs_spec} has no GPU")
    instance.culler = Culler(minutes, cpu, gpu, call.now)
    instance.note_guards(call.now)
    return {"InstanceId": instance.id}


def get_culler(call: Call) -> Json:
    """The culler."""
    instance = call.account.see_instance(call.params["InstanceId"], call.region)
    if instance.culler is None:
        raise _no_culler(instance.id)
    return describe.culler(instance, call.now)


def delete_culler(call: Call) -> Json:
    """Remove the culler."""
    instance = target(call)
    if instance.culler is None:
        raise _no_culler(instance.id)
    instance.culler = None
    instance.note_guards(call.now)
    return {"InstanceId": instance.id}


def _no_culler(instance_id: str) -> ApiError:
    return ApiError(404, "ValidationError", f"instance {instance_id} has no idle culler")


def _check_guardable(call: Call, instance: Instance) -> None:
    """No source says from which status on an instance takes a timer or a culler."""
    if call.account.state.settings.guards_need_running and instance.status != "Running":
        raise invalid(f"instance {instance.id} is {instance.status}: guards are set on a running instance")
