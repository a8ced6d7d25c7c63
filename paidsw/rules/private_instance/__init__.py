"""The instance is visible to its owner only."""

from collections.abc import Iterator, Mapping

from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_PUBLIC = Wording(
    what="{accessibility} lets others use the instance, permanently",
    allowed="PRIVATE",
    fix="set accessibility to PRIVATE or remove it",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds any visibility but PRIVATE (the default)."""
    visibility = instance["accessibility"]
    if not visibility.absent and visibility.text != "PRIVATE":
        shown = visibility.described("accessibility", "[A-Za-z]{1,12}")
        yield _PUBLIC.at(visibility.path, accessibility=shown)


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
    reference=Reference.TRIAL,
    properties=("accessibility",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
