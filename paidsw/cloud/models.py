"""What the PAI-DSW API answers, in its own names; fields we don't use are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_pascal

from paidsw.cloud.pages import unreadable
from paidsw.core.redaction import hidden, keep
from paidsw.core.text import printable
from paidsw.core.times import plausible

# Statuses of the API (SDK comments of GetInstance).
RUNNING = "Running"
STOPPED = "Stopped"
FAILED = frozenset({"Failed"})
# What a create or a start passes through before Running, and what a stop passes through before Stopped.
ON_THE_WAY_UP = frozenset(
    {"Creating", "ResourceAllocating", "Queuing", "EnvPreparing", "Starting", "Recovering", "Updating"}
)
ON_THE_WAY_DOWN = frozenset({"Stopping", "ArrearStopping"})
# An image is being saved. The machine may stop afterwards or keep running, so this counts as running.
SAVING = "Saving"
SAVING_ENDED = frozenset({"Saved", "SaveFailed"})
DELETING = "Deleting"
# Stopped by the cloud because the account owes money.
ARREARS = "Arrearge"
# No machine runs.
STILL = frozenset({STOPPED, ARREARS, *FAILED})
# From these no machine starts by itself.
DOWN = STILL | {DELETING} | ON_THE_WAY_DOWN
UPDATING = "Updating"
QUEUING = "Queuing"


# How an event with a time begins.
_WHEN = re.compile(r"\s*\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d))\]?\s*")


Moment = Annotated[AwareDatetime, AfterValidator(plausible)]


class Wire(BaseModel):
    """An answer of the API, or a part of one."""

    model_config = ConfigDict(
        alias_generator=to_pascal, populate_by_name=True, extra="ignore", frozen=True, defer_build=True
    )

    @classmethod
    def from_wire(cls, body: dict[str, Any]) -> Self:
        """From an answer's body; null fields count as absent, since the API sends either."""
        return cls.model_validate({key: value for key, value in body.items() if value is not None})


W = TypeVar("W", bound=Wire)


def read(operation: str, body: Any, model: type[W]) -> W:
    """An answer, or a part of one, as a model. Raises Uncertain, which names the member that can't be read."""
    if not isinstance(body, dict):
        raise unreadable(operation, model.__name__)
    try:
        return model.from_wire(body)
    except ValidationError as error:
        parts = error.errors(include_input=False)
        where = ", ".join(str(part["loc"][0]) for part in parts if part["loc"])
        raise unreadable(operation, where) from None


class Culler(Wire):
    """Stops an idle instance: idle means below both thresholds (percent) for the given minutes."""

    max_idle_time_in_minutes: int
    cpu_percent_threshold: int | None = None
    gpu_percent_threshold: int | None = None


class ShutdownTimer(Wire):
    """Stops an instance at a time (`due_time`, UTC, like 2021-01-12T14:36:01Z)."""

    due_time: str = ""
    remaining_time_in_ms: int = 0


class CloudDisk(Wire):
    """A disk of an instance; `capacity` like 100Gi, `sub_type` rootfs for the system disk."""

    capacity: str
    sub_type: str = "rootfs"


_LONGEST_REASON = 500


class _Explained(Wire):
    """Something whose status may come with a reason."""

    reason_code: str = ""
    reason_message: str = ""

    @property
    def reason(self) -> str:
        """Code and message, as far as they are given, in one line fit for a sentence."""
        said = ": ".join(part for part in (self.reason_code, self.reason_message) if part)
        return printable(" ".join(said.split()), _LONGEST_REASON)


class Snapshot(_Explained):
    """An image made of an instance's environment, as GetInstanceSnapshot describes it."""

    snapshot_id: str
    snapshot_name: str = ""
    status: str = ""
    image_id: str = ""
    image_url: str = ""
    gmt_create_time: str = ""

    @property
    def ended(self) -> bool:
        """Whether it is finished or has failed."""
        return self.saved or "fail" in self.status.lower()

    @property
    def saved(self) -> bool:
        """Whether the image is complete."""
        return self.status == "Saved"


