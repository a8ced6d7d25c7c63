"""The `dsw` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli import emulator, rehearse
from cli.errors import CliError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. What goes wrong is one sentence on standard error."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CliError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror or error}; mend that and run the same again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="dsw", description="A free GPU notebook on PAI-DSW, and its rehearsal."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    rehearse.add_commands(commands)
    emulator.add_commands(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
