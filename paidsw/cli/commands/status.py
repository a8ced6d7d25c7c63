"""`dsw status`."""

from __future__ import annotations

import typer

from paidsw.cli import options
from paidsw.cli.errors import ExitCode
from paidsw.cli.output import print_json, wait_for


def status(
    context: typer.Context,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: options.Region = None,
    json: options.Json = False,
) -> int:
    """Show what is left of the trial, and until when notebooks run.

    Read-only. Exits with 1 when the trial doesn't pay.
    """
    from paidsw.cli import status as account
    from paidsw.cli.connection import connect
    from paidsw.cli.own_state import own_state

    where = options.trial_region(context, region)
    cloud = connect(options.root(context), emulator, emulator_url)
    state = own_state(options.root(context), cloud)
    found = wait_for(account.look(cloud, where, state), f"asking {where}")
    if json:
        print_json(account.document(found))
    else:
        account.show(found)
    return ExitCode.FOUND if found.problem else ExitCode.OK
