"""The system disk is no larger than the free one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, NamedTuple

from paidsw.rules.disks import capacity_gib, is_system, usable
from paidsw.rules.rule import Finding, Range, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import TERMS, Terms

_NOT_FREE = Wording(
    what="a system disk with {capacity} is not free",
    allowed='"1Gi" to "{limit}Gi"',
    fix='set the capacity to "{limit}Gi"',
)
_NOT_IN_SETTINGS = replace(_NOT_FREE, what="a system disk with {capacity} is not within the settings")
_UNREADABLE = replace(
    _NOT_FREE,
    what="the system disk can't be read from {value}",
    allowed='a list, "1Gi" to "{limit}Gi"',
)


class Settings(NamedTuple):
    """`max_gib`: the largest system disk to allow, in GiB, at most the free one."""

    max_gib: Annotated[float, Range(1, float(TERMS.free_disk_gib.value))] = float(TERMS.free_disk_gib.value)


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a system disk that is too large or whose size can't be read."""
    limit = min(int(settings.max_gib), int(terms.free_disk_gib.value))
    disks = instance["cloudDisks"]
    if not usable(instance):
        yield _UNREADABLE.at(disks.path, value=disks.shown(), limit=limit)
    for disk in filter(is_system, disks.entries):
        capacity, gib = disk["capacity"], capacity_gib(disk)
        if gib is None or gib > limit:
            shown = capacity.described("capacity", "[0-9.]{1,12}[A-Za-z]{0,3}")
            wording = _NOT_FREE if limit == terms.free_disk_gib.value else _NOT_IN_SETTINGS
            yield wording.at(capacity.path, capacity=shown, limit=limit)


def remediate(_instance: Resource, settings: Settings, terms: Terms) -> Mapping[str, object]:
    """One system disk of the size that is free."""
    limit = min(int(settings.max_gib), int(terms.free_disk_gib.value))
    return {"cloudDisks": [{"subType": "rootfs", "capacity": f"{limit}Gi"}]}


RULE = Rule(
    id="system-disk-size",
    title="System disk within the free size",
    description="The system disk is no larger than the free one.",
    why="Every GiB beyond the free ones is billed by the hour, even while stopped, and a disk can't be shrunk.",
    steps="Leave `cloudDisks` out, or give one entry with subType rootfs and no more than the free capacity.",
    severity=Severity.HIGH,
    reference=Reference.BILLING,
    properties=("cloudDisks",),
    settings=Settings,
    check=check,
    remediate=remediate,
)
