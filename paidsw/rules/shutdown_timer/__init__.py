"""A shutdown timer ends every session."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, NamedTuple

from paidsw.rules.limits import clamped, finding, within
from paidsw.rules.rule import Finding, Range, Reference, Resource, Rule, Severity
from paidsw.trial.terms import TERMS, Terms

_BOUNDS = TERMS.session_hours


class Settings(NamedTuple):
    """`max_hours`: the longest session to allow, in hours."""

    max_hours: Annotated[float, Range(float(_BOUNDS.minimum), float(_BOUNDS.maximum))] = float(
        _BOUNDS.maximum
    )


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a session length that is missing or out of bounds."""
    hours, top = instance["sessionHours"], Decimal(str(settings.max_hours))
    if within(hours, terms.session_hours, at_most=top, whole=False) is None:
        subject = "the length of a session (its shutdown timer)"
        yield finding(hours, terms.session_hours, subject, at_most=top, whole=False)


def remediate(instance: Resource, settings: Settings, terms: Terms) -> Mapping[str, object]:
    """The nearest session length that is allowed."""
    top = Decimal(str(settings.max_hours))
    return {"sessionHours": clamped(instance["sessionHours"], terms.session_hours, at_most=top, whole=False)}


RULE = Rule(
    id="shutdown-timer",
    title="Shutdown timer",
    description="A shutdown timer ends every session.",
    why="An instance that nobody stops uses up the month's quota, then bills; a closed browser stops nothing.",
    steps="Set `sessionHours` to the hours that you will work.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    properties=("sessionHours",),
    settings=Settings,
    check=check,
    remediate=remediate,
)
