"""The report as GitHub's Markdown, for the summary of a CI run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paidsw.audit.messages import Text
from paidsw.audit.model import Report
from paidsw.audit.reports.parts import Parts
from paidsw.core.messages import Translate
from paidsw.core.text import printable

_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~@&:\"'=-]")


def markdown(report: Report, translate: Translate = str) -> str:
    """Verdict, findings, what wasn't seen, trial and bill."""
    parts = Parts(translate)
    headline = parts.headline(report, Text.HEADLINE, Text.HEADLINE_COMPARED)
    verdict = parts.say(Text.AUDIT_VERDICT, verdict=report.verdict)
    lines = [f"## {in_markdown(verdict)}", "", in_markdown(headline)]
    lines += _table(
        [translate(head) for head in ("Severity", "Where", "What", "Cost, owner, age, rule", "What ends it")],
        (
            [
                found.severity.upper(),
                parts.place(found.where),
                parts.line(found.what),
                ", ".join(parts.facts(found)),
                parts.line(found.end),
            ]
            for found in report.findings
        ),
    )
    lines += _table(
        [translate(head) for head in ("Not seen", "Where", "Why", "What to do")],
        (
            [
                parts.line(item.what),
                f"{item.region} {item.service}",
                parts.line(item.why) if item.blocking else parts.say(Text.LIMIT, why=item.why),
                parts.line(item.fix),
            ]
            for item in report.not_seen_by_reason()
        ),
    )
    lines += ["", *(f"- {in_markdown(line)}" for line in parts.account(report.account))]
    return "\n".join(lines)


def in_markdown(text: object) -> str:
    """A text that no Markdown reader takes for markup, a link or HTML."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", printable(text))


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    body = ["| " + " | ".join(in_markdown(cell) for cell in row) + " |" for row in rows]
    return ["", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *body] if body else []
