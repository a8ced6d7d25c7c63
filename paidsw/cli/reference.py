"""Writes the commands and exit codes into docs/usage.md: `python -m paidsw.cli.reference [--check]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from paidsw.cli.app import app
from paidsw.cli.errors import ExitCode
from paidsw.setup.layout import ROOT

FILE = Path("docs", "usage.md")
_BLOCK = re.compile(r"(<!-- (exit codes|commands): [^>]*-->\n).*?(<!-- end of \2 -->)", re.DOTALL)
# What typer adds to an argument's name.
_TYPE = re.compile(r" <[^>]*>$")
# Every command has it.
_HELP = "--help"


def exit_codes() -> Iterator[str]:
    """The table of exit codes."""
    yield "| Exit code | Meaning |"
    yield "|---|---|"
    for code in ExitCode:
        yield f"| {code.value} | {code.meaning} |"


def commands() -> Iterator[str]:
    """A section for every command: how it is called, what it does, its arguments and options."""
    for words, command in leaves((), typer.main.get_command(app)):
        if words:
            yield f"### `dsw {' '.join(words)}`"
            yield ""
            yield from _section(words, command)


def leaves(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands that do something, each by its words."""
    below = getattr(command, "commands", None)
    if below is None:
        yield words, command
    for name, sub in (below or {}).items():
        yield from leaves((*words, name), sub)


def _section(words: tuple[str, ...], command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=" ".join(("dsw", *words)))
    yield "```"
    yield " ".join([context.info_name or "", *command.collect_usage_pieces(context)])
    yield "```"
    yield ""
    yield " ".join(command.help.split())
    yield ""
    rows = [param.get_help_record(context) for param in command.get_params(context)]
    shown = [row for row in rows if row is not None and _HELP not in row[0]]
    if shown:
        yield "| Option | Meaning |"
        yield "|---|---|"
        for name, text in shown:
            yield f"| `{_TYPE.sub('', name)}` | {' '.join(text.split())} |"
        yield ""


def rewritten(text: str) -> str:
    """The document with the present commands and exit codes."""
    made = {"exit codes": exit_codes, "commands": commands}
    return _BLOCK.sub(lambda found: f"{found[1]}{chr(10).join(made[found[2]]())}\n{found[3]}", text)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write, or with --check compare; 1 when the document is out of date."""
    path = root / FILE
    old = path.read_text(encoding="utf-8")
    new = rewritten(old)
    if new == old:
        return 0
    if "--check" in arguments:
        print(f"{FILE.as_posix()} is out of date; run python -m paidsw.cli.reference", file=sys.stderr)
        return 1
    path.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
