"""`dsw events` and `dsw lifecycle`: what was with a notebook."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from typing import Any

from paidsw.cli.audit import add_cloud, connection
from paidsw.cli.errors import CliError
from paidsw.cli.status import add_region, region

_LEVEL = re.compile(r"[A-Za-z]{1,20}")


def add_commands(commands: Any) -> None:
    """The command lines of `dsw events` and `dsw lifecycle`."""
    events = _add(commands, "events", "what the cloud did with a notebook, newest last")
    events.add_argument(
        "--level", metavar="LEVEL", help="only these, as the cloud writes it: INFO, WARN, ERROR"
    )
    events.add_argument("--last", type=int, metavar="N", help="only so many, the newest")
    events.set_defaults(run=run_events)
    lifecycle = _add(commands, "lifecycle", "when a notebook started, ran and stopped, and why; newest last")
    lifecycle.set_defaults(run=run_lifecycle)


def _add(commands: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=purpose, epilog="It only reads.")
    parser.add_argument(
        "id",
        nargs="?",
        metavar="ID",
        help="which notebook, running or not (the only one, or the only one of ours)",
    )
    add_cloud(parser)
    add_region(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, times in UTC")
    return parser


def run_events(options: argparse.Namespace) -> int:
    """Ask for events and show them."""
    from paidsw.cli import events  # with the API client, which other commands needn't wait for

    level = options.level or ""
    if options.level is not None and not _LEVEL.fullmatch(level):
        raise CliError(f"--level {level!r} is none; give a word like INFO, WARN or ERROR")
    if options.last is not None and options.last < 1:
        raise CliError(f"--last is {options.last}; give a whole number from 1")
    found = asyncio.run(events.look(connection(options), region(options), options.id, level, options.last))
    print(json.dumps(events.document(found), indent=2) if options.json else events.text(found))
    return 0


def run_lifecycle(options: argparse.Namespace) -> int:
    """Ask for the lifecycle and show it."""
    from paidsw.cli import lifecycle

    found = asyncio.run(lifecycle.look(connection(options), region(options), options.id))
    print(json.dumps(lifecycle.document(found), indent=2) if options.json else lifecycle.text(found))
    return 0
