"""The findings for a comment on a pull request and for a job's summary."""

from __future__ import annotations

import html

from paidsw.cli.reports.finding import Finding, Report

# By this line a workflow finds the comment that it wrote before, and edits it.
MARKER = "<!-- dsw check -->"


def render(report: Report) -> str:
    """Marker, verdict and a table. Texts are in code, so that no value in them mentions or links anything."""
    lines = [MARKER, f"### Free-tier check: {report.verdict}", ""]
    if report.findings:
        lines += ["| | Where | What | Rule |", "|---|---|---|---|", *map(_row, report.findings), ""]
    return "\n".join(lines)


def _row(one: Finding) -> str:
    where = f"{one.file}:{one.line}"
    return f"| {one.level} | {_code(where)} | {_code(one.text)} | {_code(one.rule)} |"


def _code(text: str) -> str:
    shown = html.escape(text, quote=False).replace("|", "&#124;").replace("\n", "<br>")
    return f"<code>{shown}</code>"
