"""The product's program, with what a history of steps may change about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from components import FreeTierNotebook, NotebookSettings


@dataclass(frozen=True)
class ProgramShape:
    """What can be changed about the program in addition to its settings.

    `former` are names that the notebook had before, `retained` the types that `retainOnDelete` is set for.
    """

    name: str = "notebook"
    former: tuple[str, ...] = ()
    removed: bool = False
    retained: tuple[str, ...] = ()


def declare(shape: ProgramShape) -> Any:
    """Declare it; something to wait for."""
    if shape.removed:
        return None
    settings = NotebookSettings.from_config()
    options = pulumi.ResourceOptions(
        aliases=[pulumi.Alias(name=name) for name in shape.former],
        transformations=[_retaining(shape.retained)],
    )
    return FreeTierNotebook(shape.name, settings.args, region=settings.region, opts=options).status


def _retaining(types: tuple[str, ...]) -> pulumi.ResourceTransformation:
    def transformed(found: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if found.type_ not in types:
            return None
        options = pulumi.ResourceOptions.merge(found.opts, pulumi.ResourceOptions(retain_on_delete=True))
        return pulumi.ResourceTransformationResult(found.props, options)

    return transformed
