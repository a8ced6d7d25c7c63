"""No two notebooks of the stack have the same name in the same region."""

from collections.abc import Iterator

from paidsw.core.messages import message
from paidsw.rules.rule import (
    Finding,
    NoSettings,
    Reference,
    Resource,
    Rule,
    Scope,
    Severity,
    Wording,
    instances,
)
from paidsw.trial.terms import Terms

_TAKEN = Wording(
    what="{first} has this name already",
    allowed="one notebook per name in a region",
    fix="give it another name",
)


def check_stack(resources: tuple[Resource, ...], _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds the second notebook of a name."""
    taken: dict[tuple[str | None, str], Resource] = {}
    # The engine gives the resources in any order; the same one is meant every time.
    for instance in sorted(instances(resources), key=lambda one: (one.urn, one.name)):
        if not instance.knows("region", "instanceName") or not instance["instanceName"].text:
            continue
        first = taken.setdefault((instance["region"].text, instance["instanceName"].text), instance)
        if first is not instance:
            name = first.name or message("another notebook")
            yield _TAKEN.at(instance.path("instanceName"), urn=instance.urn, first=name)


RULE = Rule(
    id="unique-instance-names",
    title="Unique notebook names",
    description="No two notebooks of the stack have the same name in the same region.",
    why="DSW refuses the second, and a notebook is found again by its name: one could be taken for the other.",
    steps="Give each notebook an `instanceName` of its own.",
    severity=Severity.MEDIUM,
    reference=Reference.CREATE,
    scope=Scope.STACK,
    properties=("instanceName", "region"),
    settings=NoSettings,
    check_stack=check_stack,
)
