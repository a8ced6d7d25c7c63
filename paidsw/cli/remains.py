"""What lives in a rehearsal's emulator, told apart by owner: of the rehearsed stack, or of somebody else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from paidsw.audit.declared import Declared, owner
from paidsw.audit.endings import Endings
from paidsw.audit.model import Owner
from paidsw.cli.output import print_table
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.core import forms
from paidsw.core.text import printable
from paidsw.emulator.ledger.live import Live

_OURS = (Owner.DECLARED, Owner.UNDECLARED)


@dataclass(frozen=True)
class Remains:
    """Of the stack, and of others: what lives, with what ends it."""

    ours: tuple[tuple[Live, str], ...]
    others: tuple[tuple[Live, str], ...]

    @property
    def notebook(self) -> bool:
        """Whether a notebook is among them, whose end needs an emulator that runs."""
        return any(thing.kind == "instance" for thing, _ in (*self.ours, *self.others))


def told_apart(
    live: Iterable[Live], before: Declared | None, after: Declared | None, emulator: str
) -> Remains:
    """What lives, by what the stack declared `before` a destroy. Asks the emulator for owners.

    `after`: what a destroy that failed has left in the state, which another one ends; None where none failed.
    """
    things = list(live)
    regions = {thing.region for thing in things if thing.kind == "instance"}
    found = asyncio.run(_instances(emulator, regions)) if regions else {}
    ends = Endings(emulator)
    ours: list[tuple[Live, str]] = []
    others: list[tuple[Live, str]] = []
    for thing in things:
        instance = found.get(thing.id)
        whose = _whose(thing, before, instance)
        if after is not None and _whose(thing, after, instance) is Owner.DECLARED:
            end = ends.stack()
        elif thing.kind == "instance" and instance is not None:
            asked = Owner.UNDECLARED if whose is Owner.DECLARED else whose
            end = ends.instance(instance, thing.region, asked)
        else:
            end = ends.reset()
        (ours if whose in _OURS else others).append((thing, str(end)))
    return Remains(tuple(ours), tuple(others))


async def _instances(emulator: str, regions: Iterable[str]) -> Mapping[str, Instance]:
    """The instances by id; none where they can't be listed."""
    connection = Connection(emulator)
    with contextlib.suppress(CloudError):
        lists = await asyncio.gather(*(DswClient(connection, region).all_instances() for region in regions))
        return {one.instance_id: one for listed in lists for one in listed}
    return {}


def _whose(thing: Live, stack: Declared | None, instance: Instance | None) -> Owner:
    if thing.kind in ("instance", "disk"):
        if instance is None and stack is not None:
            return Owner.UNDECLARED  # its owner can't be told: then it isn't called somebody else's
        return owner(thing.id, instance.labels if instance else {}, stack)
    if stack is not None and thing.kind == "workspace":
        derived = {forms.derived_workspace_name(owner_id) for owner_id in stack.owners}
        mine = thing.name in derived or thing.id in stack.workspaces
        return Owner.DECLARED if mine else Owner.UNKNOWN
    return Owner.UNKNOWN


def show(title: str, things: Iterable[tuple[Live, str]]) -> None:
    """Print a list of what lives, each with what ends it."""
    rows = [
        (thing.kind, printable(thing.id), printable(thing.name), thing.region, printable(thing.status), end)
        for thing, end in things
    ]
    if rows:
        print(f"{title}:")
        print_table(rows, ("Kind", "Id", "Name", "Region", "Status", "What ends it"), indent=2)
