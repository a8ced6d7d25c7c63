"""`dsw release`: deletes what a crash left over, or instances named one by one, and waits until they are gone."""

from __future__ import annotations

import argparse
from typing import Any

from paidsw.cli.audit import add_cloud, add_state
from paidsw.cli.backup import add_place


def add_commands(commands: Any) -> None:
    """The command line of `dsw release`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "release",
        help="delete instances that a crash left over, or named ones",
        epilog=(
            "It first shows what it would delete, and asks. Without --backup nothing is saved. Exit codes: 0 released, "
            "or nothing to release; 1 not all is gone, or you said no; 2 a region couldn't be looked at, or wrong "
            "options."
        ),
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="instances, one by one, whoever made them")
    parser.add_argument(
        "--undeclared", action="store_true", help="all that is of this stack and not in its state"
    )
    add_cloud(parser)
    add_state(parser, "the stack's state, a file that `pulumi stack export` wrote a moment ago")
    parser.add_argument("--region", action="append", default=[], metavar="REGION", help="look here only")
    parser.add_argument(
        "--backup",
        action="store_true",
        help="save each one's environment as an image first; one that can't be saved is left alone",
    )
    add_place(parser)
    parser.add_argument("--dry-run", action="store_true", help="only show what it would delete")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show, ask, delete, wait."""
    from paidsw.cli import (
        releasing,  # with the API client and the provider, which other commands needn't wait for
    )

    return releasing.run(options)
