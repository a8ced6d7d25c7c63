"""`dsw rehearse up`, `down` and `pulumi`."""

from __future__ import annotations

from typing import Annotated

import typer

from paidsw.cli import options

app = typer.Typer(help="Provision and release on the emulator (make up, make down).")
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
    """Start the emulator if it doesn't run, and provision.

    Exits with 3 when it isn't finished.
    """
    from paidsw.cli import rehearse

    return rehearse.up(options.checkout(context), number(port))


@app.command()
def down(context: typer.Context, port: Port = None) -> int:
    """Release what the stack has, name what else lives, and stop the emulator.

    Exits with 1 when something of the stack is left.
    """
    from paidsw.cli import rehearse

    return rehearse.down(options.checkout(context), number(port))


@app.command(context_settings={"ignore_unknown_options": True})
def pulumi(
    context: typer.Context,
    arguments: Annotated[
        list[str],
        typer.Argument(metavar="ARGUMENT", help="As `pulumi` takes them; --help of pulumi goes behind a --."),
    ],
) -> int:
    """Run any other `pulumi` on the rehearsal's stack, such as an import, a refresh or an export.

    Exits with 3 when pulumi fails.
    """
    from paidsw.cli import rehearse

    return rehearse.pulumi(options.checkout(context), arguments)


def number(port: str | None) -> int | None:
    """The port that --port names."""
    from paidsw.cli.rehearsal import port_of

    return None if port is None else port_of("--port", port)
