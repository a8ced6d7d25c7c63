"""Reading of a whole stack, shared by the rules that look at all resources together."""

from paidsw.rules.rule import INSTANCE_TYPE, Resource
from paidsw.rules.values import UndecidedError


def instances(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """The notebook instances among the resources."""
    return tuple(resource for resource in resources if resource.type == INSTANCE_TYPE)


def named(resource: Resource, path: str) -> str:
    """The path of a property with the resource's name before it."""
    return f"{resource.name or 'instance'}.{path}"


def known(resource: Resource, *properties: str) -> bool:
    """Whether none of these properties is still unknown."""
    try:
        for name in properties:
            _ = resource[name].value
    except UndecidedError:
        return False
    return True
