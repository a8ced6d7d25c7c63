"""The instance is of a type that the free trial pays for, at a rate that is known."""

from collections.abc import Iterator
from typing import NamedTuple

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Resource, Rule, Severity
from paidsw.trial.terms import Terms


class Settings(NamedTuple):
    """`only`: of the trial's instance types, those to allow (none named: all of them)."""

    only: tuple[str, ...] = ()


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a type that is missing, not of the trial, or of the trial without a known rate."""
    spec = instance["ecsSpec"]
    allowed = [name for name in terms.instance_type_ids if not settings.only or name in settings.only]
    if spec.text not in allowed:
        kind = terms.instance_types.get(spec.text or "")
        whose = "those that the settings allow" if settings.only else "the free trial's"
        reason = (
            "is of the free trial, but no source gives its CU per hour, so its cost can't be planned"
            if kind is not None and kind.rate is None
            else f"is not one of {whose}"
        )
        what = f"{spec.described('instance type', 'ecs[.][A-Za-z0-9.-]{1,40}')} {reason}"
        choice = allowed[0] if allowed else "a type of the free trial"
        yield Finding(spec.path, what, ", ".join(allowed) or "none", f"set ecsSpec to {choice}")


RULE = Rule(
    id="trial-instance-type",
    title="Instance type of the free trial",
    description="The instance is of a type that the free trial pays for, at a rate that is known.",
    why="Any other type is billed by the minute; without a known rate nobody can say how long the quota lasts.",
    steps="Set `ecsSpec` to one of the trial's types.",
    severity=Severity.CRITICAL,
    reference=TRIAL,
    properties=("ecsSpec",),
    settings=Settings,
    check=check,
)
