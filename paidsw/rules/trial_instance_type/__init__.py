"""The instance has a type that the free trial pays for, at a rate that is known."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from paidsw.core.messages import message
from paidsw.rules.rule import Finding, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_NOT_OF_TRIAL = Wording(
    what="{type} is not part of the free trial",
    allowed="{types}",
    fix="set ecsSpec to {choice}",
)
_NOT_IN_SETTINGS = replace(_NOT_OF_TRIAL, what="{type} is not among those that the settings allow")
_NO_RATE = replace(
    _NOT_OF_TRIAL,
    what="{type} is part of the free trial, but no source gives its CU per hour, so its cost can't be planned",
)


class Settings(NamedTuple):
    """`only`: of the trial's instance types, those to allow (none named: all of them)."""

    only: tuple[str, ...] = ()


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a type that is missing, not of the trial, or of the trial without a known rate."""
    spec = instance["ecsSpec"]
    allowed = [name for name in terms.instance_type_ids if not settings.only or name in settings.only]
    if spec.text not in allowed:
        kind = terms.instance_types.get(spec.text or "")
        wording = _NOT_IN_SETTINGS if settings.only else _NOT_OF_TRIAL
        yield (_NO_RATE if kind is not None and kind.rate is None else wording).at(
            spec.path,
            type=spec.described("instance type", "ecs[.][A-Za-z0-9.-]{1,40}"),
            types=", ".join(allowed) or message("none"),
            choice=allowed[0] if allowed else message("a type of the free trial"),
        )


RULE = Rule(
    id="trial-instance-type",
    title="Instance type of the free trial",
    description="The instance has a type that the free trial pays for, at a rate that is known.",
    why="Any other type is billed by the minute; without a known rate nobody can say how long the quota lasts.",
    steps="Set `ecsSpec` to one of the trial's types.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    properties=("ecsSpec",),
    settings=Settings,
    check=check,
)
