"""`dsw release`."""

from __future__ import annotations

from typing import Annotated

import typer

from paidsw.cli import options

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="Instances to delete, no matter who made them.")
]
Undeclared = Annotated[
    bool,
    typer.Option("--undeclared", help="Delete all that this stack owns and that isn't in --state."),
]
Running = Annotated[
    list[str] | None,
    typer.Option(
        "--running",
        metavar="ID",
        help="Delete this one though it runs, without typing its id; may be repeated.",
    ),
]
Regions = Annotated[
    list[str] | None, typer.Option("--region", metavar="REGION", help="Look only here; may be repeated.")
]
Backup = Annotated[
    bool,
    typer.Option("--backup", help="Save each environment as an image first, and keep what can't be saved."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be deleted.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask; what runs is left alone without --running.")]


def release(
    context: typer.Context,
    ids: Ids = None,
    undeclared: Undeclared = False,
    running: Running = None,
    state: options.State = None,
    stack: options.Stack = "dev",
    region: Regions = None,
    backup: Backup = False,
    snapshot: options.Snapshot = None,
    repository: options.Repository = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    json: options.Json = False,
) -> int:
    """Delete instances that a crash left over, or the ones named.

    Shows what it would delete, and asks; a notebook that runs goes only by its id. What another state owns and what is
    on its way up is left alone. Without --backup nothing is saved. Exits with 1 when something is left, with 3 when a
    region couldn't be looked at or the state can't decide it.
    """
    from paidsw.cli.release.request import Request
    from paidsw.cli.release.run import Answers, run

    request = Request(
        root=options.root(context),
        emulator=emulator,
        emulator_url=emulator_url,
        ids=tuple(ids or ()),
        undeclared=undeclared,
        running=tuple(running or ()),
        state=state,
        stack=stack,
        regions=tuple(region or ()),
        backup=backup,
        snapshot=snapshot,
        repository=repository,
    )
    return run(request, Answers(dry_run, yes, json))
