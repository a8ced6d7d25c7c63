"""What the use costs: exact, by the minute, recomputed from the metered stretches whenever it is asked.

A minute of the clock that has begun counts whole, so a session can count one minute more than it lasts. Compute
of a covered type in a covered region draws on the month's grant; what the grant doesn't cover, and all else, is
paid for. Money and CU are multiplied by minutes first and divided by sixty last, so that nothing is rounded on
the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from ..catalogue import DISK_PRICE, SPECS, SPOT_SHARE
from ..clock import MINUTE, Millis, month_of, month_start, months_later
from ..state import Attempt, State, Usage
from .tariff import Tariff

ZERO = Decimal(0)
_CENT = Decimal("0.000001")


@dataclass(frozen=True)
class Grant:
    """A month's CU·h of the pack."""

    month: str
    start: Millis
    end: Millis
    cu: Decimal


@dataclass
class BillLine:
    """What one instance cost for one reason: minutes, CU·h drawn from the pack, yuan."""

    instance_id: str
    instance_name: str
    region: str
    kind: str
    item: str
    reason: str
    minutes: int = 0
    cu: Decimal = ZERO
    amount: Decimal = ZERO


@dataclass
class Bill:
    """The account at a moment: yuan owed, CU·h used and left this month, per instance and reason, orders tried."""

    total: Decimal = ZERO
    cu_used: Decimal = ZERO
    cu_left: Decimal = ZERO
    month: str = ""
    lines: list[BillLine] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)


def grants(state: State, tariff: Tariff) -> list[Grant]:
    """The pack's grants: one for each month in China from the claim on, unused rest forfeited at its end."""
    claimed = state.trial.claimed_at
    if claimed is None:
        return []
    end = trial_end(state, tariff)
    result = []
    for index in range(tariff.months):
        start = claimed if index == 0 else month_start(claimed, index)
        stop = min(month_start(claimed, index + 1), end)
        if start < stop:
            month = month_of(start)
            elsewhere = Decimal(state.trial.used_elsewhere.get(month, "0"))
            result.append(Grant(month, start, stop, max(ZERO, tariff.monthly_cu - elsewhere)))
    return result


def trial_end(state: State, tariff: Tariff) -> Millis:
    """When the trial is over; the claim plus the trial's months unless set."""
    if state.trial.expires_at is not None:
        return state.trial.expires_at
    return months_later(state.trial.claimed_at or 0, tariff.months)


def is_covered(usage: Usage, tariff: Tariff) -> bool:
    """Whether the pack pays for this use at all. Spot is taken as not covered: nothing says that it is."""
    return (
        usage.kind == "compute"
        and not usage.spot
        and usage.region in tariff.regions
        and usage.ecs_spec in tariff.cu_per_hour
    )


def price(usage: Usage) -> Decimal:
    """Yuan per hour outside the pack."""
    if usage.kind == "disk":
        return DISK_PRICE * usage.gib
    spec = SPECS.get(usage.ecs_spec)
    full = spec.price if spec else ZERO
    return full * SPOT_SHARE if usage.spot else full


def bill(state: State, tariff: Tariff, now: Millis) -> Bill:
    """Everything up to now."""
    return _Ledger(state, tariff, now).run()


