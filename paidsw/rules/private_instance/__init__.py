"""The instance is visible to its owner only."""

from collections.abc import Iterator, Mapping

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.trial.terms import Terms


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds any visibility but PRIVATE (the default)."""
    visibility = instance["accessibility"]
    if not visibility.absent and visibility.text != "PRIVATE":
        what = f"{visibility.described('accessibility', '[A-Za-z]{1,12}')} lets others use the instance, for good"
        yield Finding(visibility.path, what, "PRIVATE", "set accessibility to PRIVATE or remove it")


def remediate(_instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """Private."""
    return {"accessibility": "PRIVATE"}


RULE = Rule(
    id="private-instance",
    title="Private instance",
    description="The instance is visible to its owner only.",
    why="Anybody in the workspace can use up the quota on a public instance, and it can't be made private again.",
    steps="Set `accessibility` to PRIVATE or leave it out.",
    severity=Severity.HIGH,
    reference=TRIAL,
    properties=("accessibility",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
