"""No two notebooks of the stack have the same name in the same region."""

from collections.abc import Iterator

from paidsw.rules.references import CREATE
from paidsw.rules.rule import Finding, Resource, Rule, Scope, Severity
from paidsw.rules.settings import NoSettings
from paidsw.rules.stacks import instances, known, named
from paidsw.trial.terms import Terms


def check_stack(resources: tuple[Resource, ...], _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds the second notebook of a name."""
    taken: dict[tuple[str | None, str], Resource] = {}
    # The engine gives the resources in any order; the same one is meant every time.
    for instance in sorted(instances(resources), key=lambda one: (one.urn, one.name)):
        if not known(instance, "region", "instanceName") or not instance["instanceName"].text:
            continue
        first = taken.setdefault((instance["region"].text, instance["instanceName"].text), instance)
        if first is not instance:
            path, what = (
                named(instance, "instanceName"),
                f"{first.name or 'another notebook'} has this name already",
            )
            yield Finding(
                path, what, "one notebook of a name in a region", "give it another name", instance.urn
            )


RULE = Rule(
    id="unique-instance-names",
    title="One notebook of a name",
    description="No two notebooks of the stack have the same name in the same region.",
    why="DSW refuses the second, and a notebook is found again by its name: one could be taken for the other.",
    steps="Give each notebook an `instanceName` of its own.",
    severity=Severity.MEDIUM,
    reference=CREATE,
    scope=Scope.STACK,
    properties=("instanceName", "region"),
    settings=NoSettings,
    check_stack=check_stack,
)
