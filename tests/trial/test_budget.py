from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.core.times import CHINA_TIME
from paidsw.trial.budget import (
    UnknownRateError,
    ceiled,
    exact,
    floored,
    hours_paid,
    minutes_paid,
    month_of,
    rate_of,
    session_cu,
)
from paidsw.trial.terms import TERMS

A10 = "ecs.gn7i-c8g1.2xlarge"
V100 = "ecs.gn6v-c8g1.2xlarge"
CPU = "ecs.g6.xlarge"
USABLE = st.sampled_from(TERMS.instance_type_ids)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (250, "250"),
        (0.1, "0.1"),
        ("6.991", "6.991"),
        (" 3 ", "3"),
        (-1, "-1"),
        (Decimal("2.5"), "2.5"),
        (1e3, "1000.0"),
    ],
)
def test_exact_takes_numbers_and_their_texts(value: object, number: str) -> None:
    assert exact(value) == Decimal(number)


@pytest.mark.parametrize(
    "value",
    [None, True, False, "", "many", "nan", float("nan"), float("inf"), "-inf", [], {}, 1e15, "1e999999999"],
)
def test_exact_refuses_what_is_not_one_finite_number(value: object) -> None:
    with pytest.raises(ValueError, match="number"):
        exact(value)


@pytest.mark.parametrize(
    ("kind", "hours", "cu"),
    [
        (A10, "4", "27.964"),
        (A10, "0", "0"),
        (A10, "0.01", "0.1166"),  # 36 s count as a minute: 6.991 / 60 = 0.11651…, rounded up
        (V100, "10", "149"),
    ],
)
def test_session_cu(kind: str, hours: str, cu: str) -> None:
    assert session_cu(kind, Decimal(hours)) == Decimal(cu)


@pytest.mark.parametrize(
    ("kind", "cu", "minutes"),
    [
        (A10, "250", 2145),
        (A10, "6.991", 60),
        (A10, "6.990", 59),
        (A10, "0", 0),
        (A10, "-5", 0),
        (A10, "0.1165", 0),
        (A10, "0.11652", 1),
        (V100, "250", 1006),
    ],
)
def test_minutes_paid(kind: str, cu: str, minutes: int) -> None:
    assert minutes_paid(kind, Decimal(cu)) == minutes


def test_hours_paid_by_a_month_of_the_a10() -> None:
    assert hours_paid(A10, Decimal(250)) == Decimal("35.75")


@given(kind=USABLE, cu=st.decimals(min_value=0, max_value=10_000, places=4))
def test_what_an_amount_pays_for_never_uses_more_than_the_amount(kind: str, cu: Decimal) -> None:
    minutes = minutes_paid(kind, cu)
    assert rate_of(kind).at_most * minutes <= cu * 60
    assert rate_of(kind).at_most * (minutes + 1) > cu * 60


@given(kind=USABLE, hours=st.decimals(min_value=0, max_value=1000, places=3))
def test_a_session_is_never_counted_for_less_than_it_uses(kind: str, hours: Decimal) -> None:
    counted = session_cu(kind, hours)
    assert counted >= rate_of(kind).at_most * hours
    assert counted - rate_of(kind).at_most * hours <= rate_of(kind).at_most / 60 + Decimal("0.0001")


@pytest.mark.parametrize("kind", [CPU, "ecs.gn7e-c16g1.4xlarge", ""])
def test_nothing_is_planned_without_a_rate(kind: str) -> None:
    for plan in (session_cu, minutes_paid, hours_paid):
        with pytest.raises(UnknownRateError, match="CU per hour"):
            plan(kind, Decimal(1))


def test_rounding_goes_to_the_side_asked_for() -> None:
    assert floored(Decimal("35.79"), "0.1") == Decimal("35.7")
    assert ceiled(Decimal("35.71"), "0.1") == Decimal("35.8")
    assert floored(Decimal("-0.05"), "0.1") == Decimal("-0.1")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "start", "end"),
    [
        ("2026-11-25T00:00:00", "2026-10-31T16:00:00", "2026-11-30T16:00:00"),
        ("2026-11-30T15:59:59", "2026-10-31T16:00:00", "2026-11-30T16:00:00"),
        ("2026-11-30T16:00:00", "2026-11-30T16:00:00", "2026-12-31T16:00:00"),
        ("2028-02-29T12:00:00", "2028-01-31T16:00:00", "2028-02-29T16:00:00"),
        ("2027-02-28T16:00:00", "2027-02-28T16:00:00", "2027-03-31T16:00:00"),
        ("2026-12-31T16:00:00", "2026-12-31T16:00:00", "2027-01-31T16:00:00"),
    ],
)
def test_months_are_chinas(instant: str, start: str, end: str) -> None:
    month = month_of(_utc(instant))
    assert (month.start, month.end) == (_utc(start), _utc(end))
    assert _utc(instant) in month


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_an_instant_is_in_its_month_and_the_next_begins_where_it_ends(instant: datetime) -> None:
    month = month_of(instant)
    assert instant in month
    assert month.end not in month
    assert month_of(month.end).start == month.end
    assert month.start.astimezone(CHINA_TIME).day == 1


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    berlin = datetime(2026, 11, 30, 17, 0, tzinfo=timezone(timedelta(hours=1)))
    assert month_of(berlin) == month_of(_utc("2026-11-30T16:00:00"))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        month_of(datetime(2026, 11, 25))
