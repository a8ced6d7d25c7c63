"""`dsw rehearse up` and `dsw rehearse down`."""

from __future__ import annotations

from argparse import Namespace
from typing import Annotated

import typer

from paidsw.cli import options

app = typer.Typer(help="Provision and release on an emulator on this machine (make up, make down).")
Port = Annotated[
    str | None,
    typer.Option(
        "--port",
        metavar="PORT",
        help="Port of the emulator, by default DSW_EMULATOR_PORT, else the last one, 8790 or any that is free.",
    ),
]


@app.command()
def up(context: typer.Context, port: Port = None) -> int:
    """Start the emulator if it doesn't run, and provision."""
    from paidsw.cli import rehearse

    return rehearse.up(Namespace(root=options.checkout(context), port=number(port)))


@app.command()
def down(context: typer.Context, port: Port = None) -> int:
    """Release everything, show what is left, and stop the emulator.

    Exits with 1 when something is left.
    """
    from paidsw.cli import rehearse

    return rehearse.down(Namespace(root=options.checkout(context), port=number(port)))


def number(port: str | None) -> int | None:
    """A port as somebody writes it. Raises UsageError when it is none."""
    from argparse import ArgumentTypeError

    from paidsw.cli.errors import UsageError
    from paidsw.cli.rehearsal import port as parsed

    try:
        return None if port is None else parsed(port)
    except ArgumentTypeError:
        raise UsageError(f"--port is {port!r}", "give a number from 1 to 65535") from None
