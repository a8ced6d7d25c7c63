"""What the engine keeps of an instance: its inputs as the cloud has them, and the outputs that the cloud adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from paidsw.cloud import Instance
from paidsw.cloud.models import DOWN
from paidsw.core.values import UNKNOWN
from paidsw.provider.instance import api, diff, guards, labels
from paidsw.provider.instance.inputs import NAMES, SECRETS, InstanceInputs
from paidsw.provider.property_model import PropertyModel

# Where an instance comes from: made by this stack, just read by an import, or imported at some time before. An imported
# one carries none of our labels before its first update.
DECLARED, IMPORT, IMPORTED = "declared", "import", "imported"


class Outputs(PropertyModel):
    """What the cloud adds to the inputs."""

    instance_id: str = Field(default="", description="Id, like dsw-….")
    status: str = Field(default="", description="Status as the API names it, like Running.")
    instance_url: str = Field(default="", description="Access URL.")
    jupyterlab_url: str = Field(default="", description="JupyterLab URL.")
    web_ide_url: str = Field(default="", description="WebIDE URL.")
    terminal_url: str = Field(default="", description="Terminal URL.")
    shutdown_time: str = Field(
        default="",
        description="When the shutdown timer stops the instance, UTC; empty while it is stopped.",
    )
    disk_kept_until: str = Field(
        default="",
        description="When the cloud clears the disk of a stopped instance, UTC; empty while it runs and afterwards.",
    )
    gmt_create_time: str = Field(default="", description="When it was created, UTC.")
    accelerator_type: str = Field(default="", description="GPU or CPU.")
    workspace_name: str = Field(default="", description="Name of the workspace.")
    payment_type: str = Field(default="", description="PayAsYouGo or Subscription.")
    image_name: str = Field(default="", description="Name of the image.")
    origin: str = Field(
        default="",
        description="declared: made by this stack; import, imported: taken over, without this stack's labels so far.",
    )


OUTPUTS = tuple(field.alias or name for name, field in Outputs.model_fields.items())
# Access URLs carry tokens.
URLS = tuple(name for name in OUTPUTS if name.endswith("Url"))
# These change with every start.
_CHANGING = ("status", "shutdownTime", "diskKeptUntil", *URLS)
SECRET_OUTPUTS = frozenset(URLS) | SECRETS | {"environmentVariables"}
SECRET_INPUTS = SECRET_OUTPUTS & frozenset(NAMES)
# By these outputs one can tell inputs of other names.
DERIVED = {
    "status": frozenset({"running"}),
    "shutdownTime": frozenset({"sessionHours", "running"}),
    "diskKeptUntil": frozenset({"running"}),
    "acceleratorType": frozenset({"ecsSpec"}),
    "workspaceName": frozenset({"workspaceId"}),
    "paymentType": frozenset({"resourceId"}),
    "imageName": frozenset({"imageUrl", "imageId"}),
}


@dataclass(frozen=True, slots=True)
class State:
    """The state of the resource."""

    inputs: InstanceInputs
    outputs: Outputs
    # What an import adds to the inputs that it found.
    added: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> State:
        """The state as the engine kept it."""
        return cls(InstanceInputs.of(values), Outputs.of(values))

    @classmethod
    def from_instance(
        cls, inputs: InstanceInputs, instance: Instance, disk_kept_until: str = "", origin: str = DECLARED
    ) -> State:
        """Inputs, and what the cloud shows of their instance."""
        timer = guards.timer(instance)
        outputs = Outputs(
            instance_id=instance.instance_id,
            status=instance.status,
            instance_url=instance.instance_url,
            jupyterlab_url=instance.jupyterlab_url,
            web_ide_url=instance.web_ide_url,
            terminal_url=instance.terminal_url,
            shutdown_time=timer.due_time if timer is not None else "",
            disk_kept_until=disk_kept_until,
            gmt_create_time=instance.gmt_create_time,
            accelerator_type=instance.accelerator_type,
            workspace_name=instance.workspace_name,
            payment_type=instance.payment_type,
            image_name=instance.image_name,
            origin=origin,
        )
        return cls(inputs, outputs)

    def plain(self) -> dict[str, Any]:
        """Inputs and outputs as one map, as the engine keeps them."""
        return {**self.inputs.plain(), **self.outputs.plain()}

    @property
    def is_imported(self) -> bool:
        """Whether the instance was imported, and not changed since."""
        return self.outputs.origin in (IMPORT, IMPORTED)


def preview(inputs: Mapping[str, Any], state: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The state that a create, or an update of `state`, will give, as far as it is known before."""
    known = {name: (state or {}).get(name, UNKNOWN) for name in OUTPUTS}
    return {**known, **dict.fromkeys(_CHANGING, UNKNOWN), **inputs}


def actual_inputs(
    instance: Instance,
    region: str,
    declared: InstanceInputs | None,
    before: InstanceInputs | None = None,
) -> InstanceInputs:
    """The instance as inputs; what is the same as `declared` stands as it was declared.

    `before` are the inputs in the state so far: what a run that failed has added, and the cloud has still, is shown.
    """
    wanted = {} if declared is None else declared.plain()
    was = {} if before is None else before.plain()
    found = api.inputs_of(instance, region).plain()
    # One image is always declared, by address or by id; the cloud shows both.
    once = labels.declared(instance.labels) - {"imageUrl", "imageId"}
    merged = diff.merge(wanted, found, once, _unseen(instance))
    left = {
        key: found[key]
        for key in diff.EXTENDED_BY_CLOUD & wanted.keys() & found.keys()
        if diff.dropped(was.get(key), wanted[key], found[key])
    }
    return InstanceInputs.of(merged | left)


def origin_of(instance: Instance, urn: str, *, imports: bool, state: State) -> str:
    """The origin of an instance that was read, by an import or since."""
    if labels.is_declared_at(urn, instance.labels):
        return DECLARED
    if imports:
        return IMPORT
    return IMPORTED if state.is_imported else DECLARED


def comparable(old: Mapping[str, Any], new: Mapping[str, Any], state: State) -> Mapping[str, Any]:
    """The old inputs as a diff has to see them: those that an import read are in the cloud's form, not a program's."""
    if not state.is_imported:
        return old
    return diff.merge(new, old, unseen=_not_lacking(state) - old.keys())


def leaves_out_backup(old: Mapping[str, Any], new: Mapping[str, Any], state: State) -> bool:
    """Whether an import is under way whose declared backup the engine won't record: it keeps what was read."""
    return state.outputs.origin == IMPORT and "backup" in new and "backup" not in old


def _unseen(instance: Instance) -> frozenset[str]:
    """What an instance doesn't show now, though it may have it or will: that is as declared."""
    stopped = instance.status in DOWN
    found = set(diff.UNSEEN)
    if labels.SESSION_HOURS not in instance.labels and (stopped or guards.timer(instance)):
        found.add("sessionHours")  # a timer tells only what is left of it
    if stopped and instance.idle_instance_culler is None:
        found.add("idleInstanceCuller")  # the cloud may take one from a running instance only
    return frozenset(found)


def _not_lacking(state: State) -> frozenset[str]:
    """What an imported instance may be without: an import isn't refused for it, and the first update sets it.

    Afterwards that isn't a change only where nothing is missing: a session length where there is a timer, guards of a
    stopped one.
    """
    if state.outputs.origin == IMPORT:
        return diff.UNSEEN | {"sessionHours", "idleInstanceCuller"}
    stopped = not state.inputs.running
    timed = stopped or bool(state.outputs.shutdown_time)
    return frozenset({"sessionHours"} if timed else ()) | frozenset({"idleInstanceCuller"} if stopped else ())
