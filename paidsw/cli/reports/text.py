"""The findings for a reader at a terminal."""

from __future__ import annotations

from paidsw.cli.reports.finding import Report


def render(report: Report) -> str:
    """A line each, as compilers write it, and the verdict."""
    lines = [f"{one.file}:{one.line}: {one.level}: {one.text}" for one in report.findings]
    return "\n".join([*map(_no_command, lines), report.verdict]) + "\n"


def _no_command(line: str) -> str:
    # A log of CI takes lines that begin with :: for commands, and ##[ anywhere.
    line = " ".join(line.split()).replace("##[", "## [")
    return f"./{line}" if line.startswith("::") else line
