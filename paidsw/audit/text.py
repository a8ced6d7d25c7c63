"""The report for a terminal, and as Markdown for the summary of a CI run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from paidsw.audit.model import Finding, NotSeen, Owner, Report, Thing, Where
from paidsw.audit.shown import clean, in_markdown

LONGEST_NAME = 60
_OWNERS = {
    Owner.DECLARED: "ours, declared",
    Owner.UNDECLARED: "ours, not declared",
    Owner.OURS: "ours by its labels",
    Owner.OTHER_STACK: "of another stack",
    Owner.NOT_OURS: "not ours",
    Owner.UNKNOWN: "",
}
MOST_THINGS = 50


def table(report: Report) -> str:
    """The report for a terminal: findings, what wasn't seen, what is there, trial and bill, verdict."""
    parts = [
        [f"Audit of {clean(report.cloud)} at {report.at}" + _compared(report)],
        *_block("FINDINGS", [line for finding in report.findings for line in _finding(finding)]),
        *_block("NOT SEEN", [line for item in report.missed() for line in _not_seen(item)]),
        *_block("THERE", list(_things(report.things))),
        *_block("ACCOUNT", [f"  {line}" for line in account_lines(report)]),
        [report.verdict],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _block(title: str, lines: list[str]) -> list[list[str]]:
    return [[title, *lines]] if lines else []


def _compared(report: Report) -> str:
    return f", compared with stack {clean(report.compared)}" if report.compared else ""


def place(where: Where) -> str:
    """Where a thing is, in one line."""
    name = clean(where.name, LONGEST_NAME)
    parts = [where.region, where.service, clean(where.id, LONGEST_NAME), f'"{name}"' if name else ""]
    return " ".join(part for part in parts if part)


def facts(finding: Finding, *, cost: bool = True) -> list[str]:
    """Cost, owner, age and rule, as far as they are known."""
    facts = [
        str(finding.cost) if cost and finding.cost else "",
        owner(finding.owner),
        f"since {clean(finding.since, 40)}" if finding.since else "",
        f"rule {finding.rule}" if finding.rule else "",
    ]
    return [fact for fact in facts if fact]


def owner(whose: Owner) -> str:
    """Whose it is, in words; empty where nothing tells."""
    return _OWNERS[whose]


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {finding.severity.upper():<8}  {place(finding.where)}"
    yield f"            {clean(finding.what)}"
    if said := ", ".join(facts(finding)):
        yield f"            {said}"
    yield f"            end it: {clean(finding.end)}"


def _not_seen(item: NotSeen) -> Iterator[str]:
    mark = "MISSING " if item.blocking else "limit   "
    yield f"  {mark}  {item.region} {item.service}: {item.what}: {clean(item.why)}"
    yield f"            {clean(item.fix)}"


def _things(things: tuple[Thing, ...]) -> Iterator[str]:
    for thing in things[:MOST_THINGS]:
        whose = owner(thing.owner)
        said = ", ".join(part for part in (clean(thing.status, 40), whose, clean(thing.detail)) if part)
        yield f"  {thing.kind:<9}  {place(thing.where)}: {said}"
    if rest := things[MOST_THINGS:]:
        counts = Counter(thing.kind for thing in rest)
        yield "  and " + ", ".join(f"{count} more of kind {kind}" for kind, count in counts.items())


def account_lines(report: Report) -> Iterator[str]:
    """Trial, packs, bill and balance."""
    account = report.account
    left = (
        f", {account.left_cu.normalize():f} CU surely left this month" if account.left_cu is not None else ""
    )
    yield f"Trial: {clean(account.trial)}{left}"
    yield from (f"Pack: {clean(pack)}" for pack in account.packs)
    if account.balance:
        yield f"Balance: {clean(account.balance, 40)} {clean(account.currency, 10)}"
    for line in account.billed:
        yield f"Billed this month (hours late): {clean(line)}"


def markdown(report: Report) -> str:
    """The report as GitHub's Markdown."""
    lines = [f"## PAI audit: {in_markdown(report.verdict)}", ""]
    lines.append(f"{in_markdown(report.cloud)}, {in_markdown(report.at)}{in_markdown(_compared(report))}")
    lines += _table(
        ("Severity", "Where", "What", "Cost, owner, age, rule", "What ends it"),
        ((f.severity.upper(), place(f.where), f.what, ", ".join(facts(f)), f.end) for f in report.findings),
    )
    lines += _table(
        ("Not seen", "Where", "Why", "What to do"),
        (
            (n.what, f"{n.region} {n.service}", ("" if n.blocking else "(limit) ") + n.why, n.fix)
            for n in report.missed()
        ),
    )
    lines += ["", *(f"- {in_markdown(line)}" for line in account_lines(report))]
    return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    body = ["| " + " | ".join(in_markdown(cell) for cell in row) + " |" for row in rows]
    return ["", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *body] if body else []
