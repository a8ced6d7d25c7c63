"""`dsw check`: does what this branch declares fit the free tier? Without any account."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from paidsw.cli.check.judge import Judge
from paidsw.cli.check.levels import wrong_in
from paidsw.cli.check.places import Document, MalformedError
from paidsw.cli.check.preview import preview
from paidsw.cli.errors import CliError, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.options import one_of
from paidsw.cli.reports import FORMATS, Report
from paidsw.cli.reports.finding import ENGINE, SETTING, Finding, Level
from paidsw.cli.stack import STACK

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
Target = tuple[str, Path | None]
TEXT: Target = ("text", None)


def run(root: Path, stack: str, policy_config: Path | None, targets: Sequence[Target]) -> int:
    """Check and report; the exit code."""
    report = check(root, stack, policy_config)
    try:
        for name, file in targets:
            _write(FORMATS[name](report), file)
    except OSError as error:
        raise CliError(Text.NOT_WRITTEN(file=error.filename, why=error.strerror), Text.FREE_SPACE()) from None
    return report.exit_code


def check(root: Path, stack: str = STACK, policy_config: Path | None = None) -> Report:
    """What the rules say about the project in `root`; what keeps them from saying it is also a finding."""
    name = f"Pulumi.{stack}.yaml"
    try:
        judge = Judge(root, Document.read(root / "Pulumi.yaml"), Document.read(root / name))
        if policy_config is not None and (wrong := wrong_in(policy_config, root)):
            return Report(wrong)
        return judge.report(preview(root, stack, policy_config))
    except MalformedError as error:
        return Report((Finding(Level.ERROR, SETTING, str(error), error.file, error.line),))
    except CliError as error:
        return _unchecked(str(error), name)
    except FileNotFoundError as error:
        missing = Path(str(error.filename or name))
        return _unchecked(
            f"there is no {missing.name} in {missing.parent}; bring it back, or name another --stack", name
        )
    except OSError as error:
        return _unchecked(f"{error.filename or 'a file'} can't be used: {error.strerror or error}", name)


def _unchecked(text: str, file: str) -> Report:
    return Report((Finding(Level.ERROR, ENGINE, text, file, 1),))


def _write(text: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def stack_name(text: str) -> str:
    """A stack's name. Raises UsageError when it can't be one."""
    if not _NAME.fullmatch(text):
        raise UsageError(Text.NOT_A_STACK_NAME(value=text), Text.STACK_LETTERS())
    return text


def target(text: str) -> Target:
    """A report's format and file, from FORMAT[=FILE]. Raises UsageError for an unknown format."""
    name, _, file = text.partition("=")
    return one_of("--report", name, tuple(FORMATS)), Path(file) if file else None
