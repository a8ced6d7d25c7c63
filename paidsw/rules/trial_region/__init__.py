"""The instance runs in a region where the free trial is in force."""

from collections.abc import Iterator
from typing import NamedTuple

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Resource, Rule, Severity
from paidsw.trial.terms import Terms

SHAPE = "[A-Za-z]{2}(-[A-Za-z0-9]{1,20}){1,3}"


class Settings(NamedTuple):
    """`only`: of the trial's regions, those to allow (none named: all of them)."""

    only: tuple[str, ...] = ()


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a region that is missing or not in force."""
    region = instance["region"]
    allowed = [name for name in terms.region_ids if not settings.only or name in settings.only]
    if region.text not in allowed:
        whose = "those that the settings allow" if settings.only else "the free trial's"
        what = f"{region.described('region', SHAPE)} is not one of {whose}"
        choice = allowed[0] if allowed else "a region of the free trial"
        yield Finding(region.path, what, ", ".join(allowed) or "none", f"set region to {choice}")


RULE = Rule(
    id="trial-region",
    title="Region of the free trial",
    description="The instance runs in a region where the free trial is in force.",
    why="The trial's CU are deducted in its own regions only; elsewhere every minute is billed from the first on.",
    steps="Set `region` to one of the trial's regions; the image and the workspace must be of the same region.",
    severity=Severity.CRITICAL,
    reference=TRIAL,
    properties=("region",),
    settings=Settings,
    check=check,
)
