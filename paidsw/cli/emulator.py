"""`dsw emulator start | stop | status | reset`: the local cloud by itself."""

from __future__ import annotations

import argparse
from typing import Any

from paidsw.cli.rehearsal import Rehearsal, add_port, asked
from paidsw.cli.rehearse import left
from paidsw.cli.times import told
from paidsw.emulator import process

NOT_RUNNING = 3


def add_commands(commands: Any) -> None:
    """The command line of `dsw emulator`."""
    parser: argparse.ArgumentParser = commands.add_parser("emulator", help="the local cloud by itself")
    steps = parser.add_subparsers(required=True, metavar="start|stop|status|reset")
    for name, run, text in (
        ("start", start, "start it in the background, or say where it runs"),
        ("stop", stop, "stop it; its state stays"),
        (
            "status",
            status,
            f"where it runs and what lives in it; exit code {NOT_RUNNING} when it doesn't run",
        ),
        ("reset", reset, "empty it"),
    ):
        step = steps.add_parser(name, help=text)
        step.set_defaults(run=run)
        if name == "start":
            add_port(step)


def start(options: argparse.Namespace) -> int:
    """Start it."""
    rehearsal = Rehearsal(options.root)
    with rehearsal.private():
        running, _ = rehearsal.start_emulator(options.port)
    print(f"Local cloud at {running.url} (its page: {running.url}/_emulator/)")
    return 0


def stop(options: argparse.Namespace) -> int:
    """Stop it."""
    stopped = asked(lambda: process.stop(Rehearsal(options.root).emulator))
    print("Stopped; its state stays." if stopped else "It wasn't running.")
    return 0


def status(options: argparse.Namespace) -> int:
    """Show it."""
    running = asked(lambda: process.status(Rehearsal(options.root).emulator))
    if running is None:
        print("It isn't running. Start it: dsw emulator start")
        return NOT_RUNNING
    held = asked(lambda: process.account(Rehearsal(options.root).emulator))
    print(f"Local cloud at {running.url}, its time {told(running.status.now)}\n{left(held)}")
    return 0


def reset(options: argparse.Namespace) -> int:
    """Empty it."""
    asked(lambda: process.reset(Rehearsal(options.root).emulator))
    print("Emptied.")
    return 0
