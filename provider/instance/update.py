"""Update: brings a living instance to what is declared, whatever state it was left in.

It compares the declaration with the instance and not with the old declaration, so that it also mends what an
interrupted create or update, the console or a guard has done. Whether a change needs a stopped instance is
documented nowhere; all that might are made together in one stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsw import Instance, NotFound, Refused
from dsw.models import FAILED, RUNNING, STOPPED
from dsw.waiting import Cancelled, TimedOut
from provider.errors import PartialFailure, ProviderError, sentence
from provider.instance import compare, create, guards, labels, waits, wire
from provider.operation import Operation

DEFAULT_TIMEOUT = 20 * 60.0
# What the API changes on a running instance.
ON_THE_FLY = frozenset({"instanceName", "accessibility"})


async def update(
    op: Operation, instance_id: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Make an instance what `new` declares; its state. Raises PartialFailure once something may have changed."""
    try:
        instance = await waits.settled(op, instance_id)
    except NotFound:
        raise ProviderError(
            f"instance {instance_id} is gone; run pulumi refresh, then pulumi up creates it anew"
        ) from None
    except (Cancelled, TimedOut):
        raise ProviderError(f"instance {instance_id} did not come to rest; run pulumi up again") from None
    try:
        instance = await _change(op, instance, old, new)
        await _label(op, instance, new)
        instance = await _guard(op, instance, old, new)
    except PartialFailure:
        raise
    except Cancelled:
        raise _partial(new, instance, "cancelled during the update; run pulumi up again") from None
    except TimedOut:
        raise _partial(
            new, instance, f"the update was not done after {op.timeout:.0f} s; run pulumi up again"
        ) from None
    except Exception as error:
        raise _partial(new, instance, sentence(error)) from error
    if instance.status != RUNNING:
        return await _start(op, instance_id, new)
    return wire.state(new, instance)


async def _change(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    """The fields of UpdateInstance, those that may need a stop in one stop."""
    request = _request(instance, old, new, op.api.region)
    if not request:
        return instance
    needs_stop = {key for key in request if wire.camel(key) not in ON_THE_FLY}
    if needs_stop and instance.status == RUNNING:
        await op.report("stopping for the change")
        await op.persist(lambda: guards.stop(op, instance.instance_id))
        await waits.stopped(op, instance.instance_id)

    async def attempt() -> None:
        # A repeated UpdateInstance may be refused for what the first one did, so each attempt looks first.
        current = await op.api.get_instance(instance.instance_id)
        left = _request(current, old, new, op.api.region)
        if left:
            await op.api.update_instance(instance.instance_id, left)

    await op.persist(attempt)
    return await waits.settled(op, instance.instance_id)


def _request(
    instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], region: str
) -> dict[str, Any]:
    """The body of UpdateInstance: what differs, and what is to be cleared. Empty when nothing does."""
    seen = wire.seen_inputs(instance, region)
    request: dict[str, Any] = {}
    for key in wire.UPDATABLE:
        if key in compare.UNSEEN:
            continue
        if key in new:
            if not compare.equivalent(key, new[key], seen.get(key)):
                request[wire.pascal(key)] = wire.to_wire(key, new[key])
        elif key in seen and key in wire.DISASSOCIATE and (key in old or key not in compare.FILLED_BY_CLOUD):
            request[wire.DISASSOCIATE[key]] = True
    if "imageAuth" in new and {"ImageUrl", "ImageId"} & set(request):
        request["ImageAuth"] = new["imageAuth"]
    return request


async def _label(op: Operation, instance: Instance, new: Mapping[str, Any]) -> None:
    wanted = wire.all_labels(new, op.urn)
    missing = {key: value for key, value in wanted.items() if instance.labels.get(key) != value}
    surplus = [key for key in labels.of_user(instance.labels) if key not in wanted]
    if missing:
        await op.persist(lambda: op.api.put_labels(instance.instance_id, missing))
    if surplus:
        await op.persist(lambda: op.api.delete_labels(instance.instance_id, surplus))


async def _guard(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    instance = await create.guarded(op, instance.instance_id, new, holds_nothing=False)
    hours, before = new.get("sessionHours"), old.get("sessionHours")
    if instance.status == RUNNING and hours and before and hours != before:
        await guards.change_session(op, instance, float(before), float(hours))
        instance = await op.persist(lambda: op.api.get_instance(instance.instance_id))
    return instance


async def _start(op: Operation, instance_id: str, new: Mapping[str, Any]) -> dict[str, Any]:
    """Start an instance that a change, a guard or somebody stopped."""
    try:
        await op.persist(lambda: op.api.start_instance(instance_id))
    except Refused as error:
        current = await op.persist(lambda: op.api.get_instance(instance_id))
        if current.status in {STOPPED, *FAILED}:
            raise _partial(new, current, str(error)) from error
    return await create.bring_up(op, instance_id, new, holds_nothing=False)


def _partial(new: Mapping[str, Any], instance: Instance, reason: str) -> PartialFailure:
    return PartialFailure(
        instance.instance_id, wire.state(new, instance), [reason], secrets=wire.SECRET_OUTPUTS
    )
