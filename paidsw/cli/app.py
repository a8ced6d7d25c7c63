"""All commands of `dsw`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from paidsw import __version__
from paidsw.cli.commands import (
    audit,
    backup,
    check,
    doctor,
    emulator,
    events,
    extend,
    lifecycle,
    rehearse,
    release,
    status,
)
from paidsw.cli.commands import open as browse
from paidsw.cli.errors import ExitCode

EXIT_CODES = "\b\nExit codes:\n" + "\n".join(f"  {code.value:<4} {code.meaning}" for code in ExitCode)
app = typer.Typer(
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"dsw {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def dsw(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A free GPU notebook on Alibaba Cloud PAI-DSW, and its rehearsal on this machine."""
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(ExitCode.USAGE)


app.add_typer(rehearse.app, name="rehearse")
app.add_typer(emulator.app, name="emulator")
app.command()(check.check)
app.command()(status.status)
app.command("open")(browse.open_notebook)
app.command()(events.events)
app.command()(lifecycle.lifecycle)
app.command()(extend.extend)
app.command()(backup.backup)
app.command()(audit.audit)
app.command()(release.release)
app.command()(doctor.doctor)
