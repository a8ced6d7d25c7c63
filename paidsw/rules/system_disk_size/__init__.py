"""The system disk is no larger than the free one."""

from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

from paidsw.rules.disks import capacity_gib, is_system, usable
from paidsw.rules.references import BILLING
from paidsw.rules.rule import Finding, Resource, Rule, Severity
from paidsw.rules.settings import Range
from paidsw.trial.terms import TERMS, Terms


class Settings(NamedTuple):
    """`max_gib`: the largest system disk to allow, in GiB, at most the free one."""

    max_gib: Annotated[float, Range(1, float(TERMS.free_disk_gib.value))] = float(TERMS.free_disk_gib.value)


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a system disk that is too large or whose size can't be read."""
    limit = min(int(settings.max_gib), int(terms.free_disk_gib.value))
    allowed, do = f'"1Gi" to "{limit}Gi"', f'set the capacity to "{limit}Gi"'
    disks = instance["cloudDisks"]
    if not usable(instance):
        yield Finding(
            disks.path, f"the system disk can't be read from {disks.shown()}", f"a list, {allowed}", do
        )
    for disk in filter(is_system, disks.entries):
        capacity, gib = disk["capacity"], capacity_gib(disk)
        if gib is None or gib > limit:
            shown = capacity.described("capacity", "[0-9.]{1,12}[A-Za-z]{0,3}")
            verdict = "free" if limit == terms.free_disk_gib.value else "within the settings"
            yield Finding(capacity.path, f"a system disk with {shown} is not {verdict}", allowed, do)


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
    reference=BILLING,
    properties=("cloudDisks",),
    settings=Settings,
    check=check,
    remediate=remediate,
)
