"""An instance with its guards, history and snapshots. Times are milliseconds on the emulator's clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from ..clock import Millis


@dataclass
class Step:
    """A status that an instance enters later."""

    status: str
    at: Millis
    reason_code: str = ""
    reason_message: str = ""


@dataclass
class Phase:
    """A status that an instance has or had, and when: one entry of GetLifecycle."""

    id: str
    session: int
    status: str
    start: Millis
    end: Millis | None = None
    reason_code: str = ""
    reason_message: str = ""


@dataclass
class Culler:
    """The idle culler of an instance; thresholds in percent."""

    max_idle_minutes: int
    cpu: int | None
    gpu: int | None
    created: Millis


@dataclass
class Timer:
    """The shutdown timer of an instance."""

    due: Millis
    created: Millis
    modified: Millis


@dataclass
class Snapshot:
    """A snapshot that becomes an image; ``due`` is when its status changes next."""

    id: str
    name: str
    image_id: str
    image_url: str
    status: str
    created: Millis
    modified: Millis
    due: Millis | None = None
    description: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    exclude_paths: list[str] = field(default_factory=list)
    reason_code: str = ""
    reason_message: str = ""


@dataclass
class Event:
    """A line of GetInstanceEvents."""

    at: Millis
    level: str
    text: str


Opaque = dict[str, JsonValue]


@dataclass
class Spec:
    """What a create or an update asked for, under the API's own names; None for what it didn't ask for."""

    EcsSpec: str = ""
    ResourceId: str = ""
    ImageId: str = ""
    ImageName: str = ""
    ImageUrl: str = ""
    AccessRestrictionRules: Opaque | None = None
    Affinity: Opaque | None = None
    AssignNodeSpec: Opaque | None = None
    CredentialConfig: Opaque | None = None
    Datasets: list[Opaque] | None = None
    DockerConfig: Opaque | None = None
    Driver: str | None = None
    DynamicMount: Opaque | None = None
    EnvironmentVariables: dict[str, str] | None = None
    ImageAuth: str | None = None
    OversoldType: str | None = None
    Priority: int | None = None
    RequestedResource: Opaque | None = None
    SpotSpec: Opaque | None = None
    UserCommand: Opaque | None = None
    UserId: str | None = None
    UserVpc: Opaque | None = None
    WorkspaceSource: str | None = None


@dataclass
class Instance:
    """A DSW instance."""

    id: str
    region: str
    workspace_id: str
    name: str
    user_id: str
    spec: Spec
    disk_gib: int
    created: Millis
    modified: Millis
    status: str = "Creating"
    reason_code: str = ""
    reason_message: str = ""
    accessibility: str = "PRIVATE"
    payment_type: str = "PayAsYouGo"
    labels: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    token: str = ""
    pending: list[Step] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    session: int = 1
    machine_on: bool = False
    running_since: Millis | None = None
    ran_ms: int = 0
    stopped_since: Millis | None = None
    disk_cleared: bool = False
    culler: Culler | None = None
    timer: Timer | None = None
    cpu_percent: int = 0
    gpu_percent: int = 0
    idle_since: Millis | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    unguarded_since: Millis | None = None
    unguarded_ms: int = 0

    @property
    def ecs_spec(self) -> str:
        """The instance type, empty for an instance of a resource group."""
        return self.spec.EcsSpec

    @property
    def spot(self) -> bool:
        """Whether the instance runs on spot capacity."""
        strategy = (self.spec.SpotSpec or {}).get("SpotStrategy")
        return bool(strategy) and strategy != "NoSpot"

    @property
    def idle(self) -> bool:
        """Whether the load is below the culler's thresholds; a threshold that isn't set doesn't count."""
        culler = self.culler
        if culler is None:
            return False
        cpu_idle = culler.cpu is None or self.cpu_percent < culler.cpu
        gpu_idle = culler.gpu is None or self.gpu_percent < culler.gpu
        return cpu_idle and gpu_idle

    def note(self, now: Millis, level: str, text: str) -> None:
        """Add an event."""
        self.events.append(Event(now, level, text))

    def note_guards(self, now: Millis) -> None:
        """Account for the time in which a machine runs with neither a timer nor a culler."""
        bare = self.machine_on and self.timer is None and self.culler is None
        if bare and self.unguarded_since is None:
            self.unguarded_since = now
        elif not bare and self.unguarded_since is not None:
            self.unguarded_ms += now - self.unguarded_since
            self.unguarded_since = None
