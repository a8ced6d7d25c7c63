"""The inputs of `paidsw:index:Instance`: one definition for validation, schema, documentation and typed access.

What the *free tier* allows is up to the rules (`paidsw/rules`); this is what the API takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from paidsw.core import forms
from paidsw.core.messages import Message
from paidsw.core.problems import Problem
from paidsw.provider.messages import Text
from paidsw.provider.property_model import PropertyModel, validated
from paidsw.provider.values import contains_unknown
from paidsw.trial.terms import TERMS


def wrong(why: Message) -> PydanticCustomError:
    """The error of a value that is of the right shape, and can't be used all the same."""
    return PydanticCustomError("unusable", "{why}", {"why": str(why)})


class CloudDisk(PropertyModel):
    """A disk of the instance."""

    capacity: str = Field(pattern=forms.CAPACITY, description="Size, like 100Gi. It can grow, never shrink.")
    sub_type: str = Field(description="rootfs is the system disk, the only one that can be free.")


class Dataset(PropertyModel):
    """A dataset, or a storage path, mounted into the instance."""

    dataset_id: str | None = Field(
        default=None, pattern=forms.ID, description="Id of a dataset of the workspace."
    )
    dataset_version: str | None = Field(default=None, pattern=forms.ID, description="Version of the dataset.")
    uri: str | None = Field(
        default=None,
        pattern=forms.STORAGE_URI,
        description="Storage path, like oss://bucket.endpoint/path/.",
    )
    mount_path: str = Field(pattern=forms.MOUNT_PATH, description="Folder in the instance.")
    mount_access: Literal["RO", "RW"] | None = Field(default=None, description="RO reads, RW also writes.")
    options: str | None = Field(default=None, description="Mount options as JSON text.")

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.dataset_id is None) == (self.uri is None):
            raise wrong(Text.ONE_SOURCE())
        return self

    @field_validator("options")
    @classmethod
    def _is_json(cls, value: str | None) -> str | None:
        try:
            if value is None or isinstance(json.loads(value), dict):
                return value
        except (ValueError, RecursionError):
            pass
        raise wrong(Text.OPTIONS_NO_JSON())


def one_each(datasets: list[Dataset] | None) -> list[Dataset] | None:
    """The datasets, each mounted at a folder of its own; anything else is a mistake."""
    folders = [PurePosixPath(one.mount_path) for one in datasets or ()]
    twice = next((folder for folder in folders if folders.count(folder) > 1), None)
    if twice is not None:
        raise wrong(Text.SAME_FOLDER(folder=twice))
    return datasets


class ForwardInfo(PropertyModel):
    """A way into the instance from outside. What it names is billed on its own."""

    name: str | None = Field(default=None, description="Name of the service.")
    enable: bool | None = Field(default=None, description="Whether the way is open.")
    access_type: list[str] | None = Field(default=None, description="Kinds of access.")
    container_name: str | None = Field(default=None, description="Container.")
    port: int | None = Field(default=None, description="Port in the instance.")
    eip_allocation_id: str | None = Field(default=None, description="Elastic IP address.")
    nat_gateway_id: str | None = Field(default=None, description="NAT gateway.")
    nlb_gateway_id: str | None = Field(default=None, description="Network load balancer.")


class UserVpc(PropertyModel):
    """The user's own network."""

    vpc_id: str = Field(pattern=forms.ID, description="VPC.")
    v_switch_id: str | None = Field(default=None, pattern=forms.ID, alias="vSwitchId", description="VSwitch.")
    security_group_id: str | None = Field(default=None, pattern=forms.ID, description="Security group.")
    default_route: Literal["eth0", "eth1"] | None = Field(default=None, description="Where traffic leaves.")
    extended_cidrs: list[str] | None = Field(default=None, description="Further address ranges.")
    bandwidth_limit: dict[str, str] | None = Field(default=None, description="Bandwidth limits.")
    forward_infos: list[ForwardInfo] | None = Field(default=None, description="Ways in from outside.")


class SpotSpec(PropertyModel):
    """Spot pricing. Declared so that a rule can refuse it."""

    spot_strategy: str | None = Field(default=None, description="Strategy.")
    spot_duration: str | None = Field(default=None, description="Protected hours.")
    spot_price_limit: str | None = Field(default=None, description="Highest price per hour.")
    spot_discount_limit: str | None = Field(default=None, description="Highest share of the list price.")


class IdleInstanceCuller(PropertyModel):
    """Stops the instance when CPU and GPU stay below their thresholds for so long."""

    max_idle_time_in_minutes: int = Field(ge=1, description="Minutes of idleness before the stop.")
    cpu_percent_threshold: int = Field(default=5, ge=1, le=100, description="Idle means below, percent.")
    gpu_percent_threshold: int | None = Field(
        default=None, ge=1, le=100, description="Idle means below, percent; on GPU types only."
    )


class Backup(PropertyModel):
    """Where the environment is saved as an image before a delete, and by `dsw backup`."""

    snapshot: str = Field(
        pattern=forms.SNAPSHOT_NAME,
        description="Name: lower-case letters, digits, hyphens; each backup adds its time.",
    )
    repository: str = Field(
        pattern=forms.REPOSITORY,
        description="Repository of your Container Registry, without a tag; storage there may be billed.",
    )


