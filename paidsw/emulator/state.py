"""Everything the emulated account holds, and the switches of the emulated world."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import JsonValue, with_config

from paidsw.trial.regions import DSW
from paidsw.trial.terms import TERMS

from .aiworkspace.models import Image, TakenName, Workspace
from .clock import DAY, ClockState, Millis
from .dsw.models import Instance

Overlay = dict[str, JsonValue]
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
# The longest step of the clock, and the longest that anything may take.
MAX_SECONDS = 3 * 366 * DAY // 1000


@dataclass
class Other:
    """A thing of another PAI product; ``wire`` are members that its list shows as well or instead."""

    kind: str
    id: str
    region: str
    name: str
    status: str
    created: Millis
    wire: Overlay = field(default_factory=dict)


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


@with_config(extra="forbid")
@dataclass
class Settings:
    """Switches of the emulated world, for what the documentation leaves open and for tests."""

    home_region: str = TERMS.home_region
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
    user_config: Overlay = field(default_factory=dict)
    denied: list[str] = field(default_factory=list)
    billing: Overlay = field(default_factory=dict)
    skew_seconds: int = 0
    recycle_bin_days: int = 14
    # Takes every workspace and official image that is named for one that exists: nobody knows an account's from here.
    any_reference: bool = False

    def __post_init__(self) -> None:
        _one_of("home_region", self.home_region, *DSW)
        _one_of("timer_exists", self.timer_exists, "refuse", "replace")
        _one_of("timer_when_stopped", self.timer_when_stopped, "refuse", "keep")
        _one_of("when_sold_out", self.when_sold_out, "queue", "fail", "refuse")
        if not 0 <= self.recycle_bin_days <= MAX_SECONDS * 1000 // DAY:
            raise ValueError(f"recycle_bin_days must be between 0 and {MAX_SECONDS * 1000 // DAY}")
        for status, seconds in self.durations.items():
            _one_of("durations", status, *DURATIONS)
            if not 0 <= seconds <= MAX_SECONDS:
                raise ValueError(f"durations: {status} must last between 0 and {MAX_SECONDS} seconds")

    def duration(self, status: str) -> Millis:
        """How long a status lasts, milliseconds."""
        return round(self.durations.get(status, DURATIONS[status]) * 1000)

    def denies(self, *names: str) -> bool:
        """Whether a pattern of ``denied`` matches one of these names of operations or RAM actions."""
        return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in self.denied for name in names)

    def is_sold_out(self, region: str, ecs_spec: str) -> bool:
        """Whether a type has no stock in a region."""
        return bool({ecs_spec, f"{region}/{ecs_spec}"} & set(self.sold_out))


def _one_of(name: str, value: str, *allowed: str) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


@with_config(extra="forbid")
@dataclass
class State:
    """Everything the emulator keeps on disk."""

    clock: ClockState = field(default_factory=ClockState)
    settled: Millis = 0
    settings: Settings = field(default_factory=Settings)
    trial: Trial = field(default_factory=Trial)
    instances: dict[str, Instance] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    taken_names: list[TakenName] = field(default_factory=list)
    images: dict[str, Image] = field(default_factory=dict)
    others: dict[str, Other] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def has_workspace_name(self, region: str, name: str, now: Millis) -> bool:
        """Whether a new workspace can't have a name, since one lives under it or it is kept."""
        alive = any(one.region == region and one.name == name for one in self.workspaces.values())
        return alive or any(
            (one.region, one.name) == (region, name) and (one.until is None or one.until > now)
            for one in self.taken_names
        )

    def keep_workspace_name(self, region: str, name: str, now: Millis) -> None:
        """Put the name of a deleted workspace into the recycle bin, and forget those whose time is over."""
        self.taken_names = [one for one in self.taken_names if one.until is None or one.until > now]
        days = self.settings.recycle_bin_days
        if days:
            self.taken_names.append(TakenName(name, region, now + days * DAY))
