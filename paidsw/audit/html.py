"""The report as one HTML page: no script, no request to anywhere, readable on a phone."""

from __future__ import annotations

import re
from html import escape

from paidsw.audit.model import Finding, NotSeen, Report, Thing, Where
from paidsw.audit.shown import LINK, clean
from paidsw.audit.text import LONGEST_NAME, MOST_THINGS, account_lines, facts, owner

_STYLE = """
:root{color-scheme:light dark;--line:#8885;--soft:#8881}
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:0 auto;max-width:56rem;padding:1rem}
h1{font-size:1.35rem;line-height:1.3;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .6rem}
p{margin:.25rem 0}.soft{opacity:.75;font-size:.9rem}
.verdict{border-radius:.6rem;padding:.7rem 1rem;font-weight:600;color:#fff}
.v0{background:#176f2c}.v1{background:#a3261b}.v3{background:#8a5200}
.card{border:1px solid var(--line);border-left-width:.4rem;border-radius:.5rem;padding:.6rem .9rem;margin:.7rem 0;
overflow-wrap:anywhere}
.critical{border-left-color:#c22}.high{border-left-color:#d60}.medium{border-left-color:#b90}.low{border-left-color:#58a}
.tag{font-size:.75rem;font-weight:700;letter-spacing:.04em;text-transform:uppercase}
.end{background:var(--soft);border-radius:.3rem;padding:.3rem .5rem;margin-top:.4rem}
.n{white-space:nowrap}.cost{float:right;font-weight:700}
ul{padding-left:1.2rem;overflow-wrap:anywhere}a{color:inherit}
"""
# Short enough to fit on a phone's line.
_HYPHENED = re.compile(r"(?<![\w.-])[\w.-]*-[\w.-]*(?![\w.-])")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: Report) -> str:
    """The whole page."""
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">',
            f"<title>PAI audit</title><style>{_STYLE}</style></head><body>",
            "<h1>What still costs on PAI</h1>",
            f'<p class="soft">{_text(report.cloud)}, {_text(report.at)}, {len(report.regions)} regions'
            f"{_text(', compared with stack ' + report.compared) if report.compared else ''}</p>",
            f'<p class="verdict v{report.exit_code}">{_text(report.verdict)}</p>',
            _section("Findings", [_finding(finding) for finding in report.findings]),
            _section("Not seen", [_not_seen(item) for item in report.missed()]),
            _list("Trial and bill", [_text(line) for line in account_lines(report)]),
            _list("What is there", _things(report.things)),
            "</body></html>",
        )
    )


def _section(title: str, cards: list[str]) -> str:
    return f"<h2>{title}</h2>{''.join(cards)}" if cards else ""


def _list(title: str, lines: list[str]) -> str:
    return f"<h2>{title}</h2><ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>" if lines else ""


def _text(value: object) -> str:
    # Letters of a right-to-left script would turn their neighbours around: each text is an island.
    return f"<bdi>{escape(clean(value))}</bdi>"


def _whole(value: object) -> str:
    """A text of the audit's own, in which no option, id or date is broken at its hyphens."""
    return _HYPHENED.sub(lambda found: f"<span class=n>{found[0]}</span>", _text(value))


def _name(where: Where) -> str:
    return f"<b>{_text(clean(where.name or where.id, LONGEST_NAME))}</b>"


def _finding(finding: Finding) -> str:
    where = finding.where
    said = " · ".join(_fact(fact) for fact in (where.id, *facts(finding, cost=False)) if fact)
    cost = f' <span class="cost">{_text(finding.cost)}</span>' if finding.cost else ""
    return (
        f'<div class="card {finding.severity}"><p><span class="tag">{finding.severity}</span>{cost}</p>'
        f"<p>{_whole(where.region)} {_text(where.service)} {_name(where)}</p>"
        f"<p>{_text(finding.what)}</p><p class=soft>{said}</p>"
        f'<p class="end">End it: {_linked(finding.end)}</p></div>'
    )


def _fact(fact: str) -> str:
    # The others may hold what the cloud said, of any length.
    return _whole(fact) if fact.startswith("rule ") else _text(fact)


def _linked(end: str) -> str:
    parts, at = [], 0
    for found in LINK.finditer(end):
        link = f'<a href="{escape(found[0])}" rel="noreferrer">{_text(found[0])}</a>'
        parts += [_whole(end[at : found.start()]), link]
        at = found.end()
    return "".join([*parts, _whole(end[at:])])


def _not_seen(item: NotSeen) -> str:
    kind, tag = ("high", "not seen") if item.blocking else ("low", "known limit")
    return (
        f'<div class="card {kind}"><p><span class="tag">{tag}</span> {_text(item.region)} {_text(item.service)} '
        f"<b>{_text(item.what)}</b></p><p>{_text(item.why)}</p><p class=end>{_text(item.fix)}</p></div>"
    )


def _things(things: tuple[Thing, ...]) -> list[str]:
    lines = [
        f"{_text(thing.kind)} {_name(thing.where)} {_whole(thing.where.region)}: "
        f"{', '.join(_text(x) for x in (thing.status, owner(thing.owner), thing.detail) if x)}"
        for thing in things[:MOST_THINGS]
    ]
    more = len(things) - MOST_THINGS
    return [*lines, f"and {more} more"] if more > 0 else lines
