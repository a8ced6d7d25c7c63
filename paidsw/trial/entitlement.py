"""Whether the trial pays for an instance now: from the cloud's answers and a time, to a plan or the reason why not.

What the documentation leaves open is read in one place each, `read_…` below, and on the side that can't bill: what
is missing, of another kind or in an unknown unit means no. docs/unverified.md says how to check each reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from paidsw.core.messages import Message, UserError
from paidsw.core.text import printable
from paidsw.core.times import both_times, parsed
from paidsw.trial.budget import (
    Bound,
    Draw,
    Session,
    ceiled,
    exact,
    floored,
    minutes_left,
    month_of,
    reserved_cu,
    session,
)
from paidsw.trial.messages import Text
from paidsw.trial.terms import TERMS, Terms

Answer = Mapping[str, object]
# One computing hour. The API's own example has the last one, with an amount that was the trial's in CU·h.
UNITS = frozenset({"CU*H", "CU.H", "CUH", "CU", "CU*时", "计算时", "个"})
DEDUCTIBLE = "SupportResourcePackDeduction"
PAI_PRODUCT = "PAI_share"
_MOST_NAMED = 5


class Reason(StrEnum):
    """Why the trial doesn't pay."""

    UNCLEAR = "unclear"
    NOT_CLAIMED = "not-claimed"
    INVALID = "invalid"
    NOT_STARTED = "not-started"
    EXPIRED = "expired"
    NOT_ACTIVATED = "not-activated"
    REGION = "region"
    TYPE = "type"
    RUNNING = "running"
    QUOTA = "quota"
    UNAVAILABLE = "unavailable"


class NotEntitled(UserError):
    """The trial doesn't pay, or nobody can tell."""

    def __init__(self, reason: Reason, cause: Message, advice: Message) -> None:
        super().__init__(cause, advice)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the cloud says of a valid trial: CU left this month, and the instants between which it runs."""

    left_cu: Decimal
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Answers:
    """GetUserConfig, the EcsSpecs of ListEcsSpecs and the Products of ListProducts, as the API gives them.

    Without `products`, activation is left to the cloud: where PAI isn't activated it creates nothing.
    """

    user_config: Answer
    specs: Sequence[Answer]
    products: Sequence[Answer] | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A pay-as-you-go machine of the account; `minutes` until its timer ends it, None without a timer."""

    name: str
    instance_type: str
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The instance that is to run, from now on for `hours`."""

    region: str
    instance_type: str
    hours: Decimal
    # Of an instance that is there, with its files: nothing can move it to another region.
    exists: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A session that the trial pays for. `hours_left` is what the month pays for after it, on this type."""

    wanted: Wanted
    allowance: Allowance
    session: Session
    reserved_cu: Decimal
    hours_left: Decimal
    now: datetime

    @property
    def stops(self) -> datetime:
        """When the timer, set now, stops the instance."""
        return self.now + timedelta(seconds=self.session.seconds)

    def message(self, here: tzinfo | None = None) -> Message:
        """What is left, how long it lasts on this type, and when the timer will stop the instance."""
        hours = floored(Decimal(self.session.seconds) / 3600, "0.01").normalize()
        return Text.PLAN(
            left=_amount_left(self.allowance.left_cu, self.reserved_cu),
            hours=self.hours_left,
            type=self.wanted.instance_type,
            timer=_TIMER[self.session.bound](hours=f"{hours:f}", at=both_times(self.stops, here)),
        )


_TIMER = {
    Bound.ASKED: Text.TIMER,
    Bound.QUOTA: Text.TIMER_BY_QUOTA,
    Bound.MONTH: Text.TIMER_BY_MONTH,
    Bound.TRIAL: Text.TIMER_BY_TRIAL,
}


