"""`dsw extend`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from paidsw.cli import options
from paidsw.cli.errors import ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import print_json, wait_for

Hours = Annotated[str, typer.Argument(metavar="HOURS", help="How much longer, such as 1.5; at most 24.")]


def extend(
    context: typer.Context,
    hours: Hours,
    notebook: options.NotebookId = None,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: options.Region = None,
    json: options.Json = False,
) -> int:
    """Let a running notebook run longer, within the trial's quota.

    Moves the shutdown timer once. The next start has the session length of the settings again.
    """
    from paidsw.cli import extend as timer
    from paidsw.cli.connection import connect
    from paidsw.cli.own_state import own_state

    more, where = _hours(hours), options.trial_region(context, region)
    cloud = connect(options.root(context), emulator, emulator_url)
    state = own_state(options.root(context), cloud)
    extended = wait_for(timer.extend(cloud, where, more, notebook, state), f"asking {where}")
    if json:
        print_json(timer.document(extended))
    else:
        print(timer.text(extended))
    return ExitCode.OK


def _hours(text: str) -> Decimal:
    from paidsw.trial.budget import exact

    try:
        hours = exact(text)
    except ValueError:
        hours = Decimal(0)
    if not 0 < hours <= 24:
        raise UsageError(Text.OPTION_IS(option="HOURS", value=text), Text.GIVE_HOURS())
    return hours
