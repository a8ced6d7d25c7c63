"""The command: checks, and writes the reports."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from paidsw.cli.check.gate import Request, check
from paidsw.cli.errors import CliError, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.options import one_of
from paidsw.cli.reports import FORMATS

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
Target = tuple[str, Path | None]
TEXT: Target = ("text", None)


def run(request: Request, targets: Sequence[Target]) -> int:
    """Check and report; the exit code."""
    report = check(request)
    try:
        for name, file in targets:
            _write(FORMATS[name](report), file)
    except OSError as error:
        raise CliError(Text.NOT_WRITTEN(file=error.filename, why=error.strerror), Text.FREE_SPACE()) from None
    return report.exit_code


def _write(text: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def folder_to_judge(path: Path | None) -> Path | None:
    """The folder that the command line names. Raises UsageError where it is none."""
    if path is not None and not path.is_dir():
        raise UsageError(Text.NO_FOLDER(folder=path), Text.GIVE_CHECKOUT())
    # The program starts in another folder than this process.
    return path and path.absolute()


def stack_name(text: str) -> str:
    """A stack's name. Raises UsageError when it can't be one."""
    if not _NAME.fullmatch(text):
        raise UsageError(Text.NOT_A_STACK_NAME(value=text), Text.STACK_LETTERS())
    return text


def target(text: str) -> Target:
    """A report's format and file, from FORMAT[=FILE]. Raises UsageError for an unknown format."""
    name, _, file = text.partition("=")
    return one_of("--report", name, tuple(FORMATS)), Path(file) if file else None
