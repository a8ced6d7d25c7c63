"""Update: brings a living instance to what is declared, whatever state it was left in.

It compares the declaration with the instance and not with the old declaration, so that it also mends what an
interrupted create or update, the console or a guard has done. Whether a change needs a stopped instance is
documented nowhere; all that might are made together in one stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dsw import CloudError, Instance, NotFound, Refused
from dsw.models import DOWN, RUNNING, STILL
from dsw.waiting import Cancelled, passes
from provider.errors import ProviderError
from provider.instance import compare, entitlement, guards, labels, outcome, power, waits, wire
from provider.instance.ascent import Ascent
from provider.operation import Operation

DEFAULT_TIMEOUT = 20 * 60.0
# What the API changes on a running instance.
ON_THE_FLY = frozenset({"instanceName", "accessibility"})
# UpdateInstance is repeated that often where it was refused and the difference remains.
_ATTEMPTS = 3


async def update(
    op: Operation, instance_id: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Make an instance what `new` declares; its state. Raises PartialFailure once something may have changed."""
    try:
        instance = await op.persist(lambda: op.api.get_instance(instance_id))
    except NotFound:
        raise ProviderError(
            f"instance {instance_id} is gone; run pulumi refresh, then pulumi up creates it anew"
        ) from None
    except Cancelled:
        raise ProviderError(f"cancelled before instance {instance_id} was changed") from None
    return await outcome.keeping(instance_id, new, bring(op, instance, old, new))


