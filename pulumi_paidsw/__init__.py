"""The provider's resources as code has them that Pulumi makes, such as that of `pulumi import`.

It imports this module, and names inputs as Python does: `paidsw.Instance("one", instance_name=...)`. A program written
by hand uses `paidsw.resources`, whose inputs are typed and have the names of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, is_typeddict

import pulumi

from paidsw import resources
from paidsw.core.text import camel_case

__all__ = ["Cleanup", "Instance", "Owner"]
# The inputs whose members have names of the user's own.
_MAPS = frozenset(
    name
    for kind in vars(resources).values()
    if is_typeddict(kind)
    for name, hint in kind.__annotations__.items()
    if "Mapping[" in str(hint)
)


class Owner(resources.Owner):
    """paidsw:index:Owner."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(resource_name, _named(inputs), opts)


class Cleanup(resources.Cleanup):
    """paidsw:index:Cleanup."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(resource_name, _named(inputs), opts)


class Instance(resources.Instance):
    """paidsw:index:Instance."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(resource_name, _named(inputs), opts)


def _named(value: Any) -> Any:
    """Inputs, or a part of them, with the schema's names."""
    if isinstance(value, pulumi.Output):
        return value.apply(_named)
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    named = {camel_case(name): item for name, item in value.items()}
    return {name: item if name in _MAPS else _named(item) for name, item in named.items()}