class Image(Wire):
    """An image as ListImages describes it; `size` is documented as bytes, 0 where it isn't given."""

    image_id: str
    name: str = ""
    image_uri: str = ""
    accessibility: str = ""
    gmt_create_time: str = ""
    size: float = 0

    @property
    def private(self) -> bool:
        """Whether it may be one that this user saved."""
        return self.accessibility != "PUBLIC"


# Labels of ours begin so; they name the stack and are no secrets.
OWN_LABEL = "paidsw-"
# Links carry tokens.
_SECRETS = ("environment_variables", "instance_url", "jupyterlab_url", "web_ide_url", "terminal_url")


class Instance(_Explained):
    """One DSW instance as GetInstance and ListInstances describe it."""

    instance_id: str
    instance_name: str = ""
    status: str = ""
    workspace_id: str = ""
    workspace_name: str = ""
    ecs_spec: str = ""
    image_id: str = ""
    image_url: str = ""
    image_name: str = ""
    accessibility: str = ""
    accelerator_type: str = ""
    driver: str = ""
    payment_type: str = ""
    resource_id: str = ""
    gmt_create_time: str = ""
    gmt_modified_time: str = ""
    instance_url: str = ""
    jupyterlab_url: str = ""
    web_ide_url: str = Field(default="", alias="WebIDEUrl")
    terminal_url: str = ""
    cloud_disks: list[CloudDisk] = []
    labels: dict[str, str] = {}
    environment_variables: dict[str, str] = {}
    datasets: list[dict[str, Any]] = []
    user_vpc: dict[str, Any] = {}
    idle_instance_culler: Culler | None = None
    instance_shutdown_timer: ShutdownTimer | None = None
    accumulated_running_time_in_ms: int | None = None

    @classmethod
    def from_wire(cls, body: dict[str, Any]) -> Self:
        """From an answer; what it tells of secrets is shown by no sentence from now on."""
        found = super().from_wire(body)
        shown = found.model_dump()
        own = {key: value for key, value in found.labels.items() if key.startswith(OWN_LABEL)}
        others = {key: value for key, value in found.labels.items() if key not in own}
        shown |= {"labels": others, "own_labels": own}
        secret = shown.keys() & {*_SECRETS, *hidden(found.instance_id)}
        keep([shown.pop(name) for name in secret], shown)
        return found

    @field_validator("labels", mode="before")
    @classmethod
    def _labels_as_map(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        if not all(isinstance(item, dict) and isinstance(item.get("Key"), str) for item in value):
            raise ValueError("a label without a key")
        return {item["Key"]: item.get("Value") or "" for item in value}

    @field_validator("idle_instance_culler", "instance_shutdown_timer", mode="before")
    @classmethod
    def _absent_guard(cls, value: object) -> object:
        # Both {} and an object without its key field mean "none set".
        if isinstance(value, dict) and not (value.get("MaxIdleTimeInMinutes") or value.get("DueTime")):
            return None
        return value


class Phase(_Explained):
    """A status that an instance has or had: since when, until when (None: still, or not given), and why."""

    status: str
    gmt_create_time: Moment
    gmt_end_time: Moment | None = None
    lifecycle_id: str = ""

    @classmethod
    def from_wire(cls, body: dict[str, Any]) -> Self:
        """From an entry of GetLifecycle; null and an empty end count as absent."""
        return cls.model_validate({key: value for key, value in body.items() if value not in (None, "")})


@dataclass(frozen=True)
class Event:
    """One line of GetInstanceEvents: its text, and its time if the line begins with one."""

    at: datetime | None
    text: str

    @classmethod
    def read(cls, line: str) -> Event:
        """From the line; only a time with a time zone counts as one."""
        if found := _WHEN.match(line):
            try:
                return cls(at=plausible(datetime.fromisoformat(found[1])), text=line[found.end() :])
            except ValueError:
                pass
        return cls(at=None, text=line)
