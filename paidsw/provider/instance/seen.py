"""What the cloud has of an instance, in the form in which it is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Instance
from paidsw.provider.instance import compare, kept, labels, origin, wire
from paidsw.provider.operation import Operation


def inputs(
    instance: Instance, region: str, declared: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The instance as inputs; what is the same as `declared` stands as it was declared.

    `before` is the state so far: what a run that failed has added, and the cloud has still, is shown.
    """
    # One image is always declared, by address or by id; the cloud shows both.
    once = labels.declared(instance.labels) - {"imageUrl", "imageId"}
    found = wire.seen_inputs(instance, region)
    merged = compare.merge(declared, found, once, origin.unseen(instance))
    left = {
        key: found[key]
        for key in compare.EXTENDED_BY_CLOUD & declared.keys() & found.keys()
        if compare.dropped((before or {}).get(key), declared[key], found[key])
    }
    return merged | left


async def state(op: Operation, instance: Instance, declared: Mapping[str, Any]) -> dict[str, Any]:
    """The resource's state as the cloud has it, after an update that wasn't finished; never read, as declared."""
    if not instance.ecs_spec:
        return wire.state(declared, instance)
    ours = labels.is_declared_at(op.urn, instance.labels) or not op.imported
    came_from = origin.DECLARED if ours else origin.IMPORTED
    found = inputs(instance, op.api.region, declared)
    return wire.state(found, instance, await kept.told(op.api, instance), came_from)
