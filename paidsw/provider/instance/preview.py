"""What a preview says of an instance: what the run would refuse, and what it would stop, start or set.

It makes no change and a bounded number of calls, and goes by the same functions as the run itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paidsw.cloud import Instance
from paidsw.cloud.client import Listing
from paidsw.cloud.models import DELETING, DOWN
from paidsw.core.settings import settings_of
from paidsw.provider.instance import api, diff, disk, entitlement, guards, ownership, references, state
from paidsw.provider.instance import inputs as declaring
from paidsw.provider.instance import read as reading
from paidsw.provider.instance import update as updating
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.state import State
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.provider.resource_type import Start
from paidsw.provider.values import contains_unknown
from paidsw.trial.terms import TERMS


async def of_create(start: Start, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The state that a create will give, as far as it is known before; ProviderError for what it would refuse."""
    region = inputs.get("region")
    if isinstance(region, str):
        op = start(region, reading.DEFAULT_TIMEOUT)
        await _create(op, InstanceInputs.of(_known(inputs)), inputs)
    return state.preview(inputs)


async def of_update(
    start: Start,
    instance_id: str,
    inputs: Mapping[str, Any],
    old: Mapping[str, Any],
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """The state that an update of the state `known`, made by the inputs `old`, will give; likewise."""
    region, found = inputs.get("region"), State.of(known)
    if isinstance(region, str):
        op = start(region, reading.DEFAULT_TIMEOUT)
        op.workspace_id = found.inputs.workspace_id
        # What isn't known yet can't be announced: it counts as unchanged.
        declared = declaring.with_defaults({**_unknown_as(old, inputs), **_known(inputs)})
        before = InstanceInputs.of(state.comparable(declaring.with_defaults(old), declared, found))
        instance = await updating.find(op, instance_id)
        reading.refuse_foreign(op, instance, before.owner_id, declared.get("ownerId"), found.inputs.owner_id)
        await _update(op, instance, before, InstanceInputs.of(declared), inputs)
    return state.preview(inputs, known)


async def refuse_replacement(start: Start, instance_id: str, inputs: Mapping[str, Any]) -> None:
    """Refuse, before an instance is deleted to be replaced, what keeps the new one from being made."""
    region = inputs.get("region")
    if not isinstance(region, str):
        return
    op, new = start(region, reading.DEFAULT_TIMEOUT), InstanceInputs.of(_known(inputs))
    op.workspace_id = new.workspace_id
    if new.workspace_id:
        await references.refuse_unknown_workspace(op, new.workspace_id)
    await references.refuse_unknown_image(op, new)
    if entitlement.is_decidable(inputs):
        await entitlement.admit_existing(op, instance_id, new, starts=True, new_timer=False, preview=True)


async def _create(op: Operation, new: InstanceInputs, inputs: Mapping[str, Any]) -> None:
    op.workspace_id = new.workspace_id
    # An owner whose id isn't known yet is new, and has nothing.
    owner_id = ownership.NOBODY if contains_unknown(inputs.get("ownerId")) else new.owner_id or ""
    wanted = ownership.wanted(op, owner_id, new)
    listing = await _without_replaced(op, await op.retry(op.listing))
    in_the_way = ownership.obstacle(wanted, listing.instances)
    if in_the_way is not None:
        raise in_the_way
    there = (one for one in listing.instances if one.status != DELETING)
    left = next(filter(wanted.identity.made, there), None)
    if left is not None:
        await op.warn(Text.WILL_BE_TAKEN_OVER(**ownership.shown(left)))
        await _update(op, left, InstanceInputs.of({}), new, inputs)
        return
    if new.workspace_id:
        await references.refuse_unknown_workspace(op, new.workspace_id)
    await references.refuse_unknown_image(op, new)
    if entitlement.is_decidable(inputs):
        await entitlement.admit(op, new, listing, starts=True, preview=True)
    if not new.running:
        await op.tell(Text.WILL_START_FIRST())


async def _without_replaced(op: Operation, listing: Listing) -> Listing:
    """What lives by the time of the create: what the state has under its URN is deleted first to be replaced."""
    replaced = {key for key, one in op.ledger.recorded.items() if one.urn == op.urn}
    # Of the others a diff has said it.
    for instance_id in sorted(replaced - op.ledger.in_state):
        await op.warn(InstanceText.REPLACED_BY_ENGINE(instance=instance_id))
    return replace(listing, instances=[one for one in listing.instances if one.instance_id not in replaced])


async def _update(
    op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs, inputs: Mapping[str, Any]
) -> None:
    await updating.refuse_unusable(op, instance, old, new)
    actual = api.inputs_of(instance, op.api.region).plain()
    for text in diff.permanent_differences(instance.instance_id, op.urn, actual, new.plain()):
        await op.warn(text)
    if new.running:
        await _running(op, instance, old, new, inputs)
    elif instance.status not in DOWN:
        days = TERMS.disk_kept_days.value
        await op.warn(Text.WILL_STOP(instance=instance.instance_id, days=days))


async def _running(
    op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs, inputs: Mapping[str, Any]
) -> None:
    await disk.refuse_cleared(op, instance, new)
    way = updating.steps(instance, old, new, op.api.region)
    if way.stops_for and not way.is_down:
        changes = settings_of(way.stops_for)
        await op.warn(Text.WILL_RESTART(instance=instance.instance_id, changes=changes))
    if not entitlement.is_decidable(inputs):
        return
    admission = entitlement.AS_DECLARED
    if way.asks:
        admission = await entitlement.admit_existing(
            op, instance.instance_id, new, starts=way.starts, new_timer=way.new_timer, preview=True
        )
    if new.session_hours and not way.new_timer:
        seconds = guards.moved_session(instance, new.session_hours, admission)
        if seconds is not None:
            await guards.tell_moved(op, instance, seconds, admission)


def _known(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if not contains_unknown(value)}


def _unknown_as(old: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: old[key] for key, value in inputs.items() if contains_unknown(value) and key in old}
