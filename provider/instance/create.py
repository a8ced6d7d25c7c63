"""Create: CreateInstance has no idempotency token and starts the machine at once, so the order is everything.

Stock → look for the exact name → create with our labels → timer → culler → wait for Running. A lost reply is
answered by looking for name and label, never by a second create.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dsw import CloudError, Instance
from dsw.errors import Uncertain
from dsw.models import DELETING, STOPPED
from dsw.waiting import Cancelled, TimedOut
from provider.errors import PartialFailure, ProviderError, sentence
from provider.instance import guards, labels, waits, wire
from provider.operation import Operation

DEFAULT_TIMEOUT = 20 * 60.0
# How long an instance whose creation got no reply is looked for, in seconds.
LOOK_FOR_LOST = 60.0


async def create(op: Operation, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Create and start an instance, or adopt the one that an interrupted run left; its id and state."""
    name = inputs["instanceName"]
    left_over = await _ours_or_free(op, name)
    if left_over is not None:
        instance_id, adopted = left_over.instance_id, True
        await op.warn(f"instance {instance_id} named {name} was left by an interrupted run; it is taken over")
    else:
        await _in_stock(op, inputs)
        instance_id, adopted = await _create(op, inputs), False
    return instance_id, await bring_up(op, instance_id, inputs, holds_nothing=not adopted)


async def bring_up(
    op: Operation, instance_id: str, inputs: Mapping[str, Any], *, holds_nothing: bool
) -> dict[str, Any]:
    """Guard an instance that is on its way up, and wait until it runs; its state.

    Raises PartialFailure for everything that goes wrong from here on: the instance exists.
    """
    instance = Instance(instance_id=instance_id, instance_name=inputs["instanceName"])
    try:
        instance = await guarded(op, instance_id, inputs, holds_nothing=holds_nothing)
        instance = await waits.running(op, instance_id)
        instance = await guarded(op, instance_id, inputs, holds_nothing=holds_nothing)
    except Cancelled:
        reason = (
            f"cancelled while instance {instance_id} was {instance.status or 'starting'}; it stays as it is, "
        )
        raise _partial(
            inputs, instance, reason + "run pulumi up to go on or pulumi destroy to release it"
        ) from None
    except TimedOut:
        reason = (
            f"instance {instance_id} was not Running after {op.timeout:.0f} s, last seen "
            f"{instance.status or 'without a status'}; run pulumi up to wait on, or pulumi destroy to release it"
        )
        raise _partial(inputs, instance, reason) from None
    except Exception as error:
        raise _partial(inputs, instance, sentence(error)) from error
    return wire.state(inputs, instance)


async def guarded(
    op: Operation, instance_id: str, inputs: Mapping[str, Any], *, holds_nothing: bool
) -> Instance:
    """Set the guards; where that fails the instance is stopped, or deleted if it holds nothing."""
    # Of its own time: a cancel or a short timeout must not leave a machine running unguarded.
    last = op.with_timeout(guards.CONTAIN_SECONDS)
    try:
        return await guards.ensure(last, Instance(instance_id=instance_id), inputs)
    except Exception as error:
        outcome = await guards.contain(op, instance_id, holds_nothing=holds_nothing)
        raise ProviderError(
            f"instance {instance_id} could not be guarded ({sentence(error)}), so {outcome}"
        ) from error


def _partial(inputs: Mapping[str, Any], instance: Instance, reason: str) -> PartialFailure:
    return PartialFailure(
        instance.instance_id, wire.state(inputs, instance), [reason], secrets=wire.SECRET_OUTPUTS
    )


async def _ours_or_free(op: Operation, name: str) -> Instance | None:
    """The instance of this name that this very resource created; None when the name is free."""
    for instance in await op.persist(lambda: op.api.find_instances(name)):
        if not labels.is_declared_at(op.urn, instance.labels):
            raise ProviderError(
                f"an instance named {name} exists already ({instance.instance_id}, {instance.status}) and was not "
                "made by this stack; choose another instanceName, or import it: "
                f"pulumi import paidsw:index:Instance NAME {op.api.region}/{instance.instance_id}"
            )
        if instance.status == DELETING:
            await waits.gone(op, instance.instance_id)
            continue
        if instance.status == STOPPED:
            await op.persist(partial(op.api.start_instance, instance.instance_id))
        return instance
    return None


async def _in_stock(op: Operation, inputs: Mapping[str, Any]) -> None:
    """Refuse a type that the region hasn't got now: it would queue, and start at an hour nobody chose."""
    for accelerator in ("GPU", "CPU"):
        specs = await op.persist(partial(op.api.list_ecs_specs, accelerator))
        for spec in specs:
            if spec.get("InstanceType") == inputs["ecsSpec"]:
                if spec.get("IsAvailable") is not True:
                    raise ProviderError(
                        f"{inputs['ecsSpec']} is sold out in {op.api.region} at the moment; try again later, "
                        "or another region of the trial"
                    )
                return
    raise ProviderError(
        f"{op.api.region} doesn't offer the instance type {inputs['ecsSpec']} to this account; "
        "choose another ecsSpec or another region of the trial"
    )


async def _create(op: Operation, inputs: Mapping[str, Any]) -> str:
    """One CreateInstance, and never a second one: its outcome is found out instead."""
    try:
        return await op.api.create_instance(wire.create_request(inputs, op.urn))
    except Uncertain as error:
        found = await _find_lost(op, inputs["instanceName"])
        if found is None:
            raise ProviderError(
                f"{error}; no instance named {inputs['instanceName']} appeared within {LOOK_FOR_LOST:.0f} s; "
                "should it appear later, the next pulumi up takes it over"
            ) from None
        return found.instance_id


async def _find_lost(op: Operation, name: str) -> Instance | None:
    search = op.with_timeout(LOOK_FOR_LOST)

    async def look() -> Instance | None:
        try:
            listed = await search.api.find_instances(name)
        except CloudError:
            return None
        return next((i for i in listed if labels.is_declared_at(op.urn, i.labels)), None)

    try:
        return await search.poll(look)
    except TimedOut:
        return None
