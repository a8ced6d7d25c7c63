"""The `dsw` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from paidsw.audit.shown import clean
from paidsw.cli import audit, backup, check, doctor, emulator, extend, history, rehearse, release, status
from paidsw.cli import open as browse
from paidsw.cli.errors import CliError
from paidsw.cli.streams import failure, tolerant
from paidsw.setup.layout import ROOT

INTERRUPTED = 130
NOT_WRITTEN = 3
_LONGEST_ERROR = 5000


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run one command on the project at `root`; its exit code. What goes wrong is one sentence on standard error."""
    with tolerant():
        code = _run(arguments, root)
        sys.stdout.flush()
        lost = failure(sys.stdout)
        # A reader that leaves, as in `dsw … | head`, has what it wanted.
        if lost is None or isinstance(lost, BrokenPipeError):
            return code
        print(f"error: the output can't be written: {lost.strerror}; run it again elsewhere", file=sys.stderr)
        return code or NOT_WRITTEN


def _run(arguments: Sequence[str] | None, root: Path) -> int:
    options = parser().parse_args(arguments, argparse.Namespace(root=root))
    try:
        return int(options.run(options))
    except CliError as error:
        # It may quote what the cloud answered.
        print(f"error: {clean(error, _LONGEST_ERROR)}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror or error}; correct that and run it again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="dsw", description="A free GPU notebook on PAI-DSW, and its rehearsal."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    rehearse.add_commands(commands)
    emulator.add_commands(commands)
    check.add_commands(commands)
    audit.add_commands(commands)
    release.add_commands(commands)
    status.add_commands(commands)
    extend.add_commands(commands)
    browse.add_commands(commands)
    history.add_commands(commands)
    backup.add_commands(commands)
    doctor.add_commands(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
