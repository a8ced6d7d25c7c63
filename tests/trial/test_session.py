"""How long a shutdown timer may be, at every boundary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.trial.budget import (
    Bound,
    Draw,
    Session,
    UnknownRateError,
    minutes_left,
    month_of,
    rate_of,
    reserved_cu,
    session,
)
from paidsw.trial.terms import TERMS
from tests.support.trial import A10, NOW, V100

LAG, MARGIN = TERMS.deduction_lag_minutes.value, TERMS.margin_minutes.value
FAR = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = 3600


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def length(
    left: str = "250",
    *,
    hours: str = "4",
    now: datetime = NOW,
    end: datetime = FAR,
    running: tuple[Draw, ...] = (),
    kind: str = A10,
) -> Session:
    return session(kind, Decimal(hours), Decimal(left), now=now, trial_end=end, running=running)


def cu(minutes: int, kind: str = A10) -> str:
    """The CU that exactly pay for so many minutes."""
    return str(rate_of(kind).at_most * minutes / 60)


@pytest.mark.parametrize(
    ("minutes", "seconds", "bound"),
    [
        (LAG + MARGIN + 240, 4 * HOUR, Bound.ASKED),
        (LAG + MARGIN + 239, 239 * 60, Bound.QUOTA),
        (LAG + MARGIN + 1, 60, Bound.QUOTA),
        (LAG + MARGIN, 0, Bound.QUOTA),
        (1, 0, Bound.QUOTA),
        (0, 0, Bound.QUOTA),
    ],
)
@pytest.mark.parametrize("kind", [A10, V100])
def test_the_last_minutes_of_the_quota(kind: str, minutes: int, seconds: int, bound: Bound) -> None:
    amount = str(Decimal(cu(minutes, kind)) + Decimal("0.0001"))
    assert length(amount, kind=kind) == Session(seconds, bound)


@pytest.mark.parametrize("left", ["0", "-1", "-250", "0.0001"])
def test_nothing_left_is_no_session(left: str) -> None:
    assert length(left) == Session(0, Bound.QUOTA)


def test_a_whole_month_is_less_than_a_whole_month_by_the_margins() -> None:
    assert minutes_left(A10, Decimal(250)) == 2145 - LAG - MARGIN
    assert length(hours="100").seconds == (2145 - LAG - MARGIN) * 60


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-11-30T11:40:00", 4 * HOUR),
        ("2026-11-30T11:40:01", 4 * HOUR - 1),
        ("2026-11-30T15:00:00", 40 * 60),
        ("2026-11-30T15:39:59", 1),
        ("2026-11-30T15:40:00", 0),
        ("2026-11-30T15:59:59", 0),
        ("2026-11-30T16:00:00", 4 * HOUR),
        ("2028-02-28T15:00:00", 4 * HOUR),
        ("2028-02-29T15:00:00", 40 * 60),
        ("2027-02-28T15:00:00", 40 * 60),
        ("2026-12-31T15:00:00", 40 * 60),
        ("2026-12-31T16:00:00", 4 * HOUR),
    ],
)
def test_a_session_ends_before_its_month_in_china(now: str, seconds: int) -> None:
    found = length(now=at(now))
    assert found.seconds == seconds
    assert found.bound is (Bound.ASKED if seconds == 4 * HOUR else Bound.MONTH)


def test_the_month_of_a_clock_with_a_zone_of_its_own_is_the_same() -> None:
    there = at("2026-11-30T15:00:00").astimezone(month_of(NOW).start.tzinfo)
    assert length(now=there) == length(now=at("2026-11-30T15:00:00"))


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [
        (timedelta(hours=4, minutes=MARGIN), 4 * HOUR),
        (timedelta(hours=4), (240 - MARGIN) * 60),
        (timedelta(minutes=MARGIN, seconds=1), 1),
        (timedelta(minutes=MARGIN), 0),
        (timedelta(0), 0),
        (timedelta(days=-400), 0),
    ],
)
def test_a_session_ends_before_the_trial(ahead: timedelta, seconds: int) -> None:
    found = length(end=NOW + ahead)
    assert found.seconds == seconds
    assert found.bound is (Bound.ASKED if seconds == 4 * HOUR else Bound.TRIAL)


def test_fractions_of_a_second_are_dropped() -> None:
    half = NOW + timedelta(minutes=MARGIN, seconds=10.9)
    assert length(end=half).seconds == 10
    assert length(hours="0.33335").seconds == 1200


def test_a_running_machine_keeps_what_it_may_still_use() -> None:
    other = Draw(V100, 120)
    kept = Decimal("14.9") * (120 + LAG + MARGIN) / 60
    assert reserved_cu([other]) == kept
    assert reserved_cu([other, Draw(A10, 0)]) == kept + Decimal("6.991") * (LAG + MARGIN) / 60
    alone, beside = length(hours="100").seconds, length(hours="100", running=(other,)).seconds
    assert alone - beside == pytest.approx(float(kept / Decimal("6.991")) * HOUR, abs=60)


def test_a_timer_that_is_over_gives_nothing_back() -> None:
    assert reserved_cu([Draw(A10, -500)]) == reserved_cu([Draw(A10, 0)]) > 0


def test_two_machines_that_take_it_all_leave_nothing() -> None:
    assert length(running=(Draw(A10, 1200), Draw(A10, 1200))) == Session(0, Bound.QUOTA)


def test_a_machine_without_a_rate_can_not_be_reserved_for() -> None:
    with pytest.raises(UnknownRateError):
        length(running=(Draw("ecs.g6.xlarge", 10),))


@given(
    left=st.decimals(min_value=-10, max_value=1000, places=4),
    hours=st.decimals(min_value="0.25", max_value=100, places=2),
    past=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=90)),
    ends=st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=90)),
    kind=st.sampled_from(TERMS.instance_type_ids),
    others=st.lists(
        st.builds(Draw, st.sampled_from(TERMS.instance_type_ids), st.integers(-5, 3000)), max_size=3
    ),
)
def test_no_session_outlives_what_pays_for_it(
    left: Decimal, hours: Decimal, past: timedelta, ends: timedelta, kind: str, others: list[Draw]
) -> None:
    now = NOW + past
    found = session(kind, hours, left, now=now, trial_end=now + ends, running=others)
    assert 0 <= found.seconds <= hours * 3600
    if found.seconds:
        stop = now + timedelta(seconds=found.seconds)
        assert stop < now + ends
        assert stop in month_of(now)
        used = rate_of(kind).at_most * found.seconds / 3600
        used += sum(rate_of(one.instance_type).at_most * max(0, one.minutes) / 60 for one in others)
        assert used < left


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2029, 1, 1), timezones=st.just(UTC)))
def test_a_clock_that_jumps_never_makes_a_session_longer_than_asked_or_paid(now: datetime) -> None:
    assert length("40", now=now).seconds <= minutes_left(A10, Decimal(40)) * 60
