"""The `dsw` command."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer

from paidsw.cli.app import app
from paidsw.cli.errors import CliError, ExitCode
from paidsw.cli.streams import failure, tolerant
from paidsw.core.redaction import Secrets, keeping
from paidsw.setup.layout import ROOT

DEBUG = "DSW_DEBUG"
_LONGEST_ERROR = 5000


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run one command on the project at `root`; its exit code. What goes wrong is one sentence on standard error."""
    # What it learns of secrets, no text that it quotes may show.
    with tolerant(), keeping(Secrets()):
        code = _run(arguments, root)
        sys.stdout.flush()
        lost = failure(sys.stdout)
        # A reader that closes the pipe, as in `dsw … | head`, has what it wanted.
        if lost is None or isinstance(lost, BrokenPipeError):
            return code
        _say(f"the output can't be written: {lost.strerror}; write it elsewhere")
        return code or ExitCode.FAILED


def _run(arguments: Sequence[str] | None, root: Path) -> int:
    try:
        command = typer.main.get_command(app)
        code = int(command.main(arguments, "dsw", standalone_mode=False, obj=root) or ExitCode.OK)
    except CliError as error:
        _say(str(error))
        return error.exit_code
    except typer.TyperException as error:
        _say(_usage(error))
        return ExitCode.USAGE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _say(f"{place}{error.strerror or error}; correct that and run it again")
        return ExitCode.FAILED
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _say(_mistake(error))
        return ExitCode.FAILED
    if code == ExitCode.INTERRUPTED:
        print("interrupted", file=sys.stderr)
    return code


def _say(text: str) -> None:
    from paidsw.core.text import printable

    # It may quote what the cloud answered.
    print(f"error: {printable(text, _LONGEST_ERROR)}", file=sys.stderr)


def _usage(error: typer.TyperException) -> str:
    """A wrong command line, in the form of all other errors."""
    message = error.format_message().rstrip(".")
    message = f"{message[:1].lower()}{message[1:]}"
    path = getattr(getattr(error, "ctx", None), "command_path", "dsw")
    return message if message.endswith("?") else f"{message}; see {path} --help"


def _mistake(error: Exception) -> str:
    """A mistake of this program's: its kind and place, without values, which may be secret."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"internal error: {type(error).__name__} at {place}; set {DEBUG}=1 to see more, and report it"


if __name__ == "__main__":
    sys.exit(main())
