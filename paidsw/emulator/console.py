"""The console page: the emulator's account at a glance, self-contained and read-only."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from html import escape

from paidsw.core.text import printable

from .account import Account
from .clock import iso
from .control_api import Status
from .ledger.bill import Bill
from .ledger.live import Live

_CENTS = Decimal("0.01")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LAST_CALLS = 30
_STYLE = """
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem}
h1{font-size:1.3rem;margin:.2rem 0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid #8884;white-space:nowrap}
.sum{display:flex;gap:1.2rem;flex-wrap:wrap;margin:1rem 0}
.sum div{border:1px solid #8886;border-radius:.5rem;padding:.5rem 1rem}
.sum b{display:block;font-size:1.3rem}.bad{color:#c22;font-weight:600}.good{color:#191}.muted{opacity:.7}
"""


def page(account: Account, status: Status) -> str:
    """The HTML page."""
    bill, live = account.bill(), account.live()
    parts = (
        f"<h1>PAI-DSW emulator</h1><p class=muted>{_text(status.now)} on the emulator's clock"
        f" ({'frozen' if status.frozen else 'running'}), home region {_text(status.region)},"
        f" process {status.pid}</p>",
        _summary(bill, live),
        _section("Alive", _LIVE, [_live_row(thing) for thing in live], "Nothing lives: all is released."),
        _section("Bill", _BILL, _bill_rows(bill), "Nothing was used."),
        _section("Orders tried", ("Time", "Operation", "Region", "Products"), _attempts(bill), ""),
        _section("Last calls", _CALLS, _calls(account), "No calls yet."),
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1"><title>PAI-DSW emulator</title>'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>"
    )


_LIVE = ("Kind", "Name", "Id", "Region", "Status", "Cost now", "Timer", "Culler", "Unguarded", "Detail")
_BILL = ("Instance", "Region", "Item", "Minutes", "CU·h", "Yuan", "Why")
_CALLS = ("Time", "Operation", "Region", "Target", "HTTP", "Outcome", "Fault")


def _text(value: object) -> str:
    # Direction marks in a name could turn a line of the table around.
    return escape(printable(value))


def _summary(bill: Bill, live: list[Live]) -> str:
    billed = sum(1 for thing in live if thing.billed)
    mood = "bad" if bill.total else "good"
    cells = (
        f"<div><b class={mood}>¥{bill.total.quantize(_CENTS)}</b>bill</div>",
        f"<div><b>{bill.cu_left.quantize(_CENTS)}</b>CU·h left in {_text(bill.month)}</div>",
        f"<div><b>{len(live)}</b>alive</div>",
        f"<div><b class={'bad' if billed else 'good'}>{billed}</b>costing money now</div>",
    )
    return f"<div class=sum>{''.join(cells)}</div>"


def _section(title: str, head: tuple[str, ...], rows: list[tuple[object, ...]], empty: str) -> str:
    if not rows:
        return f"<h2>{title}</h2><p class=muted>{empty}</p>" if empty else ""
    titles = "".join(f"<th>{cell}" for cell in head)
    body = "".join(f"<tr>{_cells(row)}" for row in rows)
    return f"<h2>{title}</h2><div class=wide><table><tr>{titles}{body}</table></div>"


def _cells(row: Iterable[object]) -> str:
    return "".join(f"<td>{_text(cell)}" for cell in row)


def _live_row(thing: Live) -> tuple[object, ...]:
    cost = f"¥{thing.yuan_per_hour}/h" if thing.billed else ""
    quota = f"{thing.cu_per_hour} CU/h" if thing.cu_per_hour else "free"
    culler = f"{thing.culler_minutes} min" if thing.culler_minutes else ""
    unguarded = f"{thing.unguarded_ms // 1000} s" if thing.unguarded_ms else ""
    return (
        thing.kind,
        thing.name,
        thing.id,
        thing.region,
        thing.status,
        cost or quota,
        thing.timer_due,
        culler,
        unguarded,
        thing.detail,
    )


def _bill_rows(bill: Bill) -> list[tuple[object, ...]]:
    return [
        (x.instance_name, x.region, x.item, x.minutes, _plain(x.cu), _plain(x.amount), x.reason)
        for x in bill.lines
    ]


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _attempts(bill: Bill) -> list[tuple[object, ...]]:
    return [(iso(x.at), x.operation, x.region, x.detail) for x in bill.attempts]


def _calls(account: Account) -> list[tuple[object, ...]]:
    last = list(account.calls)[-LAST_CALLS:][::-1]
    return [(iso(c.at), c.operation, c.region, c.target, c.status, c.outcome, c.fault) for c in last]
