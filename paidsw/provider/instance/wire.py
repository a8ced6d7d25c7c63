"""Inputs and state of an instance against the API's own names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Culler, Instance
from paidsw.cloud.models import DOWN, ShutdownTimer
from paidsw.provider.instance import labels
from paidsw.provider.instance.inputs import SECRETS, Dataset, UserVpc
from paidsw.trial.terms import TERMS

# Fields that CreateInstance and UpdateInstance take alike.
UPDATABLE = (
    "instanceName",
    "ecsSpec",
    "imageUrl",
    "imageId",
    "imageAuth",
    "cloudDisks",
    "accessibility",
    "driver",
    "environmentVariables",
    "datasets",
    "userVpc",
    "spotSpec",
)
# What clears a field: leaving it out of UpdateInstance leaves it as it is.
DISASSOCIATE = {
    "driver": "DisassociateDriver",
    "environmentVariables": "DisassociateEnvironmentVariables",
    "datasets": "DisassociateDatasets",
    "userVpc": "DisassociateVpc",
}
# Filled in by the cloud where nothing is declared: no drift.
FILLED_BY_CLOUD = frozenset({"driver", "environmentVariables", "imageUrl", "imageId"})
# Access URLs carry tokens.
URLS = ("instanceUrl", "jupyterlabUrl", "webIdeUrl", "terminalUrl")
SECRET_OUTPUTS = frozenset(URLS) | SECRETS | {"environmentVariables"}
# What the cloud adds to the inputs; those of the second group change with every start.
OUTPUTS = (
    "instanceId",
    "gmtCreateTime",
    "acceleratorType",
    "workspaceName",
    "paymentType",
    "imageName",
    "origin",
)
CHANGING_OUTPUTS = ("status", "shutdownTime", "diskKeptUntil", *URLS)

# A timer that ends later than the longest session, and this much, stops nothing in time. Milliseconds.
_LONGEST_TIMER = int(TERMS.session_hours.maximum * 3_600_000) + 120_000

# Values of few spellings, which a server may write in other letters.
_SPELLINGS = {
    name: {spelling.casefold(): spelling for spelling in spellings}
    for name, spellings in {
        "accessibility": ("PRIVATE", "PUBLIC"),
        "subType": ("rootfs",),
        "mountAccess": ("RO", "RW"),
        "defaultRoute": ("eth0", "eth1"),
    }.items()
}
_WIRE_NAMES = {"extendedCidrs": "ExtendedCIDRs"}
# Maps whose keys are the user's, not the API's.
_FREE_MAPS = frozenset({"environmentVariables", "bandwidthLimit"})


def create_request(inputs: Mapping[str, Any], urn: str) -> dict[str, Any]:
    """The body of CreateInstance for checked inputs."""
    request = {pascal(key): to_wire(key, inputs[key]) for key in (*UPDATABLE, "resourceId") if key in inputs}
    request["WorkspaceId"] = inputs["workspaceId"]
    request["Labels"] = [{"Key": key, "Value": value} for key, value in all_labels(inputs, urn).items()]
    return request


def all_labels(inputs: Mapping[str, Any], urn: str) -> dict[str, str]:
    """The user's labels and ours."""
    declared = FILLED_BY_CLOUD & inputs.keys()
    return {**(inputs.get("labels") or {}), **labels.ours(urn, inputs.get("sessionHours"), declared)}


def culler(inputs: Mapping[str, Any]) -> Culler | None:
    """The declared idle shutdown."""
    declared = inputs.get("idleInstanceCuller")
    return None if declared is None else Culler.model_validate({pascal(k): v for k, v in declared.items()})


