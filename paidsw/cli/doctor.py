"""`dsw doctor`: what is missing between this machine and a notebook, and how to mend it."""

from __future__ import annotations

import argparse
from typing import Any

from paidsw.cli.audit import add_cloud


def add_commands(commands: Any) -> None:
    """The command line of `dsw doctor`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help="what is missing for a notebook, and how to mend it",
        epilog="Exit codes: 0 all is well, 1 something is to be fixed. It only reads.",
    )
    add_cloud(parser)
    parser.add_argument("--region", metavar="REGION", help="the region to ask (the trial's recommended one)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check everything, print a line for each."""
    from paidsw.cli import checkup  # with the API client, which other commands needn't wait for

    return checkup.run(options)
