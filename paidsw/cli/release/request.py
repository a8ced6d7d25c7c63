"""What is asked of `dsw release`, checked before the cloud is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from paidsw.audit.declared import Declared
from paidsw.audit.regions import PLACES, Service
from paidsw.cli import backup
from paidsw.cli.connection import connect
from paidsw.cli.errors import UsageError
from paidsw.cli.messages import Text
from paidsw.cli.options import one_of
from paidsw.cli.states import StackState
from paidsw.cloud import Connection
from paidsw.core.text import printable

_ID = re.compile(r"dsw-[A-Za-z0-9-]{1,60}")


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    root: Path
    emulator: bool
    emulator_url: str | None
    ids: tuple[str, ...]
    undeclared: bool
    running: tuple[str, ...]
    state: str | None
    stack: str
    regions: tuple[str, ...]
    backup: bool
    snapshot: str | None
    repository: str | None


@dataclass(frozen=True)
class Wanted:
    """What is to be released: `names` one by one, or without any all that is ours and undeclared.

    `running` are those that somebody named by id to go although they run. `backup` is where each one's environment is
    saved before; without it nothing is saved.
    """

    connection: Connection
    regions: tuple[str, ...]
    names: tuple[str, ...]
    running: tuple[str, ...]
    state: StackState
    declared: Declared | None
    backup: backup.Place | None = None


def wanted(request: Request) -> Wanted:
    """What is to be released. Raises CliError where that isn't clear, or the state can't decide it."""
    if request.undeclared and request.ids:
        raise UsageError(Text.TWO_CHOICES(), Text.GIVE_ONE())
    if not request.undeclared and not request.ids:
        raise UsageError(Text.NONE_NAMED(), Text.NAME_SOME())
    if request.undeclared and request.state is None and not request.emulator:
        raise UsageError(Text.NEEDS_STATE(), Text.EXPORT_FIRST())
    for name in (*request.ids, *request.running):
        if not _ID.fullmatch(name):
            raise UsageError(Text.NOT_AN_ID(value=printable(name, 60)), Text.ID_LOOKS_LIKE())
    known = [region for region, place in PLACES.items() if Service.DSW in place.services]
    regions = tuple(one_of("--region", region, known) for region in dict.fromkeys(request.regions))
    connection = connect(request.root, request.emulator, request.emulator_url)
    state = StackState(request.root, connection, request.state, request.stack)
    return Wanted(
        connection,
        regions or tuple(known),
        tuple(dict.fromkeys(request.ids)),
        tuple(dict.fromkeys(request.running)),
        state,
        state.evidence() if request.undeclared else state.read(),
        _backup(request),
    )


def _backup(request: Request) -> backup.Place | None:
    if request.backup:
        return backup.place(request.root, request.snapshot, request.repository)
    if request.snapshot is not None or request.repository is not None:
        raise UsageError(Text.PLACE_WITHOUT_BACKUP(), Text.GIVE_BACKUP())
    return None
