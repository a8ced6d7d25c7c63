"""Inputs of an instance in the API's own names, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from paidsw.cloud import Instance
from paidsw.cloud.models import DOWN
from paidsw.provider.instance import guards, labels
from paidsw.provider.instance.diff import EMPTY
from paidsw.provider.instance.inputs import FILLED_BY_CLOUD, InstanceInputs

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
_CREATED_WITH = frozenset({*UPDATABLE, "workspaceId", "resourceId"})
# What clears a field: leaving it out of UpdateInstance leaves it as it is.
DISASSOCIATE = {
    "driver": "DisassociateDriver",
    "environmentVariables": "DisassociateEnvironmentVariables",
    "datasets": "DisassociateDatasets",
    "userVpc": "DisassociateVpc",
}
_CLEARED = {member: name for name, member in DISASSOCIATE.items()}

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


def create_request(inputs: InstanceInputs, urn: str) -> dict[str, Any]:
    """The body of CreateInstance for checked inputs."""
    request = to_api({key: value for key, value in inputs.plain().items() if key in _CREATED_WITH})
    marks = {**all_labels(inputs, urn), labels.CREATE: labels.UNFINISHED}
    return request | {"Labels": [{"Key": key, "Value": value} for key, value in marks.items()]}


def all_labels(inputs: InstanceInputs, urn: str) -> dict[str, str]:
    """The user's labels and ours."""
    declared = FILLED_BY_CLOUD & inputs.plain().keys()
    return {**(inputs.labels or {}), **labels.ours(urn, inputs.session_hours, declared, inputs.owner_id)}


def inputs_of(instance: Instance, region: str) -> InstanceInputs:
    """An instance as inputs that would declare it, as far as the API shows them (never credentials)."""
    running = instance.status not in DOWN
    # The next start sets a new timer, so an instance that is down lacks none.
    timed = guards.timer(instance) is not None or not running
    culler = instance.idle_instance_culler
    shown: dict[str, Any] = {
        "region": region,
        "workspaceId": instance.workspace_id,
        "instanceName": instance.instance_name,
        "ecsSpec": instance.ecs_spec,
        "imageUrl": instance.image_url,
        "imageId": instance.image_id,
        "cloudDisks": from_api([disk.model_dump(by_alias=True) for disk in instance.cloud_disks]),
        "accessibility": from_api(instance.accessibility, "accessibility"),
        "driver": instance.driver,
        "environmentVariables": instance.environment_variables,
        "labels": labels.of_user(instance.labels),
        "datasets": from_api(instance.datasets),
        # Without a VPC it is the cloud's own network, described.
        "userVpc": from_api(instance.user_vpc) if instance.user_vpc.get("VpcId") else None,
        "resourceId": instance.resource_id,
        "idleInstanceCuller": None if culler is None else from_api(culler.model_dump(by_alias=True)),
        "sessionHours": labels.session_hours(instance.labels) if timed else None,
        "running": running,
        "ownerId": labels.owner_id(instance.labels),
    }
    return InstanceInputs.of({key: value for key, value in shown.items() if value not in EMPTY})


def to_api(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Plain inputs with the API's names."""
    return {pascal(name): _to_api(value, name) for name, value in inputs.items()}


def _to_api(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return dict(value) if key in _FREE_MAPS else to_api(value)
    return [_to_api(item, key) for item in value] if isinstance(value, list) else value


def from_api(value: Any, key: str = "") -> Any:
    """A value of the API with our names, without what it sends for nothing."""
    if isinstance(value, Mapping):
        if key in _FREE_MAPS:
            return dict(value)
        items = {camel(name): from_api(item, camel(name)) for name, item in value.items()}
        return {name: item for name, item in items.items() if item not in EMPTY}
    if isinstance(value, list):
        return [from_api(item, key) for item in value]
    return _SPELLINGS.get(key, {}).get(str(value).casefold(), value)


def pascal(name: str) -> str:
    """imageUrl → ImageUrl."""
    return _WIRE_NAMES.get(name) or name[:1].upper() + name[1:]


def properties(request: Iterable[str]) -> set[str]:
    """The inputs that the members of a request change; what one clears is an input too."""
    return {_CLEARED.get(member) or camel(member) for member in request}


def camel(name: str) -> str:
    """ImageUrl → imageUrl, ExtendedCIDRs → extendedCidrs."""
    if name in _WIRE_NAMES.values():
        return next(ours for ours, theirs in _WIRE_NAMES.items() if theirs == name)
    return re.sub(r"^[A-Z]", lambda first: first[0].lower(), name)
