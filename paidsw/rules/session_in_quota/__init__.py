"""One session of the instance uses no more CU than a month gives."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, NamedTuple

from paidsw.rules.limits import plain
from paidsw.rules.rule import Finding, Range, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.budget import ceiled, floored, hours_paid, session_cu
from paidsw.trial.terms import TERMS, Terms

_QUOTA = float(TERMS.quota_cu_per_month.value)

_TOO_LONG = Wording(
    what="a session of {hours} hours uses {used} CU of the month's {quota}",
    allowed="up to {longest} hours on {type}",
    fix="set sessionHours to {longest} or less",
)

_TOO_FAST = Wording(
    what="even the shortest session, of {hours} hours, uses {used} CU of the {quota} that one may use",
    allowed="a type on which it uses no more",
    fix="set ecsSpec to a type with fewer CU an hour, or raise this rule's maxCu",
)


class Settings(NamedTuple):
    """`max_cu`: the CU that one session may use, at most a month's."""

    max_cu: Annotated[float, Range(1, _QUOTA)] = _QUOTA


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a session that uses more than the quota (a type or length that other rules refuse is left to them)."""
    hours, spec, quota = instance["sessionHours"], instance["ecsSpec"].text or "", _quota(settings, terms)
    number = hours.number
    if (
        terms.rate(spec) is None
        or number is None
        or not terms.session_hours.minimum <= number <= terms.session_hours.maximum
    ):
        return
    shortest = terms.session_hours.minimum
    least = session_cu(spec, shortest, terms)
    if least > quota:
        # No length helps, so none is advised.
        yield _TOO_FAST.at(
            instance["ecsSpec"].path, hours=plain(shortest), used=ceiled(least, "0.1"), quota=plain(quota)
        )
        return
    used, longest = session_cu(spec, number, terms), floored(hours_paid(spec, quota, terms), "0.1")
    if used > quota:
        yield _TOO_LONG.at(
            hours.path,
            hours=plain(number),
            used=floored(used, "0.1"),
            quota=plain(quota),
            longest=longest,
            type=spec,
        )


def remediate(instance: Resource, settings: Settings, terms: Terms) -> Mapping[str, object]:
    """The longest session that the quota pays for; nothing where it pays for none."""
    longest = hours_paid(instance["ecsSpec"].text or "", _quota(settings, terms), terms)
    if longest < terms.session_hours.minimum:
        return {}
    return {"sessionHours": plain(floored(longest, "0.1"))}


def _quota(settings: Settings, terms: Terms) -> Decimal:
    return min(Decimal(str(settings.max_cu)), terms.quota_cu_per_month.value)


RULE = Rule(
    id="session-in-quota",
    title="Session within the monthly quota",
    description="One session of the instance uses no more CU than a month gives.",
    why="What a session uses beyond the month's CU is billed at the ordinary price, without a stop.",
    steps="Shorten `sessionHours` or choose a type that uses fewer CU per hour.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    properties=("sessionHours", "ecsSpec"),
    settings=Settings,
    check=check,
    remediate=remediate,
)
