"""`dsw check`: does what this branch declares fit the free tier? Without any account."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paidsw.cli.errors import CliError
from paidsw.cli.reports import FORMATS, Report
from paidsw.cli.reports.finding import ENGINE, SETTING, UNCHECKED, Finding, Level
from paidsw.cli.reports.judge import Judge
from paidsw.cli.reports.places import Document, MalformedError
from paidsw.cli.reports.preview import preview
from paidsw.cli.stack import STACK
from paidsw.rules.registry import rules
from paidsw.rules.settings import PolicyConfig, SettingsError
from paidsw.setup.layout import ROOT

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
EPILOG = f"""\
FORMAT is one of {", ".join(FORMATS)}. Without FILE it goes to standard output.
--report may be given several times: --report github --report sarif=dsw.sarif

exit codes:
  0  clean (warnings of advisory rules do not count)
  1  violations: a rule refuses something, or a setting can't be used
  2  could not check: the program or the engine fails, or a file can't be read or written
"""


def add_commands(commands: Any) -> None:
    """The command line of `dsw check`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "check",
        help="preview the stack under the rules, without any account",
        description="Previews the stack as a new one on a local cloud of its own, under the policy pack.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--stack", type=_stack, default=STACK, help="whose configuration (default: %(default)s)"
    )
    parser.add_argument(
        "--report", action="append", type=_target, metavar="FORMAT[=FILE]", help="how and where to say it"
    )
    parser.add_argument(
        "--policy-pack-config", type=Path, metavar="FILE", help="levels and settings of the rules (JSON)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check and report; 0 clean, 1 violations, 2 could not check."""
    report = check(ROOT, options.stack, options.policy_pack_config)
    try:
        for name, file in options.report or [("text", None)]:
            _write(FORMATS[name](report), file)
    except OSError as error:
        raise CliError(f"{error.filename} can't be written: {error.strerror}", UNCHECKED) from None
    return report.exit_code


def check(root: Path, stack: str = STACK, policy_config: Path | None = None) -> Report:
    """What the rules say about the project in `root`; what keeps them from saying it is a finding, too."""
    name = f"Pulumi.{stack}.yaml"
    try:
        judge = Judge(root, Document.read(root / "Pulumi.yaml"), Document.read(root / name))
        if policy_config is not None:
            # The engine ignores the name of a rule that there isn't.
            PolicyConfig.read(policy_config, rules())
        return judge.report(preview(root, stack, policy_config))
    except SettingsError as error:
        return _unchecked(str(error), str(policy_config))
    except MalformedError as error:
        return Report((Finding(Level.ERROR, SETTING, str(error), error.file, error.line),))
    except CliError as error:
        return _unchecked(str(error), name)
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


def _stack(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no stack name: letters, digits, - _ . only")
    return text


def _target(text: str) -> tuple[str, Path | None]:
    name, _, file = text.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"no format {name!r}; there are {', '.join(FORMATS)}")
    return name, Path(file) if file else None


__all__: Sequence[str] = ("add_commands", "check", "run")
