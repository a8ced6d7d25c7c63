"""`dsw events`."""

from __future__ import annotations

from typing import Annotated

import typer

from paidsw.cli import options
from paidsw.cli.errors import ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import print_json, wait_for

LEVELS = ("INFO", "WARN", "ERROR")
Level = Annotated[
    str | None,
    typer.Option(
        "--level",
        metavar="LEVEL",
        help=f"Only events of this level: {', '.join(LEVELS)}.",
        autocompletion=lambda: list(LEVELS),
    ),
]
_WHOLE = Text.WHOLE()
Last = Annotated[
    float | None,
    typer.Option(
        "--last", metavar="N", help="Only the newest N events.", parser=options.number("--last", _WHOLE)
    ),
]


def events(
    context: typer.Context,
    notebook: options.NotebookId = None,
    level: Level = None,
    last: Last = None,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: options.Region = None,
    json: options.Json = False,
) -> int:
    """List what the cloud did with a notebook, newest last.

    Read-only.
    """
    from paidsw.cli import events as history
    from paidsw.cli.connection import connect
    from paidsw.cli.own_state import own_state

    if last is not None and (last < 1 or last != int(last)):
        raise UsageError(Text.NUMBER_IS(option="--last", number=last), Text.GIVE(wanted=_WHOLE))
    newest = None if last is None else int(last)
    chosen = "" if level is None else options.one_of("--level", level, LEVELS, case_sensitive=False)
    where = options.trial_region(context, region)
    cloud = connect(options.root(context), emulator, emulator_url)
    state = own_state(options.root(context), cloud)
    found = wait_for(history.look(cloud, where, notebook, chosen, newest, state), f"asking {where}")
    if json:
        print_json(history.document(found))
    else:
        history.show(found)
    return ExitCode.OK
