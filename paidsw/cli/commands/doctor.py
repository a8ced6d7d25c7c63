"""`dsw doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from paidsw.cli import options
from paidsw.cli.output import print_json

RegionToAsk = Annotated[
    str | None, typer.Option("--region", metavar="REGION", help="Region to ask; by default cn-wulanchabu.")
]


def doctor(
    context: typer.Context,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: RegionToAsk = None,
    json: options.Json = False,
) -> int:
    """Check this machine and the account for what a notebook needs.

    Read-only. Prints a line for each check: ok, or how to fix it. Exits with 1 when there is something to fix.
    """
    from paidsw.cli import doctor as checks
    from paidsw.cli.connection import connect

    where = checks.region(region)
    cloud = connect(options.root(context), emulator, emulator_url)
    lines = checks.check(options.root(context), cloud, where)
    if json:
        print_json(checks.document(lines))
    else:
        checks.show(lines)
    return checks.exit_code(lines)
