"""Changes of an instance that exists: the settings by one UpdateInstance, the session, the labels.

Whether a change needs a stopped instance is documented nowhere; all that might are made together in one stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from paidsw.cloud import CloudError, Instance, Refused
from paidsw.cloud.models import RUNNING, STILL
from paidsw.cloud.polling import is_transient
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import compare, guards, irrevocable, labels, power, waits, wire
from paidsw.provider.operation import Operation

# What the API changes on a running instance.
ON_THE_FLY = frozenset({"instanceName", "accessibility"})
# UpdateInstance is repeated that often where it was refused and the difference remains.
_ATTEMPTS = 3


async def change(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], *, timed: bool = False
) -> Instance:
    """Change what differs; the instance, at rest or running: its guards and its start are left.

    `timed`: its timer was set just now.
    """
    instance = await guards.renew_culler(op, instance, old, new)
    instance = await _rewritten(op, instance, old, new)
    if new.get("sessionHours") and not timed:
        instance = await guards.move_session(op, instance, new["sessionHours"])
    # After the session: its label says for which length the timer stands.
    await _label(op, instance, new)
    return instance


async def _rewritten(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    """UpdateInstance, until nothing differs. Repeated blindly it may be refused for what the first one did."""
    refusal: CloudError | None = None
    answered = False
    for _ in range(_ATTEMPTS):
        instance = await _ready(op, instance, old, new)
        request = _request(instance, old, new, op.api.region, answered=answered)
        if not request:
            return instance
        await _note_ahead(op, instance, new)
        refusal = None
        try:
            await op.api.update_instance(instance.instance_id, request)
            answered = True
        except CloudError as error:
            answered = False
            if isinstance(error, Refused) and not is_transient(error):
                refusal = error
            elif not is_transient(error):
                raise
            await op.report(f"UpdateInstance is looked after: {error.code}")
        for _ in range(waits.READS_THAT_MAY_LAG + 1 if answered else 1):
            await op.pause()
            instance = await waits.settled(op, instance.instance_id)
            if refusal is None and not _request(instance, old, new, op.api.region, answered=answered):
                return instance
    if refusal is not None:
        raise refusal
    left = ", ".join(_request(instance, old, new, op.api.region, answered=answered))
    raise ProviderError(f"the cloud took the change of {left} and doesn't show it")


async def _note_ahead(op: Operation, instance: Instance, new: Mapping[str, Any]) -> None:
    """Note on the instance what it is about to be given, should this run not live to tell."""
    noted = labels.declared(instance.labels)
    wanted = noted | (wire.FILLED_BY_CLOUD & new.keys())
    if wanted != noted:
        label = {labels.DECLARED: labels.listed(wanted)}
        await op.retry(lambda: op.api.put_labels(instance.instance_id, label))


async def _ready(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Instance:
    """The instance as it can be changed: stopped, if what is to be changed may need that."""
    needs_stop = for_a_stop(instance, old, new, op.api.region)
    if not needs_stop and instance.status not in waits.SETTLED:
        instance = await waits.settled(op, instance.instance_id)
    if instance.status in STILL or (instance.status == RUNNING and not needs_stop):
        return instance
    await op.report("stopping for the change")
    return await power.down(op, instance)


def for_a_stop(instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], region: str) -> set[str]:
    """What is to be changed that may need a stopped instance."""
    return {wire.camel(key) for key in _request(instance, old, new, region)} - ON_THE_FLY


def _request(
    instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any], region: str, *, answered: bool = False
) -> dict[str, Any]:
    """The body of UpdateInstance: what differs, and what is to be cleared. Empty when nothing does.

    Once one was `answered`, what the cloud shows besides is what it fills in itself.
    """
    seen = wire.seen_inputs(instance, region)
    lasting = irrevocable.keys(seen, new)
    before = new if answered else old
    mine = frozenset() if answered else old.keys() | labels.declared(instance.labels)
    request: dict[str, Any] = {}
    for key in wire.UPDATABLE:
        if key in compare.UNSEEN | lasting:
            continue
        if key in new:
            if _differs(key, before.get(key), new[key], seen.get(key)):
                request[wire.pascal(key)] = wire.to_wire(key, new[key])
        elif key in seen and key in wire.DISASSOCIATE and (key in mine or key not in wire.FILLED_BY_CLOUD):
            request[wire.DISASSOCIATE[key]] = True
    changed = before and before.get("imageAuth") != new.get("imageAuth")
    if "imageAuth" in new and (changed or {"ImageUrl", "ImageId"} & set(request)):
        # Credentials are of an image; a read shows neither.
        request |= {wire.pascal(key): new[key] for key in ("imageUrl", "imageId", "imageAuth") if key in new}
    return request


def _differs(key: str, old: Any, new: Any, seen: Any) -> bool:
    """Whether the cloud has something else, or doesn't show what the declaration gained or lost."""
    gained = old is not None and compare.equivalent("", old, new) and compare.added(old, new)
    return gained or not compare.equivalent(key, new, seen) or compare.dropped(old, new, seen)


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
        await op.retry(partial(_relabel, op, instance.instance_id, missing, surplus))
        instance = await op.retry(partial(op.api.get_instance, instance.instance_id))
    raise ProviderError(
        f"the cloud took the labels {', '.join([*missing, *surplus])} and doesn't show the change"
    )


async def _relabel(op: Operation, instance_id: str, missing: dict[str, str], surplus: list[str]) -> None:
    if missing:
        await op.api.put_labels(instance_id, missing)
    if surplus:
        await op.api.delete_labels(instance_id, surplus)
