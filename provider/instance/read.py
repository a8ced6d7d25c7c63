"""Read: refresh, import, and the look before every update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsw import NotFound
from dsw.models import DELETING
from provider.instance import compare, wire
from provider.operation import Operation

DEFAULT_TIMEOUT = 2 * 60.0


async def read(
    op: Operation, instance_id: str, inputs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Inputs and state as the cloud has them; None when the instance is gone or going."""
    try:
        instance = await op.persist(lambda: op.api.get_instance(instance_id))
    except NotFound:
        return None
    if instance.status == DELETING:
        return None
    merged = compare.merge(inputs, wire.seen_inputs(instance, op.api.region))
    return merged, wire.state(merged, instance)
