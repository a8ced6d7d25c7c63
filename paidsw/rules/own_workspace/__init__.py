"""The notebooks are in a workspace of this stack, not in one that others share."""

from collections.abc import Iterator

from paidsw.rules.rule import (
    WORKSPACE_TYPE,
    Finding,
    Level,
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

_SHARED = Wording(
    what="the workspace doesn't belong to this stack, so others may share it and use its notebooks",
    allowed="a workspace that this stack creates",
    fix="let the stack create the workspace",
)


def check_stack(resources: tuple[Resource, ...], _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a notebook whose workspace doesn't come from a workspace of this stack."""
    own = {resource.urn for resource in resources if resource.type == WORKSPACE_TYPE}
    for instance in instances(resources):
        if not own.intersection(instance.property_dependencies.get("workspaceId", ())):
            yield _SHARED.at(instance.path("workspaceId"), urn=instance.urn)


RULE = Rule(
    id="own-workspace",
    title="A workspace of this stack",
    description="The notebooks are in a workspace of this stack, not in one that others share.",
    why="Members of a shared workspace can start, change or delete its notebooks, and use up the quota.",
    steps="Leave the workspace to the stack, or make sure that nobody else is a member of it.",
    severity=Severity.LOW,
    reference=Reference.TRIAL,
    level=Level.ADVISORY,
    scope=Scope.STACK,
    properties=("workspaceId",),
    settings=NoSettings,
    check_stack=check_stack,
)
