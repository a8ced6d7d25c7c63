"""`dsw extend`: lets a running notebook run longer, never beyond what the trial pays for."""

from __future__ import annotations

import argparse
import asyncio
from decimal import Decimal
from typing import Any

from paidsw.cli.audit import add_cloud, connection
from paidsw.cli.errors import CliError
from paidsw.cli.status import add_region, region
from paidsw.trial.budget import exact


def add_commands(commands: Any) -> None:
    """The command line of `dsw extend`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "extend",
        help="let a running notebook run longer, never beyond the quota",
        epilog="The next start has the session length of the stack's settings again.",
    )
    parser.add_argument("hours", metavar="HOURS", help="how much longer, like 1.5")
    parser.add_argument("id", nargs="?", metavar="ID", help="which notebook, where several run")
    add_cloud(parser)
    add_region(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Move the timer."""
    from paidsw.cli import (
        extending,  # with the API client and the provider, which other commands needn't wait for
    )

    work = extending.extend(connection(options), region(options), _hours(options.hours), options.id)
    print(asyncio.run(work))
    return 0


def _hours(text: str) -> Decimal:
    try:
        hours = exact(text)
    except ValueError:
        hours = Decimal(0)
    if not 0 < hours <= 24:
        raise CliError(f"{text!r} is no length; give hours above 0 and up to 24, like 1.5")
    return hours
