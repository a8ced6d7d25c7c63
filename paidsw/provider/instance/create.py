"""Create: CreateInstance has no idempotency token and starts the machine at once, so the order is everything.

Look for the name and our labels → trial → stock → create with our labels → timer → culler → wait for Running. A lost
reply is answered by looking for the labels, never by a second create.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import CloudError, Instance, Refused, Uncertain
from paidsw.cloud.models import DELETING
from paidsw.cloud.polling import Cancelled, TimedOut, is_transient
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import compare, entitlement, labels, outcome, update, waits, wire
from paidsw.provider.instance.ascent import Ascent
from paidsw.provider.instance.stock import refuse_sold_out
from paidsw.provider.operation import Operation

DEFAULT_TIMEOUT = 20 * 60.0
# How long an instance whose creation got no reply is looked for, in seconds.
LOOK_FOR_LOST = 60.0
# Of these no cancel is heard: a machine that may have been made must be found.
LAST_LOOK = 1.0


async def create(op: Operation, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Create and start an instance, or adopt the one that an interrupted run left; its id and state."""
    try:
        left, listed = await _left_over(op, inputs["instanceName"])
        found = left or await _create(op, inputs, listed)
    except Cancelled:
        raise ProviderError("cancelled before an instance was created; nothing was made") from None
    except TimedOut:
        raise ProviderError(
            f"the instance of the same name was still being deleted after {op.timeout:.0f} s; run pulumi up again"
        ) from None
    if isinstance(found, Instance):
        return found.instance_id, await outcome.keeping(found.instance_id, inputs, _adopt(op, found, inputs))
    return found, await outcome.keeping(found, inputs, _begin(op, found, inputs))


async def _begin(op: Operation, instance_id: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    made = Instance(instance_id=instance_id, instance_name=inputs["instanceName"])
    ascent = Ascent(op, inputs, made, fresh=True)
    state = await ascent.finish()
    if inputs.get("running", True):
        return state
    await op.tell(f"a new instance always starts; {instance_id} is stopped now, as declared")
    return await update.bring(op, ascent.seen, {}, inputs)


async def _adopt(op: Operation, found: Instance, inputs: Mapping[str, Any]) -> dict[str, Any]:
    await op.warn(
        f"instance {found.instance_id} named {found.instance_name} was left by an interrupted run; it is taken over"
    )
    # Whatever that run gave it, and isn't declared now, goes.
    shown = wire.seen_inputs(found, op.api.region)
    given = {name: shown[name] for name in compare.EXTENDED_BY_CLOUD & shown.keys()}
    return await update.bring(op, found, given, inputs)


async def _left_over(op: Operation, name: str) -> tuple[Instance | None, list[Instance]]:
    """The instance that this very resource made before, None when the name is free; and all of the region."""
    while True:
        listed = await op.retry(op.api.all_instances)
        ours = sorted(_ours(op, listed), key=lambda instance: instance.instance_name != name)
        going = next((instance for instance in ours if instance.status == DELETING), None)
        if going is not None:
            await waits.gone(op, going.instance_id)
            continue
        stranger = next((i for i in listed if i.instance_name == name and i not in ours), None)
        if stranger is not None:
            raise _taken(op, name, stranger)
        await _name_others(op, ours[1:])
        return (ours[0] if ours else None), listed


def _ours(op: Operation, listed: list[Instance]) -> list[Instance]:
    return [instance for instance in listed if labels.is_declared_at(op.urn, instance.labels)]


async def _name_others(op: Operation, others: list[Instance]) -> None:
    for other in others:
        await op.warn(
            f"instance {other.instance_id} named {other.instance_name} ({other.status}) carries the labels of this "
            "resource as well; delete it in the PAI console"
        )


def _taken(op: Operation, name: str, stranger: Instance) -> ProviderError:
    if labels.URN in stranger.labels:
        return ProviderError(
            f"an instance named {name} exists already ({stranger.instance_id}, {stranger.status}) and belongs to "
            f"{labels.owner(stranger.labels)}; choose another instanceName, or destroy it there"
        )
    return ProviderError(
        f"an instance named {name} exists already ({stranger.instance_id}, {stranger.status}) and was not made by "
        "this stack; choose another instanceName, or take it over: pulumi config set importId "
        f"{stranger.instance_id} (in a program of your own import_={op.api.region}/{stranger.instance_id})"
    )


async def _create(op: Operation, inputs: Mapping[str, Any], listed: list[Instance]) -> str | Instance:
    """One CreateInstance, and never a second one: its id, or the instance that an earlier one turns out to have made.

    Where the outcome is unknown it is found out.
    """
    name = inputs["instanceName"]
    specs = await entitlement.admit(op, inputs, listed)
    refuse_sold_out(op.api.region, inputs["ecsSpec"], specs)
    try:
        return await op.api.create_instance(wire.create_request(inputs, op.urn))
    except Uncertain as error:
        found = await _find_lost(op, LOOK_FOR_LOST)
        if found is not None:
            return found.instance_id
        raise ProviderError(
            f"{error}; no instance named {name} has appeared since; should it appear later, the next pulumi up "
            "takes it over"
        ) from None
    except Refused as error:
        if is_transient(error):
            raise
        # The list may have lagged behind, and the name be taken after all.
        listed = await op.retry(op.api.all_instances)
        named = [instance for instance in listed if instance.instance_name == name]
        if _ours(op, named):
            return named[0]
        if named:
            raise _taken(op, name, named[0]) from None
        why = await entitlement.activation(op)
        if why:
            raise ProviderError(why) from None
        raise


async def _find_lost(op: Operation, seconds: float) -> Instance | None:
    """The instance with our labels, looked for that long; after a cancel for a moment only."""
    search = op.with_timeout(LAST_LOOK) if op.cancelled.is_set() else op.within(seconds)

    async def look() -> Instance | None:
        try:
            # By the operation's own client, whose calls a cancel cuts short.
            return next(iter(_ours(op, await op.api.all_instances())), None)
        except CloudError:
            return None

    try:
        return await search.poll(look)
    except TimedOut:
        return None
    except Cancelled:
        return await _find_lost(op, LAST_LOOK)
