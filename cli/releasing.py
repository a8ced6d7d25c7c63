"""What `dsw release` does: show, ask, delete, and wait until a read confirms it."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from audit.declared import Declared, stack_of
from audit.instances import Seen, read
from audit.looking import INSTANCES, Looker
from audit.model import NotSeen, Owner
from audit.regions import PLACES, Place, Service
from audit.run import clock_of
from audit.shown import clean
from audit.text import owner as whose
from cli.audit import connection, declared
from cli.errors import CliError
from dsw import CloudError, Connection, DswClient, NotFound
from provider.engine import Engine
from provider.errors import ProviderError
from provider.instance.delete import DEFAULT_TIMEOUT, delete
from provider.operation import Operation

DONE, NOT_DONE, INCOMPLETE = 0, 1, 2
_ID = re.compile(r"dsw-[A-Za-z0-9-]{1,60}")
_WORD = "release"


@dataclass(frozen=True)
class Wanted:
    """What is to be released: `names` one by one, or without any all that is ours and undeclared."""

    connection: Connection
    regions: tuple[str, ...]
    names: tuple[str, ...]
    declared: Declared | None


@dataclass(frozen=True)
class Plan:
    """What would be deleted, and where nobody could look."""

    victims: tuple[Seen, ...]
    not_seen: tuple[NotSeen, ...]


def run(options: argparse.Namespace) -> int:
    """Show, ask, delete, wait."""
    wanted = _wanted(options)
    plan = asyncio.run(look(wanted))
    _show(plan, options)
    code = INCOMPLETE if plan.not_seen else DONE
    if not plan.victims:
        print("Nothing to release." if not plan.not_seen else "Nothing to release where it could look.")
        return code
    if options.dry_run:
        print("Nothing was released: that was the dry run.")
        return max(code, NOT_DONE)
    if not options.yes and not _agreed():
        print("Nothing was released.")
        return max(code, NOT_DONE)
    failed = asyncio.run(release(wanted, plan.victims, lambda text: print(text, flush=True)))
    return max(code, NOT_DONE if failed else DONE)


def _wanted(options: argparse.Namespace) -> Wanted:
    if options.undeclared == bool(options.ids):
        raise CliError("name the instances to release, or give --undeclared with --state", INCOMPLETE)
    if options.undeclared and options.state is None:
        raise CliError("--undeclared needs --state: pulumi stack export --file stack.json", INCOMPLETE)
    if options.state == "-" and not options.yes and not options.dry_run:
        raise CliError(
            "--state - leaves nothing to answer from; give a file, or --yes, or --dry-run", INCOMPLETE
        )
    for name in options.ids:
        if not _ID.fullmatch(name):
            raise CliError(
                f"{clean(name, 60)!r} is no instance's id; it looks like dsw-0123456789abcdef", INCOMPLETE
            )
    known = [region for region, place in PLACES.items() if Service.DSW in place.services]
    for region in options.region:
        if region not in known:
            raise CliError(f"--region {region!r} has no DSW; use {', '.join(known)}", INCOMPLETE)
    regions = tuple(dict.fromkeys(options.region)) or tuple(known)
    return Wanted(connection(options), regions, tuple(dict.fromkeys(options.ids)), declared(options))


async def look(wanted: Wanted) -> Plan:
    """Look in all regions for what is to be released. Raises CliError for what mustn't be."""
    looker = Looker(wanted.connection, clock_of(wanted.connection))
    places = [_dsw_only(PLACES[region]) for region in wanted.regions]
    views = await asyncio.gather(*(looker.region(place) for place in places))
    missed = tuple(item for view in views for item in view.not_seen if item.blocking)
    seen = [
        found
        for view in views
        for item in view.lists.get(INSTANCES, ())
        if (found := _read(item, view.place.region, wanted.declared)) is not None
    ]
    if not wanted.names:
        return Plan(tuple(one for one in seen if one.owner is Owner.UNDECLARED), missed)
    return Plan(tuple(_named(name, seen, missed) for name in wanted.names), missed)


def _dsw_only(place: Place) -> Place:
    return Place(place.region, (Service.DSW,), place.official)


def _read(item: dict[str, Any], region: str, state: Declared | None) -> Seen | None:
    """An instance of a list; one that can't be read can't be recognised as ours, so it is left alone."""
    try:
        return read(item, region, state)
    except (ValidationError, KeyError, TypeError, AttributeError):
        return None


def _named(name: str, seen: Sequence[Seen], missed: Sequence[NotSeen]) -> Seen:
    found = [one for one in seen if one.instance.instance_id == name]
    if not found:
        where = f"; not seen: {', '.join(sorted({item.region for item in missed}))}" if missed else ""
        raise CliError(f"there is no instance {name} in the regions that were looked at{where}", INCOMPLETE)
    if found[0].owner is Owner.DECLARED:
        raise CliError(f"{name} is declared by the stack; release it with pulumi destroy", INCOMPLETE)
    return found[0]


def _show(plan: Plan, options: argparse.Namespace) -> None:
    cloud = connection(options).emulator or "Alibaba Cloud"
    for item in plan.not_seen:
        print(f"not seen: {item.region}: {clean(item.why)}; {clean(item.fix)}")
    if plan.victims:
        print(f"To be deleted in {cloud}, with all files on their disks:")
    for seen in plan.victims:
        found = seen.instance
        stack = stack_of(found.labels)
        of = f"{whose(seen.owner)}{f', stack {clean(stack, 80)}' if stack else ''}"
        print(
            f"  {clean(found.instance_id, 64)} {clean(found.instance_name, 60)!r} in {seen.region}: "
            f"{clean(found.status, 30)}, {clean(found.ecs_spec, 60)}, since {clean(found.gmt_create_time, 30)}, {of}"
        )


def _agreed() -> bool:
    """Whether somebody typed the word; without anybody to ask, no."""
    try:
        return input(f"Type {_WORD} to delete them: ").strip() == _WORD
    except EOFError:
        print()
        return False


async def release(wanted: Wanted, victims: Sequence[Seen], tell: Callable[[str], None]) -> list[str]:
    """Delete all at once and wait until a read confirms each; the ids that aren't gone."""
    outcomes = await asyncio.gather(*(_release(wanted, seen) for seen in victims))
    failed = []
    for seen, trouble in zip(victims, outcomes, strict=True):
        name = clean(seen.instance.instance_id, 64)
        tell(f"{name}: {trouble or 'gone'}")
        if trouble:
            failed.append(name)
    return failed


async def _release(wanted: Wanted, seen: Seen) -> str:
    """Release one; why it isn't gone, empty when it is."""
    api = DswClient(wanted.connection, seen.region)
    try:
        await _still_meant(api, seen, wanted)
        operation = Operation(
            "", api, clock_of(wanted.connection), Engine(None), asyncio.Event(), DEFAULT_TIMEOUT
        )
        await delete(operation, seen.instance.instance_id)
    except NotFound:
        return ""
    except ProviderError as error:
        return clean(str(error).replace("pulumi destroy", "dsw release"))
    except (CloudError, CliError) as error:
        return clean(f"not deleted: {error}")
    return ""


async def _still_meant(api: DswClient, seen: Seen, wanted: Wanted) -> None:
    """Look once more before the delete: an instance that lost its labels meanwhile isn't ours any more."""
    if wanted.names:
        return
    now = await api.get_instance(seen.instance.instance_id)
    again = read({"InstanceId": now.instance_id, "Labels": now.labels}, seen.region, wanted.declared)
    if again.owner is not Owner.UNDECLARED:
        raise CliError("its labels have changed since the dry run; run the same command again")
