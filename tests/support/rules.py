"""What the tests of the rules share."""

from collections.abc import Sequence
from typing import Any

from paidsw.core.values import UndecidedError
from paidsw.rules.examples import urn, valid_instance
from paidsw.rules.registry import Report, Undecided, findings, rules
from paidsw.rules.rule import INSTANCE_TYPE, WORKSPACE_TYPE, Resource, Scope, Violation
from paidsw.trial.terms import TERMS, Terms
from tests.support.policy_pack import Declared, Provider


def instance(*drop: str, **changes: Any) -> dict[str, Any]:
    """A valid instance's inputs with some changed and some dropped."""
    inputs = {**valid_instance(), **changes}
    return {key: value for key, value in inputs.items() if key not in drop}


def notebook(name: str = "notebook", *drop: str, **changes: Any) -> Resource:
    """A valid instance as a resource of a stack."""
    sources = {"workspaceId": (urn("workspace", WORKSPACE_TYPE),)}
    return Resource(
        INSTANCE_TYPE,
        instance(*drop, **{"instanceName": name, **changes}),
        name=name,
        urn=urn(name),
        property_dependencies=sources,
    )


WORKSPACE = Resource(WORKSPACE_TYPE, {}, name="workspace", urn=urn("workspace", WORKSPACE_TYPE))


def examine_stack(resources: Sequence[Resource], *, terms: Terms = TERMS) -> Report:
    """What the rules that look at all resources together say, and nothing else."""
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    for rule in rules().values():
        if rule.scope is not Scope.STACK:
            continue
        try:
            for found in findings(rule, tuple(resources), rule.settings(), terms):
                violations.append(Violation(rule.id, found, rule.level, rule.severity, found.urn))
        except UndecidedError as error:
            undecided.append(Undecided(rule.id, error.path))
    return Report(tuple(violations), tuple(undecided))


def declared(resource: Resource) -> Declared:
    """A resource of a rule's example as the harness sends it."""
    return Declared(
        resource.type,
        resource.props,
        name=resource.name,
        provider=Provider(resource.type.partition(":")[0]) if resource.custom else None,
        property_dependencies=resource.property_dependencies,
        protect=resource.protect,
    )
