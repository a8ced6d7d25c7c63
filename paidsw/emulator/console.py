"""The console page: the emulator's account at a glance, self-contained and read-only."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from paidsw.core.text import printable

from .account import Account, CallRecord
from .clock import iso
from .control_api import Status
from .ledger.bill import BillLine
from .ledger.live import Live
from .state import Attempt

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LAST_CALLS = 30
Row = tuple[object, ...]


def page(account: Account, status: Status) -> str:
    """The HTML page."""
    bill, live = account.bill(), account.live()
    return _template().render(
        status=status,
        bill=bill,
        live=live,
        alive=[_alive(thing) for thing in live],
        lines=[_line(line) for line in bill.lines],
        attempts=[_attempt(one) for one in bill.attempts],
        calls=[_call(call) for call in list(account.calls)[-LAST_CALLS:][::-1]],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("paidsw.emulator"),
        autoescape=True,
        undefined=StrictUndefined,
        # Direction marks in a name could turn a line of the table around.
        finalize=lambda value: value if isinstance(value, Markup) else printable(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("console.html")


def _alive(thing: Live) -> Row:
    cost = f"¥{thing.yuan_per_hour}/h" if thing.billed else ""
    quota = f"{thing.cu_per_hour} CU/h" if thing.cu_per_hour else "free"
    culler = f"{thing.culler_minutes} min" if thing.culler_minutes else ""
    unguarded = f"{thing.unguarded_ms // 1000} s" if thing.unguarded_ms else ""
    place = (thing.kind, thing.name, thing.id, thing.region, thing.status)
    return (*place, cost or quota, thing.timer_due, culler, unguarded, thing.detail)


def _line(line: BillLine) -> Row:
    cu, yuan = (_plain(number) for number in (line.cu, line.amount))
    return line.instance_name, line.region, line.item, line.minutes, cu, yuan, line.reason


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _attempt(one: Attempt) -> Row:
    return iso(one.at), one.operation, one.region, one.detail


def _call(call: CallRecord) -> Row:
    return iso(call.at), call.operation, call.region, call.target, call.status, call.outcome, call.fault
