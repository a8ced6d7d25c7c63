"""The instance has no cloud disk other than its system disk."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from paidsw.rules.disks import is_system, usable
from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_NOT_FREE = Wording(
    what="a cloud disk other than the system disk is not free",
    allowed="one entry with subType rootfs, or none",
    fix="remove the entry",
)
_UNREADABLE = replace(_NOT_FREE, what="the disks can't be read from {value}", fix="give a list")


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds every disk that is not the one system disk."""
    disks = instance["cloudDisks"]
    if not usable(instance):
        yield _UNREADABLE.at(disks.path, value=disks.shown())
    system = [disk for disk in disks.entries if is_system(disk)]
    for disk in disks.entries:
        if not is_system(disk) or disk.path != system[0].path:
            yield _NOT_FREE.at(disk.path)


def remediate(instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """The system disk as it is, and nothing else."""
    system = [disk.raw for disk in instance["cloudDisks"].entries if is_system(disk)]
    return {"cloudDisks": system[:1] or None}


RULE = Rule(
    id="no-data-disk",
    title="No additional cloud disk",
    description="The instance has no cloud disk other than its system disk.",
    why="The trial gives one system disk; any other disk is billed for as long as it exists.",
    steps="Remove every entry of `cloudDisks` but the one with subType rootfs.",
    severity=Severity.HIGH,
    reference=Reference.BILLING,
    properties=("cloudDisks",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
