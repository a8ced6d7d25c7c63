"""`dsw status`: what is left of the trial, and until when the notebooks run."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from paidsw.cli.audit import add_cloud, connection
from paidsw.cli.errors import CliError
from paidsw.cli.stack import region_of
from paidsw.trial.terms import TERMS


def add_commands(commands: Any) -> None:
    """The command line of `dsw status`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "status",
        help="what is left of the trial, and until when the notebooks run",
        epilog="Exit codes: 0 the trial pays, 1 it doesn't or can't be asked. It only reads.",
    )
    add_cloud(parser)
    add_region(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, times in UTC")
    parser.set_defaults(run=run)


def add_region(parser: argparse.ArgumentParser) -> None:
    """The option that chooses the region."""
    parser.add_argument(
        "--region", metavar="REGION", help="the region (else alicloud:region of Pulumi.dev.yaml)"
    )


def region(options: argparse.Namespace) -> str:
    """The region that the command line or the stack's configuration names."""
    found = options.region or region_of(options.root)
    if found not in TERMS.regions:
        raise CliError(f"region {found!r} is none of the trial; use {', '.join(TERMS.region_ids)}")
    return str(found)


def run(options: argparse.Namespace) -> int:
    """Ask and show."""
    from paidsw.cli import standing  # with the API client, which other commands needn't wait for

    found = asyncio.run(standing.look(connection(options), region(options)))
    print(json.dumps(standing.document(found), indent=2) if options.json else standing.text(found))
    return 1 if found.problem else 0