def entitled(
    answers: Answers, wanted: Wanted, now: datetime, running: Iterable[Running] = (), terms: Terms = TERMS
) -> Plan:
    """The plan for an instance that may start now. Raises NotEntitled."""
    _covered_by_terms(wanted, terms)
    if answers.products is not None:
        activated(answers.products, wanted.region)
    found = allowance(answers.user_config, now, terms)
    _covered_by_cloud(answers, wanted, terms)
    others = list(running)
    draws = [draw(one, terms) for one in others]

    def longest(beside: Sequence[Draw]) -> Session:
        return session(
            wanted.instance_type,
            wanted.hours,
            found.left_cu,
            now=now,
            trial_end=found.end,
            running=beside,
            terms=terms,
        )

    length = longest(draws)
    own = Draw(wanted.instance_type, -(-length.seconds // 60))
    left = minutes_left(wanted.instance_type, found.left_cu, [*draws, own], terms)
    reserved = reserved_cu(draws, terms)
    plan = Plan(wanted, found, length, reserved, floored(Decimal(left) / 60, "0.1"), now)
    shortest = terms.session_hours.minimum * 3600
    if length.bound is not Bound.ASKED and length.seconds < shortest:
        # Where it would fit without them, the others can make room.
        raise _too_short(plan, others if longest([]).seconds >= shortest else [])
    return plan


def activated(products: Iterable[Answer], region: str) -> None:
    """Raises NotEntitled where PAI isn't activated in a region, by its Products of ListProducts."""
    if not read_activated(products):
        raise NotEntitled(
            Reason.NOT_ACTIVATED, Text.NOT_ACTIVATED(region=region), Text.ACTIVATE(region=region)
        )


def allowance(user_config: Answer, now: datetime, terms: Terms = TERMS) -> Allowance:
    """What the account's trial gives now. Raises NotEntitled unless it is claimed, valid and running."""
    trial = user_config.get("FreeTier")
    # Of a trial that ended the cloud may say that there is none, and nobody can claim it again.
    ended = isinstance(trial, Mapping) and _has_ended(trial, now)
    if not isinstance(trial, Mapping) or not trial or (not ended and read_claimed(trial) is False):
        raise NotEntitled(Reason.NOT_CLAIMED, Text.NOT_CLAIMED(), Text.CLAIM(address=terms.claim_url.value))
    start, end = read_moment(trial, "StartTime"), read_moment(trial, "EndTime")
    if now >= end:
        raise NotEntitled(Reason.EXPIRED, Text.ENDED(end=both_times(end)), Text.DESTROY())
    if now < start:
        raise NotEntitled(Reason.NOT_STARTED, Text.NOT_BEGUN(start=both_times(start)), Text.LATER())
    if not read_valid(trial):
        raise NotEntitled(
            Reason.INVALID,
            Text.NOT_VALID(status=_shown(trial.get("Status"))),
            Text.SEE_TRIAL(address=terms.claim_url.value),
        )
    return Allowance(read_left_cu(trial, terms), start, end)


def price_per_hour(specs: Iterable[Answer], instance_type: str) -> Decimal | None:
    """The type's ordinary price in yuan an hour; None where the cloud doesn't say."""
    spec = _spec(specs, instance_type)
    try:
        price = exact(spec.get("Price")) if spec is not None else Decimal(0)
    except ValueError:
        return None
    return price if price > 0 else None


def read_activated(products: Iterable[Answer]) -> bool:
    """ListProducts: PAI is activated in a region if its product PAI_share is marked as purchased there."""
    return any(one.get("ProductCode") == PAI_PRODUCT and one.get("IsPurchased") is True for one in products)


def read_claimed(trial: Answer) -> bool:
    """FreeTier.IsFreeTierUser: whether the trial was claimed."""
    claimed = trial.get("IsFreeTierUser")
    if not isinstance(claimed, bool):
        raise _unclear("IsFreeTierUser", claimed)
    return claimed


def read_valid(trial: Answer) -> bool:
    """FreeTier.Status: only the documented "valid" is; how "invalid" is spelt doesn't matter."""
    return trial.get("Status") == "valid"


def read_moment(trial: Answer, name: str) -> datetime:
    """FreeTier.StartTime and EndTime: instants with a time zone; the end itself is no longer in the trial."""
    try:
        return parsed(trial.get(name))
    except ValueError:
        raise _unclear(name, trial.get(name)) from None


def read_left_cu(trial: Answer, terms: Terms = TERMS) -> Decimal:
    """FreeTier.Init* and Period*: CU·h that this month has left, at least.

    Whether they are of the month or of the whole trial is not known. Init - Period was used up, at most all of it
    this month, so the month's quota less that is left at least; and never more than Period itself. That holds for
    either meaning, and whatever the size of the unit.
    """
    first, left = _amounts(trial, "Init"), _amounts(trial, "Period")
    used = max(first) - min(left)
    if min(first) <= 0 or min(left) < 0 or used < 0:
        raise _unclear("InitBaseValue and PeriodBaseValue", f"{max(first)} and {min(left)}")
    return max(Decimal(0), min(*left, terms.quota_cu_per_month.value - used))


def read_region_covered(user_config: Answer) -> bool:
    """GetUserConfig.FreeTierSpecAvailable: whether types of the trial can be had in the region that was asked."""
    return user_config.get("FreeTierSpecAvailable") is True


def read_deductible(spec: Answer) -> bool:
    """ListEcsSpecs, label SupportResourcePackDeduction: whether a pack, so the trial's, pays for the type."""
    labels = spec.get("Labels")
    return isinstance(labels, Sequence) and any(
        isinstance(one, Mapping) and one.get("Key") == DEDUCTIBLE and str(one.get("Value")).lower() == "true"
        for one in labels
    )


def _covered_by_terms(wanted: Wanted, terms: Terms) -> None:
    if wanted.region not in terms.region_ids:
        raise NotEntitled(
            Reason.REGION,
            Text.NOT_A_REGION(region=wanted.region),
            (Text.STAYS_THERE if wanted.exists else Text.USE_ONE_OF)(names=", ".join(terms.region_ids)),
        )
    if terms.rate(wanted.instance_type) is None:
        known = wanted.instance_type in terms.instance_types
        cause = Text.TYPE_WITHOUT_RATE if known else Text.NOT_A_TYPE
        advice = Text.USE_ONE_OF(names=", ".join(terms.instance_type_ids))
        raise NotEntitled(Reason.TYPE, cause(type=wanted.instance_type), advice)


def _covered_by_cloud(answers: Answers, wanted: Wanted, terms: Terms) -> None:
    if not read_region_covered(answers.user_config):
        others = ", ".join(region for region in terms.region_ids if region != wanted.region)
        raise NotEntitled(
            Reason.REGION,
            Text.NO_TYPES_IN_REGION(region=wanted.region),
            (Text.STAYS_THERE if wanted.exists else Text.TRY)(names=others),
        )
    spec = _spec(answers.specs, wanted.instance_type)
    if spec is None or not read_deductible(spec):
        cause = Text.TYPE_NOT_OFFERED if spec is None else Text.TYPE_NOT_PAID_FOR
        others = ", ".join(kind for kind in terms.instance_type_ids if kind != wanted.instance_type)
        raise NotEntitled(
            Reason.TYPE,
            cause(type=wanted.instance_type, region=wanted.region),
            (Text.USE_OTHER_TYPE if wanted.exists else Text.USE_OTHER)(names=others),
        )


def draw(one: Running, terms: Terms = TERMS) -> Draw:
    """What a machine will use; NotEntitled where nobody can tell."""
    if one.minutes is None:
        raise NotEntitled(Reason.RUNNING, Text.RUNS_WITHOUT_TIMER(name=one.name), Text.STOP_OR_SET_TIMER())
    if terms.rate(one.instance_type) is None:
        raise NotEntitled(
            Reason.RUNNING,
            Text.RUNS_ON_UNKNOWN_RATE(name=one.name, type=one.instance_type or Text.UNKNOWN_TYPE()),
            Text.STOP_IT(),
        )
    return Draw(one.instance_type, one.minutes)


def _too_short(plan: Plan, others: Sequence[Running]) -> NotEntitled:
    """Why nothing can start; `others` are those that would have to stop, if that is all that is in the way."""
    end, month = plan.allowance.end, month_of(plan.now).end
    if plan.session.bound is Bound.TRIAL:
        return NotEntitled(Reason.EXPIRED, Text.ENDS_TOO_SOON(end=both_times(end)), Text.DESTROY())
    renewed = month < end
    advice = Text.RENEWED(month=both_times(month)) if renewed else _not_renewed(end)
    if plan.session.bound is Bound.MONTH:
        return NotEntitled(Reason.QUOTA, Text.MONTH_ENDS(), advice)
    left = {"cu": floored(plan.allowance.left_cu, "0.1"), "type": plan.wanted.instance_type}
    if not others:
        return NotEntitled(Reason.QUOTA, Text.TOO_LITTLE(**left), advice)
    cause = Text.TOO_LITTLE_BESIDE_OTHERS(reserved=ceiled(plan.reserved_cu, "0.1"), **left)
    return NotEntitled(Reason.QUOTA, cause, Text.STOP_OTHERS(names=_names(others)))


def _not_renewed(end: datetime) -> Message:
    return Text.NOT_RENEWED(end=both_times(end), destroy=Text.DESTROY())


def _names(others: Sequence[Running]) -> str | Message:
    named = ", ".join(printable(one.name, 64) for one in others[:_MOST_NAMED])
    more = len(others) - _MOST_NAMED
    return Text.NAMES_AND_MORE(names=named, count=more) if more > 0 else named


def _amount_left(left: Decimal, reserved: Decimal) -> Message:
    text = Text.LEFT_WITH_RESERVED if reserved else Text.LEFT
    return text(cu=floored(left, "0.1"), reserved=floored(reserved, "0.1"))


def _spec(specs: Iterable[Answer], instance_type: str) -> Answer | None:
    return next((one for one in specs if one.get("InstanceType") == instance_type), None)


def _amounts(trial: Answer, kind: str) -> list[Decimal]:
    """An amount as the cloud gives it, for computing and for display."""
    return [
        _amount(trial, kind + of)
        for of in ("Base", "Show")
        if of == "Base" or trial.get(f"{kind}{of}Value") not in (None, "")
    ]


def _has_ended(trial: Answer, now: datetime) -> bool:
    try:
        return now >= parsed(trial.get("EndTime"))
    except ValueError:
        return False


def _amount(trial: Answer, name: str) -> Decimal:
    unit, value = trial.get(f"{name}Unit"), trial.get(f"{name}Value")
    if not isinstance(unit, str) or unit.replace(" ", "").replace("·", "*").upper() not in UNITS:
        raise _unclear(f"{name}Unit", unit)
    try:
        return exact(value)
    except ValueError:
        raise _unclear(f"{name}Value", value) from None


def _unclear(field: str, value: object) -> NotEntitled:
    return NotEntitled(Reason.UNCLEAR, Text.UNCLEAR(field=field, value=_shown(value)), _compare())


def _compare() -> Message:
    return Text.COMPARE(address=TERMS.claim_url.value)


def _shown(value: object) -> str | Message:
    return Text.NO_VALUE() if value is None else printable(repr(value), 40)