class _Ledger:
    """One pass over the metered minutes, from the first to now."""

    def __init__(self, state: State, tariff: Tariff, now: Millis) -> None:
        self.state = state
        self.tariff = tariff
        self.now = now
        self.grants = grants(state, tariff)
        self.left = {grant.month: grant.cu * 60 for grant in self.grants}  # CU·minutes
        self.lines: dict[tuple[str, str, str, str], BillLine] = {}

    def run(self) -> Bill:
        for start, end, active in self._segments():
            self._segment(start, end, active)
        return self._close()

    def _segments(self) -> Iterator[tuple[int, int, list[Usage]]]:
        """Stretches of whole minutes in which the same things run under the same grant."""
        spans = [(u.start // MINUTE, -(-(u.end or self.now) // MINUTE), u) for u in self._metered()]
        edges = {edge for start, end, _ in spans for edge in (start, end)}
        edges |= {edge for g in self.grants for edge in (g.start // MINUTE, g.end // MINUTE)}
        edges.add(trial_end(self.state, self.tariff) // MINUTE)
        points = sorted(edges)
        spans.sort(key=lambda span: span[0])
        active: list[tuple[int, Usage]] = []
        upcoming = 0
        for start, end in pairwise(points):
            active = [item for item in active if item[0] > start]
            while upcoming < len(spans) and spans[upcoming][0] <= start:
                active.append((spans[upcoming][1], spans[upcoming][2]))
                upcoming += 1
            if active:
                yield start, end, [usage for _, usage in active]

    def _metered(self) -> Iterator[Usage]:
        for usage in self.state.usage:
            # Subscription is paid for in advance, elsewhere.
            if usage.payment_type == "PayAsYouGo" and (usage.end or self.now) > usage.start:
                yield usage

    def _segment(self, start: int, end: int, active: list[Usage]) -> None:
        minutes = end - start
        covered = [usage for usage in active if is_covered(usage, self.tariff)]
        granted = self._draw(start, minutes, covered)
        for usage in active:
            if usage not in covered:
                self._pay(usage, minutes, _why_uncovered(usage, self.tariff))
                continue
            self._line(usage, "covered by the trial", granted, cu=self.tariff.cu_per_hour[usage.ecs_spec])
            self._pay(usage, minutes - granted, self._why_not_granted(start))

    def _draw(self, start: int, minutes: int, covered: list[Usage]) -> int:
        """Minutes that the grant covers for all covered machines; it covers whole minutes only."""
        grant = self._grant_at(start)
        rate = sum((self.tariff.cu_per_hour[usage.ecs_spec] for usage in covered), ZERO)
        if grant is None or not rate:
            return 0
        paid = min(minutes, int(self.left[grant.month] / rate))
        self.left[grant.month] -= rate * paid
        if paid < minutes:
            self.left[grant.month] = ZERO
        return paid

    def _grant_at(self, minute: int) -> Grant | None:
        # The minute in which the trial ends is no longer covered.
        return next((g for g in self.grants if g.start // MINUTE <= minute < g.end // MINUTE), None)

    def _why_not_granted(self, minute: int) -> str:
        claimed = self.state.trial.claimed_at
        if claimed is None or minute < claimed // MINUTE:
            return "trial not claimed"
        if minute >= trial_end(self.state, self.tariff) // MINUTE:
            return "trial expired"
        return "beyond the month's quota"

    def _pay(self, usage: Usage, minutes: int, reason: str) -> None:
        self._line(usage, reason, minutes, yuan=price(usage))

    def _line(
        self, usage: Usage, reason: str, minutes: int, *, cu: Decimal = ZERO, yuan: Decimal = ZERO
    ) -> None:
        if minutes == 0:
            return
        item = usage.ecs_spec if usage.kind == "compute" else f"{usage.gib} GiB above the free disk"
        key = (usage.instance_id, usage.kind, item, reason)
        line = self.lines.setdefault(
            key,
            BillLine(usage.instance_id, usage.instance_name, usage.region, usage.kind, item, reason),
        )
        line.minutes += minutes
        line.cu += cu * minutes
        line.amount += yuan * minutes

    def _close(self) -> Bill:
        lines = list(self.lines.values())
        total = sum((line.amount for line in lines), ZERO)
        for line in lines:
            line.amount, line.cu = _per_hour(line.amount), _per_hour(line.cu)
        grant = self._grant_at(self.now // MINUTE)
        left = self.left[grant.month] if grant else ZERO
        used = grant.cu * 60 - left if grant else ZERO
        return Bill(
            _per_hour(total),
            _per_hour(used),
            _per_hour(left),
            month_of(self.now),
            lines,
            list(self.state.attempts),
        )


def _per_hour(minutes: Decimal) -> Decimal:
    return (minutes / 60).quantize(_CENT, ROUND_HALF_UP)


def _why_uncovered(usage: Usage, tariff: Tariff) -> str:
    if usage.kind == "disk":
        return "disk above the free size"
    if usage.spot:
        return "spot is not covered"
    if usage.region not in tariff.regions:
        return "region not covered"
    return "type not covered"
