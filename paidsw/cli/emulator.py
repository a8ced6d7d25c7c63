"""What `dsw emulator` does: start, stop, show and empty the emulator of the rehearsal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from paidsw.cli.errors import ExitCode
from paidsw.cli.output import print_json
from paidsw.cli.rehearsal import Rehearsal, asked
from paidsw.cli.rehearse import show_left
from paidsw.cli.times import local_text
from paidsw.emulator import process


def start(root: Path, port: int | None) -> int:
    """Start it, or say where it runs."""
    rehearsal = Rehearsal(root)
    with rehearsal.private():
        running, _ = rehearsal.start_emulator(port)
    print(f"Emulator at {running.url} (its page: {running.url}/_emulator/)")
    return ExitCode.OK


def stop(root: Path) -> int:
    """Stop it."""
    stopped = asked(lambda: process.stop(Rehearsal(root).emulator))
    print("Stopped; its state stays." if stopped else "It wasn't running.")
    return ExitCode.OK


def show(root: Path, *, json: bool) -> int:
    """Show where it runs and what lives in it; ExitCode.FAILED when it doesn't run."""
    rehearsal = Rehearsal(root)
    running = asked(lambda: process.status(rehearsal.emulator))
    account = rehearsal.holdings() if running else None
    if json:
        print_json(document(running, account))
    elif running is None or account is None:
        print("It isn't running. Start it: dsw emulator start")
    else:
        print(f"Emulator at {running.url}, its time {local_text(running.status.now)}")
        show_left(account)
    return ExitCode.OK if running else ExitCode.FAILED


def document(running: process.Running | None, account: process.Holdings | None) -> dict[str, Any]:
    """For programs: what lives and the bill in yuan, null where it doesn't run."""
    return {
        "url": running.url if running else None,
        "now": running.status.now if running else None,
        "live": None
        if account is None
        else [
            {"kind": one.kind, "id": one.id, "name": one.name, "region": one.region, "status": one.status}
            for one in account.live
        ],
        "bill": None if account is None else float(account.bill.total),
    }


def reset(root: Path) -> int:
    """Empty it."""
    asked(lambda: process.reset(Rehearsal(root).emulator))
    print("Emptied.")
    return ExitCode.OK
