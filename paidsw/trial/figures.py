"""The kinds of figures that the trial's terms consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from paidsw.core.messages import Message

T = TypeVar("T")


class Basis(StrEnum):
    """How reliable a figure is."""

    STATED = "stated"  # a source says this number
    INFERRED = "inferred"  # worked out from a rounded statement; plan with `Rate.at_most`
    CHOSEN = "chosen"  # nobody states a number; chosen here on the safe side


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it, and when (ISO date of the statement, or of the copy that was read)."""

    title: str
    date: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """Something that sources say, and a note on what they leave open."""

    sources: tuple[Source, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded(Sourced):
    """Numbers that sources say, and how well."""

    basis: Basis


@dataclass(frozen=True, slots=True)
class Figure(Founded, Generic[T]):
    """A number of the terms with its unit."""

    value: T
    unit: str


@dataclass(frozen=True, slots=True)
class Bounds(Founded):
    """The smallest, usual and largest value of a setting, all in `unit`, ends included."""

    minimum: Decimal
    default: Decimal
    maximum: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Region(Sourced):
    """A region that some source connects with the trial; only one `in_force` may be used."""

    id: str
    name: str
    name_zh: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Rate(Founded):
    """CU that one running instance of a type uses per hour.

    `cu_per_hour` is the best figure, for display. `at_most` is what to plan with: equal to it where a source
    states the figure, and the worst reading of the source where it is inferred.
    """

    cu_per_hour: Decimal
    at_most: Decimal


@dataclass(frozen=True, slots=True)
class InstanceType(Sourced):
    """An ECS type of the trial. `rate` None means that no source gives its CU per hour: it can't be used."""

    id: str
    accelerator: str  # "GPU" or "CPU", as in the DSW API's AcceleratorType
    gpu: str
    gpus: int
    gpu_memory_gib: int  # of all its GPUs together
    vcpus: int
    memory_gib: int
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms that are in force together."""

    regions: Mapping[str, Region]
    instance_types: Mapping[str, InstanceType]
    quota_cu_per_month: Figure[Decimal]
    quota_months: Figure[int]
    free_disk_gib: Figure[Decimal]
    disk_kept_days: Figure[int]
    session_hours: Bounds
    idle_minutes: Bounds
    idle_cpu_percent: Bounds
    idle_gpu_percent: Bounds
    deduction_lag_minutes: Figure[int]
    margin_minutes: Figure[int]
    claim_url: Figure[str]
    # What somebody added to the terms, or why it doesn't count; to be shown wherever terms are applied.
    notice: Message | None = None

    @property
    def home_region(self) -> str:
        """The region that the trial's tutorial recommends: the first one in force."""
        return self.region_ids[0]

    @property
    def region_ids(self) -> tuple[str, ...]:
        """The regions in force, the recommended one first."""
        return tuple(region.id for region in self.regions.values() if region.in_force)

    @property
    def instance_type_ids(self) -> tuple[str, ...]:
        """The types that may be used (their rate is known), the recommended one first."""
        return tuple(kind.id for kind in self.instance_types.values() if kind.rate is not None)

    def rate(self, instance_type: str) -> Rate | None:
        """The rate of a type, or None where the type is not of the trial or has no known rate."""
        kind = self.instance_types.get(instance_type)
        return kind.rate if kind else None
