"""The findings for a comment on a pull request and for a job's summary."""

from __future__ import annotations

import re

from paidsw.cli.reports.finding import Finding, Report

# By this line a workflow finds the comment that it wrote before, and edits it.
MARKER = "<!-- dsw check -->"
# GitHub takes a comment of 65536 characters.
LONGEST = 50_000
_MARKUP = re.compile(r"[!\"#$%&*:<>@\[\\\]^_`{|}~]|(?<=www)\.", re.IGNORECASE)


def render(report: Report) -> str:
    """Marker, verdict and a table. Texts are in code, so that no value in them mentions, links or formats anything."""
    lines = [MARKER, f"### Free-tier check: {_verdict(report)}", ""]
    if report.findings:
        lines += ["| | Where | What | Rule |", "|---|---|---|---|", *_rows(report.findings), ""]
    return "\n".join(lines)


def _verdict(report: Report) -> str:
    # Of the branch's texts it has names of files only. One may be that of an issue or a commit, too: GH-1.
    names = "|".join(map(re.escape, sorted(report.files, key=len, reverse=True)))
    return re.sub(names, lambda found: _code(found[0]), report.verdict) if names else report.verdict


def _rows(findings: tuple[Finding, ...]) -> list[str]:
    rows: list[str] = []
    left = LONGEST
    for number, one in enumerate(findings):
        row = _row(one)
        left -= len(row)
        if left < 0:
            return [*rows, f"| | | and {len(findings) - number} more | |"]
        rows.append(row)
    return rows


def _row(one: Finding) -> str:
    where = f"{one.file}:{one.line}"
    return f"| {one.level} | {_code(where)} | {_code(one.text)} | {_code(one.rule)} |"


def _code(text: str) -> str:
    return f"<code>{_plain(text)}</code>"


def _plain(text: str) -> str:
    """A text in which no Markdown reader finds markup, a link, a mention or HTML."""
    line = " ".join(text.split())
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)
