"""The bill's arithmetic without a cloud: against figures made by hand, and against a plain count of minutes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.catalogue import DISK_PRICE, SPECS, SPOT_SHARE
from paidsw.emulator.clock import DAY, MINUTE, Millis, iso, month_of, month_start, months_later, parse_iso
from paidsw.emulator.ledger.bill import Bill, bill, grants, is_covered, price, trial_end
from paidsw.emulator.ledger.tariff import Tariff
from paidsw.emulator.state import State, Trial, Usage
from tests.support.cloud import HOME

A, B = "ecs.gn7i-c8g1.2xlarge", "ecs.gn6v-c8g1.2xlarge"
OFF = "ecs.gn7i-c16g1.4xlarge"
# Round figures, so that a reader can check them: 60 CU a month, 6 CU an hour is a tenth of a CU a minute.
PLAIN = Tariff(
    regions=frozenset({HOME}),
    cu_per_hour={A: Decimal(6), B: Decimal(12)},
    trial_types=frozenset({A, B}),
    monthly_cu=Decimal(60),
    months=3,
    free_disk_gib=100,
    kept_days=15,
)
START = parse_iso("2026-01-05T02:00:00Z")
HOUR = 60 * MINUTE


def use(start: Millis, end: Millis | None, spec: str = A, **more: object) -> Usage:
    return replace(Usage("compute", "dsw-1", "n", HOME, spec, start, end), **more)  # type: ignore[arg-type]  # any of its members


def account(*usage: Usage, claimed: Millis | None = START, **more: object) -> State:
    return State(trial=replace(Trial(claimed), **more), usage=list(usage))  # type: ignore[arg-type]  # any of its members


def at(usage: list[Usage], now: Millis, **more: object) -> Bill:
    return bill(account(*usage, **more), PLAIN, now)  # type: ignore[arg-type]  # as above


def lines(found: Bill) -> dict[tuple[str, str], tuple[int, Decimal, Decimal]]:
    return {(x.item, x.reason): (x.minutes, x.cu, x.amount) for x in found.lines}


def minutes(found: Bill) -> dict[str, int]:
    return {x.reason: x.minutes for x in found.lines}


COVERED, BEYOND, EXPIRED, EARLY = (
    "covered by the trial",
    "beyond the month's quota",
    "trial expired",
    "trial not claimed",
)


# --- figures made by hand ---


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        (0, 0, 0),
        (0, 1, 1),
        (0, MINUTE - 1, 1),
        (0, MINUTE, 1),
        (0, MINUTE + 1, 2),
        (MINUTE - 1, MINUTE, 1),
        (MINUTE - 1, MINUTE + 1, 2),
        (30_000, 30_000 + HOUR, 61),
        (0, HOUR, 60),
    ],
)
def test_a_minute_that_has_begun_counts_whole(start: Millis, end: Millis, counted: int) -> None:
    found = at([use(START + start, START + end)], START + 2 * HOUR)
    assert sum(minutes(found).values()) == counted
    assert found.cu_used == Decimal(counted) / 10


@pytest.mark.parametrize(
    ("hours", "covered", "beyond", "left", "total"),
    [
        ("1", 60, 0, "54", "0"),
        ("9.99", 600, 0, "0", "0"),
        ("10", 600, 0, "0", "0"),
        ("10.5", 600, 30, "0", "5.8"),  # 11.60 yuan an hour
        ("11", 600, 60, "0", "11.6"),
        ("20", 600, 600, "0", "116"),
    ],
)
def test_one_machine_in_one_month(hours: str, covered: int, beyond: int, left: str, total: str) -> None:
    end = START + round(Decimal(hours) * HOUR)
    found = at([use(START, end)], end)
    expected = {COVERED: covered} | ({BEYOND: beyond} if beyond else {})
    assert minutes(found) == expected
    assert (found.cu_left, found.total) == (Decimal(left), Decimal(total))
    assert found.cu_used == 60 - Decimal(left)


def test_a_minute_that_the_quota_cannot_pay_whole_is_paid_for() -> None:
    # 60 CU less 0.05: 599 minutes at a tenth, and half of the 600th.
    state = account(use(START, START + 20 * HOUR), used_elsewhere={"2026-01": "0.05"})
    found = bill(state, PLAIN, START + 20 * HOUR)
    assert minutes(found) == {COVERED: 599, BEYOND: 601}
    # The rest can't be used up by a smaller machine later on.
    assert found.cu_left == 0


def test_two_machines_share_minute_by_minute() -> None:
    # A alone for 2 h: 12 CU. Both for (60 - 12) / 18 an hour = 2 h 40 min. Then both are paid for.
    end = START + 6 * HOUR
    found = at([use(START, end), use(START + 2 * HOUR, end, B, instance_id="dsw-2")], end)
    assert lines(found) == {
        (A, COVERED): (280, Decimal(28), Decimal(0)),
        (B, COVERED): (160, Decimal(32), Decimal(0)),
        (A, BEYOND): (80, Decimal(0), Decimal("15.466667")),
        (B, BEYOND): (80, Decimal(0), Decimal("22.666667")),
    }
    assert found.total == Decimal("38.133333")


@pytest.mark.parametrize(
    ("usage", "reason", "hourly"),
    [
        (use(0, None, OFF), "type not covered", "12.60"),
        (use(0, None, "ecs.g6.xlarge"), "type not covered", "1.20"),
        (use(0, None, region="cn-hongkong"), "region not covered", "11.60"),
        (use(0, None, spot=True), "spot is not covered", "3.480"),
        (use(0, None, OFF, spot=True), "spot is not covered", "3.780"),
        (use(0, None, "ecs.unknown"), "type not covered", "0"),
        (use(0, None, kind="disk", gib=50), "disk above the free size", "0.0750"),
        (use(0, None, kind="disk", gib=1), "disk above the free size", "0.0015"),
    ],
)
def test_what_is_never_covered(usage: Usage, reason: str, hourly: str) -> None:
    assert not is_covered(usage, PLAIN)
    assert price(usage) == Decimal(hourly)
    found = at([replace(usage, start=START)], START + 3 * HOUR)
    assert minutes(found) == {reason: 180}
    assert found.total == 3 * Decimal(hourly)
    assert (found.cu_used, found.cu_left) == (Decimal(0), Decimal(60))


def test_a_disk_bills_through_starts_stops_and_grants() -> None:
    end = START + 40 * DAY
    disk = use(START, None, kind="disk", gib=20)
    found = at([disk, use(START, START + HOUR), use(START + 2 * DAY, START + 2 * DAY + HOUR)], end)
    assert minutes(found) == {"disk above the free size": 40 * 24 * 60, COVERED: 120}
    assert found.total == DISK_PRICE * 20 * 40 * 24
    assert found.month == "2026-02"


def test_subscription_and_what_is_to_come_are_no_lines() -> None:
    usage = [use(START, None, payment_type="Subscription"), use(START + DAY, None)]
    assert at(usage, START + HOUR).lines == []


MIDNIGHT = parse_iso("2026-01-31T16:00:00Z")  # the first of February in China


@pytest.mark.parametrize(
    ("before", "after", "beyond", "left"),
    [
        (600, 0, 0, 0),  # at the very end of January
        (600, 1, 0, 59.9),
        (660, 60, 60, 54),
        (1200, 700, 700, 0),
        (0, 60, 0, 54),
    ],
)
def test_a_session_over_the_end_of_a_month(before: int, after: int, beyond: int, left: float) -> None:
    now = MIDNIGHT + after * MINUTE
    found = at([use(MIDNIGHT - before * MINUTE, now)], now)
    if after == 0:
        assert (found.month, found.cu_left) == ("2026-02", Decimal(60))
    else:
        assert float(found.cu_left) == left
    assert minutes(found).get(BEYOND, 0) == beyond
    assert sum(minutes(found).values()) == before + after


@pytest.mark.parametrize(
    ("claimed", "months"),
    [
        ("2026-01-05T02:00:00Z", ["2026-01", "2026-02", "2026-03"]),
        ("2026-01-31T15:59:59Z", ["2026-01", "2026-02", "2026-03"]),
        ("2026-01-31T16:00:00Z", ["2026-02", "2026-03", "2026-04"]),
        ("2026-11-30T00:00:00Z", ["2026-11", "2026-12", "2027-01"]),
    ],
)
def test_a_grant_for_each_month_in_china(claimed: str, months: list[str]) -> None:
    found = grants(account(claimed=parse_iso(claimed)), PLAIN)
    assert [grant.month for grant in found] == months
    assert [grant.cu for grant in found] == [Decimal(60)] * 3
    assert found[0].start == parse_iso(claimed)
    assert all(one.end == two.start for one, two in pairwise(found))


def test_without_a_claim_there_is_no_grant() -> None:
    assert grants(account(claimed=None), PLAIN) == []
    found = at([use(START, START + HOUR)], START + HOUR, claimed=None)
    assert minutes(found) == {EARLY: 60}
    assert (found.total, found.cu_left) == (Decimal("11.6"), Decimal(0))


def test_what_ran_before_the_claim_is_paid_for() -> None:
    found = at([use(START - HOUR, START + HOUR)], START + HOUR)
    assert minutes(found) == {EARLY: 60, COVERED: 60}


def test_a_trial_that_ends_in_its_first_month_has_one_grant() -> None:
    state = account(use(START, None), expires_at=START + HOUR + 30_000)
    (only,) = grants(state, PLAIN)
    assert (only.start, only.end) == (START, trial_end(state, PLAIN))
    assert minutes(bill(state, PLAIN, START + 2 * HOUR)) == {COVERED: 60, EXPIRED: 60}
    assert bill(state, PLAIN, START + 2 * HOUR).cu_left == 0


def test_a_trial_that_was_over_before_it_began_grants_nothing() -> None:
    assert grants(account(expires_at=START), PLAIN) == []
    assert minutes(at([use(START, None)], START + HOUR, expires_at=START)) == {EXPIRED: 60}


@pytest.mark.parametrize(
    ("elsewhere", "left"),
    [("0", 60), ("59.5", 0.5), ("60", 0), ("1000", 0), ("-40", 100), ("0.000001", 59.999999)],
)
def test_what_was_used_elsewhere(elsewhere: str, left: float) -> None:
    found = at([], START + HOUR, used_elsewhere={"2026-01": elsewhere, "2026-02": "1"})
    assert float(found.cu_left) == left


# --- against a plain count ---


def naive(state: State, now: Millis) -> tuple[Decimal, dict[str, int]]:
    """Yuan and minutes by reason, minute after minute, as one would on paper."""
    left = {grant.month: grant.cu for grant in grants(state, PLAIN)}
    end = trial_end(state, PLAIN)
    total, counted = Decimal(0), dict[str, int]()
    spans = [(u.start // MINUTE, -(-(u.end or now) // MINUTE), u) for u in state.usage]
    first = min((span[0] for span in spans), default=0)
    for minute in range(first, max((span[1] for span in spans), default=0)):
        active = [u for begin, stop, u in spans if begin <= minute < stop]
        free = [u for u in active if is_covered(u, PLAIN)]
        rate = sum((PLAIN.cu_per_hour[u.ecs_spec] for u in free), Decimal(0)) / 60
        moment = minute * MINUTE
        month = month_of(moment)
        claimed = state.trial.claimed_at
        inside = claimed is not None and claimed // MINUTE <= minute < end // MINUTE and month in left
        paid = inside and bool(free) and left[month] >= rate
        if inside and free:
            left[month] = left[month] - rate if paid else Decimal(0)
        for usage in active:
            covered = usage in free and paid
            counted["covered" if covered else "paid"] = counted.get("covered" if covered else "paid", 0) + 1
            total += Decimal(0) if covered else price(usage) / 60
    return total, counted


SPAN = st.tuples(
    st.integers(0, 40 * 60),
    st.integers(1, 12 * 60),
    st.sampled_from([A, B, OFF]),
    st.sampled_from(["dsw-1", "dsw-2", "dsw-3"]),
    st.booleans(),
    st.sampled_from(["compute", "compute", "disk"]),
)


@settings(max_examples=25)
@given(spans=st.lists(SPAN, max_size=5), days=st.integers(0, 2), seconds=st.integers(0, 59))
def test_any_use_is_billed_as_on_paper(
    spans: list[tuple[int, int, str, str, bool, str]], days: int, seconds: int
) -> None:
    # From the day before the month's end, so that months and grants change on the way.
    base = MIDNIGHT - DAY + seconds * 1000
    usage = [
        use(
            base + begin * MINUTE,
            base + (begin + length) * MINUTE,
            spec,
            instance_id=key,
            spot=spot,
            kind=kind,
            gib=30,
        )
        for begin, length, spec, key, spot, kind in spans
    ]
    state = account(*usage, expires_at=base + days * DAY + 90 * MINUTE)
    now = base + 4 * DAY
    found = bill(state, PLAIN, now)
    total, counted = naive(state, now)
    assert abs(found.total - total) < Decimal("0.00001")
    assert sum(n for reason, n in minutes_of(found) if reason == COVERED) == counted.get("covered", 0)
    assert sum(n for reason, n in minutes_of(found) if reason != COVERED) == counted.get("paid", 0)
    assert abs(sum(line.amount for line in found.lines) - found.total) < Decimal("0.0001")


def minutes_of(found: Bill) -> list[tuple[str, int]]:
    return [(line.reason, line.minutes) for line in found.lines]


@settings(max_examples=30)
@given(hours=st.lists(st.integers(0, 200), min_size=2, max_size=6))
def test_a_bill_never_gets_smaller(hours: list[int]) -> None:
    usage = [use(START, None), use(START + 5 * HOUR, None, kind="disk", gib=5)]
    found = [at(usage, START + hour * HOUR) for hour in sorted(hours)]
    assert [one.total for one in found] == sorted(one.total for one in found)


# --- prices and months ---


def test_every_type_has_a_price_and_spot_is_cheaper() -> None:
    assert all(spec.price > 0 for spec in SPECS.values())
    assert 0 < SPOT_SHARE < 1
    assert DISK_PRICE > 0


@settings(max_examples=60)
@given(
    moment=st.integers(parse_iso("2020-01-01T00:00:00Z"), parse_iso("2040-01-01T00:00:00Z")),
    later=st.integers(0, 30),
)
def test_months_follow_each_other(moment: Millis, later: int) -> None:
    begin, end = month_start(moment, later), month_start(moment, later + 1)
    assert 28 * DAY <= end - begin <= 31 * DAY
    assert month_of(begin) == month_of(end - 1) != month_of(end)
    assert begin <= months_later(moment, later) < end
    assert (months_later(moment, later) - moment) % DAY == 0
    if later == 0:
        assert months_later(moment, 0) == moment
        assert begin <= moment < end
    assert iso(begin).endswith("T16:00:00Z")