async def bring(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Bring an instance to `new` and up; its state. Raises PartialFailure and nothing else: the instance exists."""
    ascent = Ascent(op, new, instance)
    untimed = instance.status not in DOWN and instance.instance_shutdown_timer is None
    if untimed:
        # Little time at first; whether the trial pays for more is asked under the timer.
        op.longest = entitlement.LAST_SECONDS
    await ascent.secure()
    try:
        if untimed:
            ascent.seen, _ = await guards.put(op, ascent.seen, new)
        asked = untimed or _draws_more(instance, old, new, op.api.region)
        if asked:
            await entitlement.settle(op, instance.instance_id, new)
        if untimed and ascent.seen.instance_shutdown_timer is not None:
            await guards.set_timer(op, ascent.seen, min(new["sessionHours"] * 3600, op.longest))
        ascent.seen = await _changed(op, ascent.seen, old, new)
        if ascent.seen.status != RUNNING and not asked:
            await entitlement.settle(op, instance.instance_id, new)
    except Exception as error:
        ascent.seen = await _glance(op, ascent.seen)
        raise await ascent.failed(error) from error
    if ascent.seen.status != RUNNING:
        await ascent.start()
    return await ascent.finish()


async def _glance(op: Operation, instance: Instance) -> Instance:
    """The instance as it is now, if the cloud says so at once."""
    try:
        return await op.api.get_instance(instance.instance_id)
    except CloudError:
        return instance


def _draws_more(instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], region: str) -> bool:
    """Whether the instance is to use more of the quota than it was let: by a start, or for longer."""
    longer = (new.get("sessionHours") or 0) > (labels.session_hours(instance.labels) or 0)
    return instance.status in DOWN or longer or bool(_for_a_stop(instance, old, new, region))


async def _changed(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    """The instance at rest or running, with everything but its guards and its start as declared."""
    instance = await _rewritten(op, instance, old, new)
    hours, before = new.get("sessionHours"), labels.session_hours(instance.labels)
    if instance.status == RUNNING and hours and before:
        await guards.change_session(op, instance, hours, before)
        instance = await op.persist(lambda: op.api.get_instance(instance.instance_id))
    # After the session: its label says for which length the timer stands.
    await _label(op, instance, new)
    return instance


async def _rewritten(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    """UpdateInstance, until nothing differs. Repeated blindly it may be refused for what the first one did."""
    refusal: CloudError | None = None
    for _ in range(_ATTEMPTS):
        instance = await _ready(op, instance, old, new)
        request = _request(instance, old, new, op.api.region)
        if not request:
            return instance
        await _note_ahead(op, instance, new)
        try:
            await op.api.update_instance(instance.instance_id, request)
            refusal = None
        except CloudError as error:
            if isinstance(error, Refused) and not passes(error):
                refusal = error
            elif not passes(error):
                raise
            await op.report(f"UpdateInstance is looked after: {error.code}")
        await op.pause()
        instance = await waits.settled(op, instance.instance_id)
        if refusal is None and not _request(instance, old, new, op.api.region):
            return instance
    if refusal is not None:
        raise refusal
    left = ", ".join(_request(instance, old, new, op.api.region))
    raise ProviderError(f"the cloud took the change of {left} and doesn't show it")


async def _note_ahead(op: Operation, instance: Instance, new: Mapping[str, Any]) -> None:
    """Note on the instance what it is about to be given, should this run not live to tell."""
    noted = labels.declared(instance.labels)
    wanted = noted | (wire.FILLED_BY_CLOUD & new.keys())
    if wanted != noted:
        label = {labels.DECLARED: labels.listed(wanted)}
        await op.persist(lambda: op.api.put_labels(instance.instance_id, label))


async def _ready(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    """The instance as it can be changed: stopped, if what is to be changed may need that."""
    needs_stop = _for_a_stop(instance, old, new, op.api.region)
    if not needs_stop and instance.status not in waits.SETTLED:
        instance = await waits.settled(op, instance.instance_id)
    if instance.status in STILL or (instance.status == RUNNING and not needs_stop):
        return instance
    if instance.status not in DOWN:
        await op.report("stopping for the change")
        await _stop(op, instance)
    return await waits.stopped(op, instance.instance_id)


async def _stop(op: Operation, instance: Instance) -> None:
    try:
        await op.persist(lambda: power.stop(op, instance.instance_id))
    except Refused:
        # Not from every status on the way up.
        settled = await waits.settled(op, instance.instance_id)
        if settled.status not in STILL:
            await op.persist(lambda: power.stop(op, instance.instance_id))


def _for_a_stop(instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], region: str) -> set[str]:
    """What is to be changed that may need a stopped instance."""
    return {wire.camel(key) for key in _request(instance, old, new, region)} - ON_THE_FLY


def _request(
    instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], region: str
) -> dict[str, Any]:
    """The body of UpdateInstance: what differs, and what is to be cleared. Empty when nothing does."""
    seen = wire.seen_inputs(instance, region)
    mine = old.keys() | labels.declared(instance.labels)
    request: dict[str, Any] = {}
    for key in wire.UPDATABLE:
        if key in compare.UNSEEN:
            continue
        if key in new:
            if not compare.equivalent(key, new[key], seen.get(key)):
                request[wire.pascal(key)] = wire.to_wire(key, new[key])
        elif key in seen and key in wire.DISASSOCIATE and (key in mine or key not in wire.FILLED_BY_CLOUD):
            request[wire.DISASSOCIATE[key]] = True
    if "imageAuth" in new and {"ImageUrl", "ImageId"} & set(request):
        request["ImageAuth"] = new["imageAuth"]
    return request


async def _label(op: Operation, instance: Instance, new: Mapping[str, Any]) -> None:
    """Set and remove labels until a read shows them: the answers to these two calls say nothing of success."""
    for attempt in range(waits.READS_THAT_MAY_LAG + 1):
        wanted = wire.all_labels(new, op.urn)
        missing = {key: value for key, value in wanted.items() if instance.labels.get(key) != value}
        surplus = [key for key in labels.of_user(instance.labels) if key not in wanted]
        if not missing and not surplus:
            return
        if attempt:
            await op.pause()
        await op.persist(partial(_relabel, op, instance.instance_id, missing, surplus))
        instance = await op.persist(partial(op.api.get_instance, instance.instance_id))
    raise ProviderError(
        f"the cloud took the labels {', '.join([*missing, *surplus])} and doesn't show the change"
    )


async def _relabel(op: Operation, instance_id: str, missing: dict[str, str], surplus: list[str]) -> None:
    if missing:
        await op.api.put_labels(instance_id, missing)
    if surplus:
        await op.api.delete_labels(instance_id, surplus)
