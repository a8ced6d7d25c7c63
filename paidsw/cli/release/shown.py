"""What `dsw release` shows and asks before it deletes."""

from __future__ import annotations

from typing import Any

from paidsw.audit.declared import stack_of
from paidsw.audit.listed import ListedInstance
from paidsw.audit.reports.parts import Parts
from paidsw.cli import backup
from paidsw.cli.output import print_table, print_text
from paidsw.cli.release.deletion import holds
from paidsw.cli.release.plan import Plan
from paidsw.cli.release.request import Wanted
from paidsw.cli.times import local_text
from paidsw.core.text import printable

_WORD = "release"
_LONGEST = 1000


def plan(found: Plan, wanted: Wanted) -> None:
    """Print what would be deleted, with what it holds."""
    for item in found.not_seen:
        print(f"not seen: {item.region}: {printable(item.why)}; {printable(item.fix)}")
    if not found.victims:
        return
    print(f"To be deleted in {wanted.connection.emulator or 'Alibaba Cloud'}, with all files on their disks:")
    head = ("Id", "Name", "Region", "Status", "Type", "Disk", "Since", "Whose")
    print_table(map(_row, found.victims), head, indent=2)
    if any(map(holds, found.victims)):
        _offer(found, wanted.backup)


def left_alone(found: Plan) -> None:
    """Print what isn't deleted, and why."""
    for one in found.left_alone:
        instance = one.listed.instance
        name, status = printable(instance.instance_name, 60), printable(instance.status, 30)
        since = printable(local_text(instance.gmt_create_time), 30)
        what = f"{printable(instance.instance_id, 64)} ({name}, {one.listed.region}, {status}, since {since})"
        print_text(f"left alone: {what}: {printable(one.why, _LONGEST)}")


def _row(listed: ListedInstance) -> tuple[str, ...]:
    found, stack = listed.instance, stack_of(listed.instance.labels)
    return (
        printable(found.instance_id, 64),
        printable(found.instance_name, 60),
        listed.region,
        printable(found.status, 30),
        printable(found.ecs_spec, 60),
        printable("+".join(disk.capacity for disk in found.cloud_disks) or "unknown", 60),
        printable(local_text(found.gmt_create_time), 30),
        f"{Parts().owner(listed.owner)}{f', stack {printable(stack, 80)}' if stack else ''}",
    )


def entry(listed: ListedInstance) -> dict[str, Any]:
    """An instance for programs."""
    found = listed.instance
    return {
        "instanceId": found.instance_id,
        "instanceName": found.instance_name,
        "region": listed.region,
        "status": found.status,
        "runs": listed.runs,
        "disks": [disk.capacity for disk in found.cloud_disks],
        "since": found.gmt_create_time or None,
        "owner": listed.owner.value,
    }


def _offer(found: Plan, where: backup.Place | None) -> None:
    if where is None:
        print("NOTHING OF THEM IS SAVED; --backup saves their environments as images first.")
        return
    print(f"Each one's environment is saved to {where.repository} first; one that can't be is left alone.")
    for region in sorted({listed.region for listed in found.victims}):
        for text in backup.warnings(region, where):
            print(f"warning: {region}: {text}")


def typed(found: Plan, wanted: Wanted) -> frozenset[str]:
    """The ids that the user typed, of what runs."""
    saved = "" if wanted.backup is None else ", after it is saved"
    asked = [
        one.instance.instance_id
        for one in found.victims
        if one.runs and one.instance.instance_id not in wanted.running
    ]
    return frozenset(one for one in asked if _typed(one, f"{one} runs. Type its id to delete it{saved}: "))


def agreed(found: Plan, wanted: Wanted, ids: frozenset[str]) -> bool:
    """Whether the user typed the word, or the ids of all; no where nobody can be asked."""
    if all(one.instance.instance_id in ids for one in found.victims):
        return True
    how = "delete them"
    if any(map(holds, found.victims)):
        how = "delete them without a backup" if wanted.backup is None else "save them and then delete them"
    return _typed(_WORD, f"Type {_WORD} to {how}: ")


def _typed(word: str, question: str) -> bool:
    try:
        return input(question).strip() == word
    except (EOFError, UnicodeDecodeError):
        print()
        return False
