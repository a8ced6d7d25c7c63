"""The idle culler of an instance: one, and to change it is to delete it and create another."""

from __future__ import annotations

from ..catalogue import SPECS
from ..errors import ApiError, invalid
from ..lifecycle import note_guards
from ..models import Culler, Json
from ..routing import NO_HTTP, Call, operation
from .instances import ONE, check_guardable, target
from .views import culler

PATH = ONE + "/idleinstanceculler"


@operation("dsw", "POST", PATH, "CreateIdleInstanceCuller", NO_HTTP)
def create_culler(call: Call) -> Json:
    """Set the culler; the GPU threshold is for GPU types only."""
    instance = target(call)
    if instance.culler is not None:
        raise invalid(f"instance {instance.id} already has an idle culler")
    check_guardable(call, instance)
    cpu = call.body.integer("CpuPercentThreshold", high=100)
    gpu = call.body.integer("GpuPercentThreshold", high=100)
    minutes = call.body.integer("MaxIdleTimeInMinutes")
    if minutes is None or (cpu is None and gpu is None):
        raise invalid("MaxIdleTimeInMinutes and a threshold are mandatory")
    spec = SPECS.get(instance.ecs_spec)
    if gpu is not None and (spec is None or not spec.gpu):
        raise invalid(f"GpuPercentThreshold is for GPU instances only, and {instance.ecs_spec} has no GPU")
    instance.culler = Culler(minutes, cpu, gpu, call.now)
    note_guards(instance, call.now)
    return {"InstanceId": instance.id}


@operation("dsw", "GET", PATH, "GetIdleInstanceCuller", NO_HTTP)
def get_culler(call: Call) -> Json:
    """The culler."""
    instance = call.cloud.see_instance(call.params["InstanceId"], call.region)
    if instance.culler is None:
        raise _none(instance.id)
    return culler(instance, call.now)


@operation("dsw", "DELETE", PATH, "DeleteIdleInstanceCuller", NO_HTTP)
def delete_culler(call: Call) -> Json:
    """Remove the culler."""
    instance = target(call)
    if instance.culler is None:
        raise _none(instance.id)
    instance.culler = None
    note_guards(instance, call.now)
    return {"InstanceId": instance.id}


def _none(instance_id: str) -> ApiError:
    return ApiError(404, "ValidationError", f"instance {instance_id} has no idle culler")
