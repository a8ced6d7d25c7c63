"""What `dsw release` does: show, ask, delete, and wait until a read confirms it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paidsw.audit.declared import Declared, stack_of
from paidsw.audit.instances import ListedInstance, read
from paidsw.audit.inventory import INSTANCES, InventoryReader
from paidsw.audit.model import NotSeen, Owner
from paidsw.audit.not_seen import unreadable_instance
from paidsw.audit.regions import PLACES, Place, Service
from paidsw.audit.reports.parts import Parts
from paidsw.cli import backup
from paidsw.cli.audit import declared
from paidsw.cli.connection import connect
from paidsw.cli.errors import CliError, ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.options import one_of
from paidsw.cli.output import print_json, print_table, wait_for
from paidsw.cli.times import local_text
from paidsw.cloud import CloudError, Connection, DswClient, Instance, NotFound
from paidsw.cloud.models import DELETING
from paidsw.core.text import printable
from paidsw.provider.engine import Engine
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import power
from paidsw.provider.instance.delete import DEFAULT_TIMEOUT, delete
from paidsw.provider.operation import Ledger, Operation

_ID = re.compile(r"dsw-[A-Za-z0-9-]{1,60}")
_WORD = "release"
_LONGEST = 1000


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    root: Path
    emulator: bool
    emulator_url: str | None
    ids: tuple[str, ...]
    undeclared: bool
    state: str | None
    stack: str
    regions: tuple[str, ...]
    backup: bool
    snapshot: str | None
    repository: str | None


@dataclass(frozen=True)
class Wanted:
    """What is to be released: `names` one by one, or without any all that is ours and undeclared.

    `backup` is where each one's environment is saved before; without it nothing is saved.
    """

    connection: Connection
    regions: tuple[str, ...]
    names: tuple[str, ...]
    declared: Declared | None
    backup: backup.Place | None = None


@dataclass(frozen=True)
class Plan:
    """What would be deleted, and which regions couldn't be looked at."""

    victims: tuple[ListedInstance, ...]
    not_seen: tuple[NotSeen, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one."""

    gone: bool
    said: str


def run(request: Request, *, dry_run: bool, yes: bool, json: bool) -> int:
    """Show, ask, save, delete, wait; the exit code."""
    if request.state == "-" and not yes and not dry_run:
        raise UsageError(Text.NOTHING_ANSWERS(), Text.ANSWER_OTHERWISE())
    if json and not yes and not dry_run:
        raise UsageError(Text.JSON_ASKS_NOTHING(), Text.GIVE_YES())
    wanted = _wanted(request)
    plan = wait_for(look(wanted), f"asking {len(wanted.regions)} regions")
    if json:
        return _run_for_programs(plan, wanted, dry_run=dry_run)
    _show(plan, wanted)
    code = ExitCode.FAILED if plan.not_seen else ExitCode.OK
    if not plan.victims:
        print("Nothing to release." if not plan.not_seen else "Nothing to release where it could look.")
        return code
    if dry_run:
        print("Nothing was released: that was the dry run.")
        return max(code, ExitCode.FOUND)
    if not yes and not _agreed(plan, wanted):
        print("Nothing was released.")
        return max(code, ExitCode.FOUND)
    outcomes = asyncio.run(release(wanted, plan.victims, lambda text: print(text, flush=True)))
    return max(code, _left(outcomes))


def _run_for_programs(plan: Plan, wanted: Wanted, *, dry_run: bool) -> int:
    """Release without a question; progress goes to standard error, and one document to standard output."""

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    outcomes: Sequence[Outcome] = ()
    if plan.victims and not dry_run:
        outcomes = asyncio.run(release(wanted, plan.victims, tell))
    print_json(document(plan, outcomes))
    nothing_yet = ExitCode.FOUND if plan.victims and dry_run else ExitCode.OK
    return max(ExitCode.FAILED if plan.not_seen else ExitCode.OK, _left(outcomes), nothing_yet)


def _left(outcomes: Sequence[Outcome]) -> ExitCode:
    return ExitCode.OK if all(one.gone for one in outcomes) else ExitCode.FOUND


def document(plan: Plan, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For programs: every instance with what became of it, null where nothing was tried."""
    found = [*outcomes, *[None] * (len(plan.victims) - len(outcomes))]
    return {
        "instances": [
            {
                "instanceId": listed.instance.instance_id,
                "instanceName": listed.instance.instance_name,
                "region": listed.region,
                "status": listed.instance.status,
                "owner": listed.owner.value,
                "released": outcome.gone if outcome else None,
                "outcome": outcome.said if outcome else None,
            }
            for listed, outcome in zip(plan.victims, found, strict=True)
        ],
        "notSeen": [
            {"region": item.region, "why": str(item.why), "fix": str(item.fix)} for item in plan.not_seen
        ],
    }


def _wanted(request: Request) -> Wanted:
    if request.undeclared and request.ids:
        raise UsageError(Text.TWO_CHOICES(), Text.GIVE_ONE())
    if not request.undeclared and not request.ids:
        raise UsageError(Text.NONE_NAMED(), Text.NAME_SOME())
    if request.undeclared and request.state is None:
        raise UsageError(Text.NEEDS_STATE(), Text.EXPORT_FIRST())
    for name in request.ids:
        if not _ID.fullmatch(name):
            raise UsageError(Text.NOT_AN_ID(value=printable(name, 60)), Text.ID_LOOKS_LIKE())
    known = [region for region, place in PLACES.items() if Service.DSW in place.services]
    regions = tuple(one_of("--region", region, known) for region in dict.fromkeys(request.regions))
    return Wanted(
        connect(request.root, request.emulator, request.emulator_url),
        regions or tuple(known),
        tuple(dict.fromkeys(request.ids)),
        declared(request.root, request.state, request.stack),
        _backup(request),
    )


def _backup(request: Request) -> backup.Place | None:
    if request.backup:
        return backup.place(request.root, request.snapshot, request.repository)
    if request.snapshot is not None or request.repository is not None:
        raise UsageError(Text.PLACE_WITHOUT_BACKUP(), Text.GIVE_BACKUP())
    return None


async def look(wanted: Wanted) -> Plan:
    """Look in all regions for what is to be released. Raises CliError for what mustn't be."""
    reader = InventoryReader(wanted.connection, wanted.connection.clock())
    places = [_dsw_only(PLACES[region]) for region in wanted.regions]
    try:
        await reader.sign_in()
    except CloudError as error:
        raise CliError(Text.NOT_LOOKED(why=error)) from None
    inventories = await reader.regions(places)
    missed = tuple(item for one in inventories for item in one.not_seen if item.blocking)
    listed: list[ListedInstance] = []
    for one in inventories:
        for item in one.lists.get(INSTANCES, ()):
            found = _read(item, one.place.region, wanted.declared)
            if found is None:
                missed += (unreadable_instance(one.place),)
            else:
                listed.append(found)
    if not wanted.names:
        return Plan(tuple(one for one in listed if one.owner is Owner.UNDECLARED), missed)
    return Plan(tuple(_named(name, listed, missed) for name in wanted.names), missed)


def _dsw_only(place: Place) -> Place:
    return Place(place.region, (Service.DSW,), place.official)


def _read(item: dict[str, Any], region: str, state: Declared | None) -> ListedInstance | None:
    """An instance of a list; one that can't be read can't be recognised as ours: it is left alone, with a message."""
    try:
        return read(item, region, state)
    except (ValidationError, KeyError, TypeError, AttributeError):
        return None


def _named(name: str, listed: Sequence[ListedInstance], missed: Sequence[NotSeen]) -> ListedInstance:
    found = [one for one in listed if one.instance.instance_id == name]
    if not found:
        regions = ", ".join(sorted({item.region for item in missed}))
        none = Text.NO_INSTANCE_SEEN(name=name, regions=regions) if missed else Text.NO_INSTANCE(name=name)
        raise CliError(none, Text.SEE_AUDIT())
    if found[0].owner is Owner.DECLARED:
        raise CliError(Text.IS_DECLARED(name=name), Text.DESTROY())
    return found[0]


def _show(plan: Plan, wanted: Wanted) -> None:
    for item in plan.not_seen:
        print(f"not seen: {item.region}: {printable(item.why)}; {printable(item.fix)}")
    if plan.victims:
        print(
            f"To be deleted in {wanted.connection.emulator or 'Alibaba Cloud'}, with all files on their disks:"
        )
    print_table(
        map(_row, plan.victims), ("Id", "Name", "Region", "Status", "Type", "Since", "Whose"), indent=2
    )
    if any(map(_holds, plan.victims)):
        _offer(plan, wanted.backup)


def _row(listed: ListedInstance) -> tuple[str, ...]:
    found, stack = listed.instance, stack_of(listed.instance.labels)
    return (
        printable(found.instance_id, 64),
        printable(found.instance_name, 60),
        listed.region,
        printable(found.status, 30),
        printable(found.ecs_spec, 60),
        printable(local_text(found.gmt_create_time), 30),
        f"{Parts().owner(listed.owner)}{f', stack {printable(stack, 80)}' if stack else ''}",
    )


def _holds(listed: ListedInstance) -> bool:
    """Whether there is something to save."""
    return listed.instance.status != DELETING


def _offer(plan: Plan, where: backup.Place | None) -> None:
    if where is None:
        print("NOTHING OF THEM IS SAVED; --backup saves their environments as images first.")
        return
    print(f"Each one's environment is saved to {where.repository} first; one that can't be is left alone.")
    for region in sorted({listed.region for listed in plan.victims}):
        for text in backup.warnings(region, where):
            print(f"warning: {region}: {text}")


def _agreed(plan: Plan, wanted: Wanted) -> bool:
    """Whether the user typed the word; no where nobody can be asked."""
    how = "delete them"
    if any(map(_holds, plan.victims)):
        how = "delete them without a backup" if wanted.backup is None else "save them and then delete them"
    try:
        return input(f"Type {_WORD} to {how}: ").strip() == _WORD
    except (EOFError, UnicodeDecodeError):
        print()
        return False


async def release(
    wanted: Wanted, victims: Sequence[ListedInstance], tell: Callable[[str], None]
) -> list[Outcome]:
    """Release all at once and wait until a read confirms each; what became of each, in their order."""
    ledger = Ledger()
    with backup.until_interrupted() as interrupted:
        releases = [_Release(wanted, listed, interrupted, ledger, tell) for listed in victims]
        outcomes = await asyncio.gather(*(one.outcome() for one in releases))
    for one, outcome in zip(releases, outcomes, strict=True):
        tell(f"{one.name}: {outcome.said}")
    return outcomes


class _Vanished(Exception):
    """The instance disappeared by itself: neither a read nor the list knows it."""


class _Release:
    """The end of one instance."""

    def __init__(
        self,
        wanted: Wanted,
        listed: ListedInstance,
        interrupted: asyncio.Event,
        ledger: Ledger,
        tell: Callable[[str], None],
    ) -> None:
        self._wanted, self._listed, self._interrupted = wanted, listed, interrupted
        self._ledger, self._tell = ledger, tell
        self._id = listed.instance.instance_id
        self.name = printable(self._id, 64)
        self._api = DswClient(wanted.connection, listed.region)
        self._kept = ""
        # What can stop a machine that was started for its backup.
        self._started: Operation | None = None

    async def outcome(self) -> Outcome:
        """Save it if that is wanted, then delete it. A machine started for that isn't left running."""
        outcome = await self._outcome()
        if self._started is not None and not outcome.gone:
            await power.stop_again(self._started, self._id)
        return outcome

    async def _outcome(self) -> Outcome:
        try:
            await self._still_meant()
            if self._wanted.backup is not None and _holds(self._listed):
                await self._save(self._wanted.backup)
                await self._still_meant()
            await self._delete()
        except backup.Gone as error:
            return Outcome(True, printable(error, _LONGEST))
        except _Vanished:
            return Outcome(True, self._gone())
        except ProviderError as error:
            again = "; run dsw release again" if error.advice else ""
            return Outcome(False, printable(f"{error.cause}{again}{self._kept}", _LONGEST))
        except (CloudError, CliError) as error:
            return Outcome(False, printable(f"not deleted: {error}{self._kept}", _LONGEST))
        return Outcome(True, self._gone())

    def _gone(self) -> str:
        lost = self._wanted.backup is not None and _holds(self._listed) and not self._kept
        return f"gone{'; nothing of it was saved before' if lost else self._kept}"

    async def _save(self, where: backup.Place) -> None:
        shown = backup.Printed(self._tell, f"{self.name}: ")
        connection = self._wanted.connection
        op = backup.operation(self._api, connection, self._id, self._interrupted, shown, self._ledger)
        try:
            made = await backup.save(op, self._id, where, fresh=True)
        except backup.Gone:
            raise
        except CliError as error:
            raise CliError(str(error), Text.LOST_WITHOUT_BACKUP()) from None
        self._started = op if made.started else None
        self._kept = f"; its environment is saved: {printable(made.image)}"

    async def _delete(self) -> None:
        clock, timeout = self._wanted.connection.clock(), DEFAULT_TIMEOUT
        op = Operation("", self._api, clock, Engine(None), self._interrupted, timeout)
        await delete(op, self._id)

    async def _still_meant(self) -> None:
        """Look once more before a delete: an instance that lost its labels meanwhile isn't ours any more."""
        if self._wanted.names:
            return
        now = await self._as_it_is()
        item = {"InstanceId": now.instance_id, "Labels": now.labels}
        again = read(item, self._listed.region, self._wanted.declared)
        if again.owner is not Owner.UNDECLARED:
            raise CliError(Text.LABELS_CHANGED(), Text.RUN_SAME())

    async def _as_it_is(self) -> Instance:
        """The instance now. One answer alone is not enough to call it gone: then the list is asked as well."""
        try:
            return await self._api.get_instance(self._id)
        except NotFound:
            for other in await self._api.all_instances(self._listed.instance.workspace_id):
                if other.instance_id == self._id:
                    return other
            raise _Vanished from None
