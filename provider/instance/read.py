"""Read: refresh, import, and the look before every update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsw import Instance, NotFound
from dsw.models import ARREARS, DELETING, DOWN, FAILED, ON_THE_WAY_DOWN, ON_THE_WAY_UP
from dsw.waiting import Cancelled
from provider.errors import ProviderError
from provider.instance import compare, labels, outcome, waits, wire
from provider.instance.inputs import with_defaults
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
    declared = with_defaults(inputs) if inputs else {}
    merged = compare.merge(
        declared, wire.seen_inputs(instance, op.api.region), once, compare.UNSEEN | _set_by_a_start(instance)
    )
    ailment = _ailment(instance, running=inputs.get("running", True))
    return merged, wire.state(merged, instance), ailment


async def _found(op: Operation, instance_id: str) -> Instance | None:
    try:
        return await op.api.get_instance(instance_id)
    except NotFound:
        # Dropped from the state it would be lost, so one answer is not enough.
        if await waits.vanished(op, instance_id):
            return None
        raise


def _set_by_a_start(instance: Instance) -> set[str]:
    """What an instance at rest may lack: the cloud may take an idle shutdown from a running one only."""
    return (
        {"idleInstanceCuller"} if instance.status in DOWN and instance.idle_instance_culler is None else set()
    )


def _ailment(instance: Instance, *, running: bool) -> str:
    """Why the next update must go on with an instance, declared `running` or not, though its inputs are as declared."""
    shown = f"instance {instance.instance_id}"
    if instance.status in ON_THE_WAY_UP | ON_THE_WAY_DOWN:
        end = "Running" if instance.status in ON_THE_WAY_UP else "Stopped"
        return f"{shown} is {instance.status}, not {end} yet; pulumi up waits for it"
    if running and instance.status in FAILED:
        return f"{shown} failed: {waits.reason(instance)}; pulumi up starts it again"
    if running and instance.status == ARREARS:
        return f"{shown} was stopped by the cloud: {outcome.OWING}"
    return ""
