"""`dsw emulator start`, `stop`, `status` and `reset`."""

from __future__ import annotations

import typer

from paidsw.cli import options
from paidsw.cli.commands.rehearse import Port, number

app = typer.Typer(help="Run the emulator of the cloud by itself.")


@app.command()
def start(context: typer.Context, port: Port = None) -> int:
    """Start it in the background, or say where it runs."""
    from paidsw.cli import emulator

    return emulator.start(options.root(context), number(port))


@app.command()
def stop(context: typer.Context) -> int:
    """Stop it; its state stays."""
    from paidsw.cli import emulator

    return emulator.stop(options.root(context))


@app.command()
def status(context: typer.Context, json: options.Json = False) -> int:
    """Show where it runs and what lives in it.

    Exits with 3 when it doesn't run.
    """
    from paidsw.cli import emulator

    return emulator.show(options.root(context), json=json)


@app.command()
def reset(context: typer.Context) -> int:
    """Empty it."""
    from paidsw.cli import emulator

    return emulator.reset(options.root(context))
