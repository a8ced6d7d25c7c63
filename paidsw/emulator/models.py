"""What the emulated account holds. Times are integer milliseconds since 1970 (UTC), on the emulator's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .regions import HOME_REGION, REGIONS

Json = dict[str, Any]
Millis = int
# Simulated seconds that a status lasts; a start takes the two to five minutes that it takes in the cloud.
DURATIONS = {
    "Creating": 5.0,
    "ResourceAllocating": 60.0,
    "EnvPreparing": 60.0,
    "Starting": 55.0,
    "Stopping": 30.0,
    "Updating": 10.0,
    "Saving": 60.0,
    "Deleting": 20.0,
    "Committing": 60.0,
    "Pushing": 120.0,
    "INITIALIZING": 3.0,
}
MINUTE: Millis = 60_000
DAY: Millis = 86_400_000
# The longest step of the clock, and the longest that anything may take.
MAX_SECONDS = 3 * 366 * 86_400


@dataclass
class Step:
    """A status that an instance takes on at a time to come."""

    status: str
    at: Millis
    reason_code: str = ""
    reason_message: str = ""


@dataclass
class Phase:
    """A status that an instance has, or had, and when: one entry of GetLifecycle."""

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
    """A snapshot on its way to an image; ``due`` is when its status changes next."""

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


@dataclass
class Instance:
    """A DSW instance. ``spec`` holds the request's members in their wire form."""

    id: str
    region: str
    workspace_id: str
    name: str
    user_id: str
    spec: Json
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
        return str(self.spec.get("EcsSpec", ""))

    @property
    def spot(self) -> bool:
        """Whether the instance runs on spot capacity."""
        strategy = (self.spec.get("SpotSpec") or {}).get("SpotStrategy")
        return bool(strategy) and strategy != "NoSpot"


@dataclass
class Workspace:
    """An AI workspace."""

    id: str
    region: str
    name: str
    description: str
    env_types: list[str]
    display_name: str
    resource_group_id: str
    creator: str
    created: Millis
    modified: Millis
    status: str = "INITIALIZING"
    ready_at: Millis | None = None
    is_default: bool = False

    def settle(self, now: Millis) -> None:
        """Become usable when its time has come."""
        if self.ready_at is not None and self.ready_at <= now:
            self.status, self.ready_at = "ENABLED", None


@dataclass
class Image:
    """A private image in the workspace's list, made by a snapshot."""

    id: str
    region: str
    workspace_id: str
    name: str
    uri: str
    created: Millis


@dataclass
class Other:
    """A thing of another PAI product; ``wire`` are members that its list shows besides or instead."""

    kind: str
    id: str
    region: str
    name: str
    status: str
    created: Millis
    wire: Json = field(default_factory=dict)


@dataclass
class Usage:
    """A stretch of metered use: ``compute`` of a type, or the paid part of a ``disk`` in GiB."""

    kind: str
    instance_id: str
    instance_name: str
    region: str
    ecs_spec: str
    start: Millis
    end: Millis | None = None
    gib: int = 0
    spot: bool = False
    payment_type: str = "PayAsYouGo"


@dataclass
class Attempt:
    """A call that would have placed an order."""

    at: Millis
    operation: str
    region: str
    detail: str


@dataclass
class Trial:
    """The trial pack. ``used_elsewhere`` maps a month (``2026-01``) to CU·h used outside this emulator."""

    claimed_at: Millis | None = None
    used_elsewhere: dict[str, str] = field(default_factory=dict)
    expires_at: Millis | None = None


@dataclass
class Settings:
    """Switches of the emulated world, for what the documentation leaves open and for tests."""

    home_region: str = HOME_REGION
    latency_ms: int = 0
    durations: dict[str, float] = field(default_factory=dict)
    strict_update: bool = True
    strict_delete: bool = False
    timer_exists: str = "refuse"
    timer_when_stopped: str = "refuse"
    guards_need_running: bool = False
    snapshots_need_running: bool = True
    culler_fires: bool = True
    sold_out: list[str] = field(default_factory=list)
    when_sold_out: str = "queue"
    activated: bool = True
    account_sufficient: bool = True
    user_config: Json = field(default_factory=dict)
    denied: list[str] = field(default_factory=list)
    billing: Json = field(default_factory=dict)
    skew_seconds: int = 0

    def __post_init__(self) -> None:
        _one_of("home_region", self.home_region, *REGIONS)
        _one_of("timer_exists", self.timer_exists, "refuse", "replace")
        _one_of("timer_when_stopped", self.timer_when_stopped, "refuse", "keep")
        _one_of("when_sold_out", self.when_sold_out, "queue", "fail", "refuse")
        for status, seconds in self.durations.items():
            _one_of("durations", status, *DURATIONS)
            if not 0 <= seconds <= MAX_SECONDS:
                raise ValueError(f"durations: {status} must last between 0 and {MAX_SECONDS} seconds")


def _one_of(name: str, value: str, *allowed: str) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


@dataclass
class ClockState:
    """Frozen at ``at``, or the system's time plus ``offset``."""

    frozen: bool = False
    at: Millis = 0
    offset: Millis = 0


@dataclass
class State:
    """Everything the emulator keeps on disk."""

    clock: ClockState = field(default_factory=ClockState)
    settled: Millis = 0
    settings: Settings = field(default_factory=Settings)
    trial: Trial = field(default_factory=Trial)
    instances: dict[str, Instance] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    others: dict[str, Other] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
