"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from paidsw.audit.messages import Text
from paidsw.audit.model import Finding, NotSeen, Report, Thing
from paidsw.audit.reports.parts import MOST_THINGS, Parts
from paidsw.core.messages import Translate


def table(report: Report, translate: Translate = str) -> str:
    """Findings, what wasn't seen, what is there, trial and bill, verdict."""
    parts = Parts(translate)
    findings = [line for finding in report.findings for line in _finding(parts, finding)]
    not_seen = [line for item in report.not_seen_by_reason() for line in _not_seen(parts, item)]
    blocks = [
        [parts.headline(report, Text.AUDIT_OF, Text.AUDIT_OF_COMPARED)],
        _block(translate("FINDINGS"), findings),
        _block(translate("NOT SEEN"), not_seen),
        _block(translate("THERE"), list(_things(parts, report.things))),
        _block(translate("ACCOUNT"), [f"  {line}" for line in parts.account(report.account)]),
        [report.verdict.render(translate)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _block(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _finding(parts: Parts, finding: Finding) -> Iterator[str]:
    yield f"  {finding.severity.upper():<8}  {parts.place(finding.where)}"
    yield f"            {parts.line(finding.what)}"
    if facts := ", ".join(parts.facts(finding)):
        yield f"            {facts}"
    yield f"            {parts.say(Text.END_IT, end=finding.end)}"


def _not_seen(parts: Parts, item: NotSeen) -> Iterator[str]:
    mark = parts.translate("MISSING" if item.blocking else "limit")
    yield f"  {mark:<8}  {item.region} {item.service}: {parts.line(item.what)}: {parts.line(item.why)}"
    yield f"            {parts.line(item.fix)}"


def _things(parts: Parts, things: tuple[Thing, ...]) -> Iterator[str]:
    for thing in things[:MOST_THINGS]:
        yield f"  {thing.kind:<9}  {parts.place(thing.where)}: {', '.join(parts.state(thing))}"
    if rest := things[MOST_THINGS:]:
        yield f"  {parts.more(rest)}"
