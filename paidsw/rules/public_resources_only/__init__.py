"""The instance runs on public resources, not in a resource group."""

from collections.abc import Iterator, Mapping

from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_GROUP = Wording(
    what="a resource group is paid for separately",
    allowed="no resourceId (public resources)",
    fix="remove resourceId",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds any resource group; an empty id names none."""
    group = instance["resourceId"]
    if not group.absent and group.text != "":
        yield _GROUP.at(group.path)


def remediate(_instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """No resource group."""
    return {"resourceId": None}


RULE = Rule(
    id="public-resources-only",
    title="Public resources only",
    description="The instance runs on public resources, not in a resource group.",
    why="The trial pays for public resources only; a resource group is dedicated machines under a subscription.",
    steps="Remove `resourceId`.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    properties=("resourceId",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
