"""The instance runs in a region where the free trial applies."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from paidsw.core.messages import message
from paidsw.rules.rule import Finding, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

SHAPE = "[A-Za-z]{2}(-[A-Za-z0-9]{1,20}){1,3}"

_NOT_OF_TRIAL = Wording(
    what="{region} is not part of the free trial",
    allowed="{regions}",
    fix="set region to {choice}",
)
_NOT_IN_SETTINGS = replace(_NOT_OF_TRIAL, what="{region} is not among those that the settings allow")


class Settings(NamedTuple):
    """`only`: of the trial's regions, those to allow (none named: all of them)."""

    only: tuple[str, ...] = ()


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a region that is missing or not in force."""
    region = instance["region"]
    allowed = [name for name in terms.region_ids if not settings.only or name in settings.only]
    if region.text not in allowed:
        yield (_NOT_IN_SETTINGS if settings.only else _NOT_OF_TRIAL).at(
            region.path,
            region=region.described("region", SHAPE),
            regions=", ".join(allowed) or message("none"),
            choice=allowed[0] if allowed else message("a region of the free trial"),
        )


RULE = Rule(
    id="trial-region",
    title="Region of the free trial",
    description="The instance runs in a region where the free trial applies.",
    why="The trial's CU are deducted in its own regions only; elsewhere every minute is billed from the first on.",
    steps="Set `region` to one of the trial's regions; the image and the workspace must be of the same region.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    properties=("region",),
    settings=Settings,
    check=check,
)
