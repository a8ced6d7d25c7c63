"""What the tests of the rules share."""

from typing import Any

from paidsw.rules.examples import urn, valid_instance
from paidsw.rules.rule import INSTANCE_TYPE, WORKSPACE_TYPE, Resource
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
