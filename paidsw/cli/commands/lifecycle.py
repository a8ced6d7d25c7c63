"""`dsw lifecycle`."""

from __future__ import annotations

import typer

from paidsw.cli import options
from paidsw.cli.errors import ExitCode
from paidsw.cli.output import print_json, wait_for


def lifecycle(
    context: typer.Context,
    notebook: options.NotebookId = None,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: options.Region = None,
    json: options.Json = False,
) -> int:
    """List a notebook's sessions, newest last.

    When it started, ran and stopped, and why. Read-only.
    """
    from paidsw.cli import lifecycle as sessions
    from paidsw.cli.connection import connect
    from paidsw.cli.own_state import own_state

    where = options.trial_region(context, region)
    cloud = connect(options.root(context), emulator, emulator_url)
    state = own_state(options.root(context), cloud)
    found = wait_for(sessions.look(cloud, where, notebook, state), f"asking {where}")
    if json:
        print_json(sessions.document(found))
    else:
        sessions.show(found)
    return ExitCode.OK