class InstanceInputs(PropertyModel):
    """A PAI-DSW instance with its guards. Created means started."""

    region: str = Field(min_length=1, description="Region, like cn-wulanchabu. A change replaces.")
    workspace_id: str = Field(pattern=forms.ID, description="PAI workspace. A change replaces.")
    instance_name: str = Field(min_length=1, description="Letters, digits, underscores; at most 27; unique.")
    ecs_spec: str = Field(min_length=1, description="Instance type, like ecs.gn7i-c8g1.2xlarge.")
    image_url: str | None = Field(default=None, description="Image by URL; exactly one of imageUrl, imageId.")
    image_id: str | None = Field(default=None, description="Image by id.")
    image_auth: str | None = Field(
        default=None,
        pattern=forms.IMAGE_AUTH,
        description="Base64 of user:password for a private image.",
        json_schema_extra={"secret": True},
    )
    cloud_disks: list[CloudDisk] = Field(
        default_factory=lambda: [CloudDisk(capacity="100Gi", sub_type="rootfs")],
        description="The system disk.",
    )
    accessibility: Literal["PRIVATE", "PUBLIC"] = Field(
        default="PRIVATE", description="Who sees the instance. PUBLIC can't be taken back."
    )
    driver: str | None = Field(
        default=None,
        pattern=forms.DRIVER,
        description="NVIDIA driver version; the cloud's default if absent.",
    )
    environment_variables: dict[str, str] | None = Field(
        default=None, description="For the notebook's processes."
    )
    labels: dict[Annotated[str, Field(pattern=re.compile(forms.LABEL_KEY))], str] | None = Field(
        default=None, description="Labels. Those starting paidsw- are ours, acs: and aliyun the cloud's."
    )
    datasets: Annotated[list[Dataset] | None, AfterValidator(one_each)] = Field(
        default=None, description="What is mounted."
    )
    user_vpc: UserVpc | None = Field(default=None, description="The user's own network.")
    spot_spec: SpotSpec | None = Field(
        default=None, description="Spot pricing, which the trial doesn't pay for."
    )
    resource_id: str | None = Field(default=None, description="Subscription resource group, likewise.")
    idle_instance_culler: IdleInstanceCuller | None = Field(
        default=None, description="Stops an idle instance."
    )
    session_hours: float | None = Field(
        default=None, gt=0, description="Hours from a start until the shutdown timer stops the instance."
    )
    running: bool = Field(
        default=True,
        description="false stops it: its disk is kept for 15 days, and no computing hours are used.",
    )
    backup: Backup | None = Field(
        default=None, description="Saves the environment as an image before every delete."
    )
    allow_billing: bool | None = Field(
        default=None,
        description="Runs it even if the trial doesn't pay or can't be checked: it is billed then.",
    )
    owner_id: str | None = Field(
        default=None,
        pattern=forms.OWNER_ID,
        description="Id of its owner: a create that was interrupted is found by it, and nobody else's is touched.",
    )
    replace_id: str | None = Field(
        default=None,
        pattern=forms.INSTANCE_ID,
        description="Id of the instance that may be replaced, which deletes all its files.",
    )
    start_cleared_id: str | None = Field(
        default=None,
        pattern=forms.INSTANCE_ID,
        description="Id of the instance that may be started although the cloud has cleared its disk.",
    )


NAMES = {field.alias or name: name for name, field in InstanceInputs.model_fields.items()}
SECRETS = frozenset(
    alias
    for alias, name in NAMES.items()
    if (InstanceInputs.model_fields[name].json_schema_extra or {}) == {"secret": True}
)
# Never shown in a message.
HIDDEN = SECRETS | {"environmentVariables"}
# What the API can't change on a living instance.
REPLACING = frozenset({"region", "workspaceId"})
# Filled in by the cloud where nothing is declared: no drift.
FILLED_BY_CLOUD = frozenset({"driver", "environmentVariables", "imageUrl", "imageId"})


def check(values: Mapping[str, Any], secrets: Collection[str] = ()) -> tuple[dict[str, Any], list[Problem]]:
    """Inputs with defaults filled in, and what is wrong with them.

    A property that holds an unknown is left as it is: it is checked when it is known.
    """
    filled, problems = validated(
        InstanceInputs, values, of="an input of Instance", hidden={*HIDDEN, *secrets}
    )
    unknown = {key for key, value in values.items() if contains_unknown(value)}
    if not problems:
        found = _image_problem(filled) + _culler_problem(filled)
        problems = [problem for problem in found if problem.name not in unknown]
    return filled, problems


def with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain inputs with what a missing one means: they may have been declared before it existed."""
    return {**_defaults(), **values}


@cache
def _defaults() -> Mapping[str, Any]:
    plain = InstanceInputs.of({}).model_dump(by_alias=True, exclude_none=True)
    required = {alias for alias, name in NAMES.items() if InstanceInputs.model_fields[name].is_required()}
    return {name: value for name, value in plain.items() if name not in required}


def _image_problem(inputs: Mapping[str, Any]) -> list[Problem]:
    named = [key for key in ("imageUrl", "imageId") if key in inputs]
    if len(named) == 1:
        return []
    return [Problem("imageUrl", Text.BOTH_IMAGES() if named else Text.NO_IMAGE())]


def _culler_problem(inputs: Mapping[str, Any]) -> list[Problem]:
    """A threshold for a GPU that the type hasn't: the cloud refuses it once the instance is made."""
    kind, culler = inputs.get("ecsSpec"), inputs.get("idleInstanceCuller")
    known = TERMS.instance_types.get(kind) if isinstance(kind, str) else None
    if known is None or known.accelerator == "GPU" or not isinstance(culler, Mapping):
        return []
    if culler.get("gpuPercentThreshold") is None:
        return []
    return [Problem("idleInstanceCuller", Text.NO_GPU(type=kind))]
