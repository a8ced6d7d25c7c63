"""UpdateInstance."""

from __future__ import annotations

from .. import lifecycle, meters
from ..errors import invalid
from ..models import Instance, Json
from ..routing import Call, operation
from . import settings
from .instances import ONE, target

# What each flag takes away: DisassociateDriver clears Driver, and so on.
DISASSOCIATE = {
    "AssignNode": "AssignNodeSpec",
    "Credential": "CredentialConfig",
    "Datasets": "Datasets",
    "Driver": "Driver",
    "EnvironmentVariables": "EnvironmentVariables",
    "Spot": "SpotSpec",
    "UserCommand": "UserCommand",
    "Vpc": "UserVpc",
}
# No source lists what can be changed while the machine runs; strict_update takes it that only these can.
WHILE_RUNNING = frozenset({"InstanceName", "Accessibility", "Priority", "StartInstance"})
UPDATABLE = frozenset({"Running", "Stopped", "Failed"})


@operation("dsw", "PUT", ONE, "UpdateInstance")
def update_instance(call: Call) -> Json:
    """Change settings; all of them or, with an error, none."""
    instance = target(call)
    _check_status(call, instance)
    if "InstanceName" in call.body:
        instance.name = settings.name(call, instance_id=instance.id)
    _accessibility(call, instance)
    _spec(call, instance)
    _disk(call, instance)
    _disassociate(call, instance)
    meters.reopen_compute(call.cloud.state, instance, call.now)
    lifecycle.update(call.cloud.state, instance, call.now, then_start=call.body.flag("StartInstance"))
    return {"InstanceId": instance.id}


def _check_status(call: Call, instance: Instance) -> None:
    if instance.status not in UPDATABLE:
        raise invalid(f"instance {instance.id} is {instance.status}: it cannot be updated now")
    needing = sorted(call.body.values.keys() - WHILE_RUNNING)
    if call.cloud.state.settings.strict_update and instance.status == "Running" and needing:
        raise invalid(f"instance {instance.id} must be stopped to change {', '.join(needing)}")


def _accessibility(call: Call, instance: Instance) -> None:
    wanted = call.body.choice("Accessibility", settings.ACCESSIBILITY, instance.accessibility)
    if (instance.accessibility, wanted) == ("PUBLIC", "PRIVATE"):
        raise invalid("Accessibility cannot be changed from PUBLIC to PRIVATE")
    instance.accessibility = wanted


def _spec(call: Call, instance: Instance) -> None:
    body = call.body
    if "EcsSpec" in body:
        wanted = settings.ecs_spec(call)
        if wanted == instance.ecs_spec:
            raise invalid(f"EcsSpec is {wanted} already")
        instance.spec["EcsSpec"] = wanted
    if "ImageUrl" in body or "ImageId" in body:
        instance.spec |= settings.image(call)
    instance.spec |= settings.rest(body, create=False)


def _disk(call: Call, instance: Instance) -> None:
    wanted = settings.disk_gib(call.body, instance.disk_gib)
    if wanted < instance.disk_gib:
        raise invalid(f"the system disk has {instance.disk_gib}Gi and can only grow")
    if wanted > instance.disk_gib:
        instance.disk_gib = wanted
        meters.open_disk(call.cloud.state, instance, call.now, call.cloud.tariff.free_disk_gib)


def _disassociate(call: Call, instance: Instance) -> None:
    for flag, member in DISASSOCIATE.items():
        if call.body.flag(f"Disassociate{flag}"):
            instance.spec.pop(member, None)
    if call.body.flag("DisassociateForwardInfos") and "UserVpc" in instance.spec:
        instance.spec["UserVpc"].pop("ForwardInfos", None)
