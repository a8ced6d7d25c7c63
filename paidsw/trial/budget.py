"""Arithmetic of computing units (CU) in exact decimals, and the months in which they are granted.

The cloud bills by the minute, so an amount of CU is turned into whole minutes, always rounded to the side
that can't bill: what a session uses is rounded up, what an amount pays for is rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from enum import StrEnum

from paidsw.core.times import CHINA_TIME
from paidsw.trial.terms import TERMS, Rate, Terms

_TOO_LARGE = Decimal("1e12")


class UnknownRateError(ValueError):
    """No source gives the CU per hour of this instance type, so nothing can be planned with it."""


def exact(value: object) -> Decimal:
    """`value` (a number or its text) as an exact decimal; floats as they print: 0.1 is Decimal("0.1").

    Raises ValueError for anything that is not one finite number, booleans included.
    """
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or number.copy_abs() >= _TOO_LARGE:
        raise ValueError("the number is too large or not finite")
    return number


def rate_of(instance_type: str, terms: Terms = TERMS) -> Rate:
    """The rate of a type; raises UnknownRateError where the terms have none."""
    rate = terms.rate(instance_type)
    if rate is None:
        raise UnknownRateError(f"no source gives the CU per hour of {instance_type!r}")
    return rate


def session_cu(instance_type: str, hours: Decimal, terms: Terms = TERMS) -> Decimal:
    """CU (to the ten-thousandth, rounded up) of a session of `hours`, its last minute counted whole."""
    minutes = (hours * 60).to_integral_value(ROUND_CEILING)
    return ceiled(rate_of(instance_type, terms).at_most * minutes / 60, "0.0001")


def minutes_paid(instance_type: str, cu: Decimal, terms: Terms = TERMS) -> int:
    """Whole minutes for which `cu` pay on this type, at least; 0 where `cu` is not positive."""
    if cu <= 0:
        return 0
    return int(cu * 60 // rate_of(instance_type, terms).at_most)


def hours_paid(instance_type: str, cu: Decimal, terms: Terms = TERMS) -> Decimal:
    """Hours (to the hundredth, rounded down) for which `cu` pay on this type, at least."""
    return floored(Decimal(minutes_paid(instance_type, cu, terms)) / 60, "0.01")


def floored(value: Decimal, step: str) -> Decimal:
    """`value` rounded down to a multiple of `step`, such as "0.1"."""
    return value.quantize(Decimal(step), ROUND_FLOOR)


def ceiled(value: Decimal, step: str) -> Decimal:
    """`value` rounded up to a multiple of `step`, such as "0.1"."""
    return value.quantize(Decimal(step), ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in China time as the instants `start` (included) and `end` (excluded), both UTC."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def month_of(instant: datetime) -> Month:
    """The month in China time that holds `instant`; raises ValueError for an instant without a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone belongs to no month")
    first = instant.astimezone(CHINA_TIME).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=31)).replace(day=1)
    return Month(first.astimezone(UTC), following.astimezone(UTC))


class Bound(StrEnum):
    """What sets the length of a session."""

    ASKED = "session"
    QUOTA = "quota"
    MONTH = "month"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Draw:
    """A running machine that draws on the quota: its type, and the minutes until its shutdown timer ends it."""

    instance_type: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Session:
    """How long a shutdown timer may be, in whole seconds (0: not at all), and what allows no more."""

    seconds: int
    bound: Bound


def reserved_cu(running: Iterable[Draw], terms: Terms = TERMS) -> Decimal:
    """CU that running machines may use until their timers end, and may have used without its showing yet."""
    late = terms.deduction_lag_minutes.value + terms.margin_minutes.value
    used = (rate_of(one.instance_type, terms).at_most * (max(0, one.minutes) + late) for one in running)
    return sum(used, Decimal(0)) / 60


def minutes_left(
    instance_type: str, left_cu: Decimal, running: Iterable[Draw] = (), terms: Terms = TERMS
) -> int:
    """Whole minutes that a machine may run from now on, when the cloud says that `left_cu` are left this month.

    What was used in the last hours may not be deducted yet, so it is taken to be used and not to show.
    """
    free = minutes_paid(instance_type, left_cu - reserved_cu(running, terms), terms)
    return max(0, free - terms.deduction_lag_minutes.value - terms.margin_minutes.value)


def session(
    instance_type: str,
    asked_hours: Decimal,
    left_cu: Decimal,
    *,
    now: datetime,
    trial_end: datetime,
    running: Iterable[Draw] = (),
    terms: Terms = TERMS,
) -> Session:
    """The longest session from now on that nothing has to be paid for, at most `asked_hours`.

    It ends before the month does: whether the next month's grant is there on the stroke is not known.
    """
    margin = timedelta(minutes=terms.margin_minutes.value)

    def until(end: datetime) -> int:
        return (end - margin - now) // timedelta(seconds=1)

    limits = (
        Session(int(asked_hours * 3600), Bound.ASKED),
        Session(60 * minutes_left(instance_type, left_cu, running, terms), Bound.QUOTA),
        Session(until(month_of(now).end), Bound.MONTH),
        Session(until(trial_end), Bound.TRIAL),
    )
    shortest = min(limits, key=lambda limit: limit.seconds)
    return shortest if shortest.seconds > 0 else Session(0, shortest.bound)
