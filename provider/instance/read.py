"""Read: refresh, import, and the look before every update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsw import Instance, NotFound
from dsw.models import DELETING, FAILED, ON_THE_WAY_UP
from dsw.waiting import Cancelled
from provider.errors import ProviderError
from provider.instance import compare, labels, waits, wire
from provider.operation import Operation

DEFAULT_TIMEOUT = 2 * 60.0


async def read(
    op: Operation, instance_id: str, inputs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], str] | None:
    """Inputs, state and what is wrong with it (empty: nothing) as the cloud has them; None when it is gone or going."""
    try:
        instance = await op.persist(lambda: _found(op, instance_id))
    except Cancelled:
        raise ProviderError(f"cancelled before instance {instance_id} was read") from None
    if instance is None or instance.status == DELETING:
        return None
    # One image is always declared, by address or by id; the cloud shows both.
    once = labels.declared(instance.labels) - {"imageUrl", "imageId"}
    merged = compare.merge(inputs, wire.seen_inputs(instance, op.api.region), once)
    return merged, wire.state(merged, instance), _ailment(instance)


async def _found(op: Operation, instance_id: str) -> Instance | None:
    try:
        return await op.api.get_instance(instance_id)
    except NotFound:
        # Dropped from the state it would be lost, so one answer is not enough.
        if await waits.vanished(op, instance_id):
            return None
        raise


def _ailment(instance: Instance) -> str:
    """Why the next update must go on with the instance though its inputs are as declared."""
    if instance.status in FAILED:
        return f"instance {instance.instance_id} failed: {waits.reason(instance)}; pulumi up starts it again"
    if instance.status in ON_THE_WAY_UP:
        return (
            f"instance {instance.instance_id} is {instance.status}, not Running yet; pulumi up waits for it"
        )
    return ""