def to_wire(key: str, value: Any) -> Any:
    """A value with the API's names inside."""
    if isinstance(value, Mapping):
        if key in _FREE_MAPS:
            return dict(value)
        return {pascal(name): to_wire(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [to_wire(key, item) for item in value]
    return value


def from_wire(key: str, value: Any) -> Any:
    """A value of the API with our names inside; nulls and empties left out, since the API sends both."""
    if isinstance(value, Mapping):
        if key in _FREE_MAPS:
            return dict(value)
        items = {camel(name): from_wire(camel(name), item) for name, item in value.items()}
        return {name: item for name, item in items.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [from_wire(key, item) for item in value]
    return _SPELLINGS.get(key, {}).get(str(value).casefold(), value)


def pascal(name: str) -> str:
    """imageUrl → ImageUrl."""
    return _WIRE_NAMES.get(name) or name[:1].upper() + name[1:]


def camel(name: str) -> str:
    """ImageUrl → imageUrl, ExtendedCIDRs → extendedCidrs."""
    if name in _WIRE_NAMES.values():
        return next(ours for ours, theirs in _WIRE_NAMES.items() if theirs == name)
    return re.sub(r"^[A-Z]", lambda first: first[0].lower(), name)


def timer(instance: Instance) -> ShutdownTimer | None:
    """The shutdown timer, unless it ends later than any session may: set so in the console it guards nothing."""
    found = instance.instance_shutdown_timer
    return found if found is not None and found.remaining_time_in_ms <= _LONGEST_TIMER else None


def seen_inputs(instance: Instance, region: str) -> dict[str, Any]:
    """An instance as inputs that would declare it, as far as the API shows them (never credentials)."""
    running = instance.status not in DOWN
    # The next start sets a new timer, so an instance that is down lacks none.
    timed = timer(instance) is not None or not running
    seen: dict[str, Any] = {
        "region": region,
        "workspaceId": instance.workspace_id,
        "instanceName": instance.instance_name,
        "ecsSpec": instance.ecs_spec,
        "imageUrl": instance.image_url,
        "imageId": instance.image_id,
        "cloudDisks": [
            {"capacity": d.capacity, "subType": from_wire("subType", d.sub_type)}
            for d in instance.cloud_disks
        ],
        "accessibility": from_wire("accessibility", instance.accessibility),
        "driver": instance.driver,
        "environmentVariables": instance.environment_variables,
        "labels": labels.of_user(instance.labels),
        "datasets": _known("datasets", instance.datasets),
        # Without a VPC it is the cloud's own network, described.
        "userVpc": _known("userVpc", instance.user_vpc) if instance.user_vpc.get("VpcId") else None,
        "resourceId": instance.resource_id,
        "idleInstanceCuller": _seen_culler(instance),
        "sessionHours": labels.session_hours(instance.labels) if timed else None,
        "running": running,
    }
    return {key: value for key, value in seen.items() if value not in (None, "", [], {})}


def _seen_culler(instance: Instance) -> dict[str, Any] | None:
    found = instance.idle_instance_culler
    return None if found is None else from_wire("idleInstanceCuller", found.model_dump(by_alias=True))


def _known(key: str, value: Any) -> Any:
    """A nested value without what the API adds and no input declares (ids of its own, addresses, usage)."""
    model = Dataset if key == "datasets" else UserVpc
    names = {field.alias or name for name, field in model.model_fields.items()}
    plain = from_wire(key, value)
    if isinstance(plain, list):
        return [{name: part for name, part in item.items() if name in names} for item in plain]
    return {name: part for name, part in plain.items() if name in names}


def state(
    inputs: Mapping[str, Any], instance: Instance, disk_kept_until: str = "", origin: str = "declared"
) -> dict[str, Any]:
    """The outputs of the resource: its inputs, and what the cloud adds to them."""
    timed = timer(instance)
    return {
        **inputs,
        "instanceId": instance.instance_id,
        "status": instance.status,
        "instanceUrl": instance.instance_url,
        "jupyterlabUrl": instance.jupyterlab_url,
        "webIdeUrl": instance.web_ide_url,
        "terminalUrl": instance.terminal_url,
        "shutdownTime": timed.due_time if timed is not None else "",
        "diskKeptUntil": disk_kept_until,
        "gmtCreateTime": instance.gmt_create_time,
        "acceleratorType": instance.accelerator_type,
        "workspaceName": instance.workspace_name,
        "paymentType": instance.payment_type,
        "imageName": instance.image_name,
        "origin": origin,
    }
