"""Create: CreateInstance has no idempotency token and starts the machine at once, so the order is everything.

Look for the name and our labels → trial → stock → create with our labels → timer → culler → wait for Running. A lost
reply is answered by looking for the labels, never by a second create.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paidsw.cloud import CloudError, Instance, Refused, Uncertain
from paidsw.cloud.client import Listing
from paidsw.cloud.models import DELETING
from paidsw.cloud.polling import Cancelled, TimedOut, is_transient
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import api, diff, entitlement, labels, references, waiters
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Admission, Operation

DEFAULT_TIMEOUT = 20 * 60.0
# How long an instance whose creation got no reply is looked for, in seconds.
LOOK_FOR_LOST = 60.0
# A cancel doesn't cut these short: a machine that may have been made must be found.
LAST_LOOK = 1.0


@dataclass(frozen=True, slots=True)
class Created:
    """A new instance, and what the trial pays for it."""

    instance: Instance
    admission: Admission


@dataclass(frozen=True, slots=True)
class LeftOver:
    """An instance that an interrupted run of this very resource made, and what it gave it."""

    instance: Instance
    given: InstanceInputs


async def create(op: Operation, inputs: InstanceInputs) -> Created | LeftOver:
    """Create an instance, which starts it, or find the one that an interrupted run left."""
    try:
        op.workspace_id = inputs.workspace_id
        left, listed = await _left_over(op, inputs.instance_name)
        return await _adopted(op, left) if left is not None else await _create(op, inputs, listed)
    except Cancelled:
        raise ProviderError(Text.CANCELLED_BEFORE_CREATE()) from None
    except TimedOut:
        raise ProviderError(Text.STILL_BEING_DELETED(seconds=op.timeout), Text.RUN_UP_AGAIN()) from None


async def _adopted(op: Operation, found: Instance) -> LeftOver:
    await op.warn(Text.TAKEN_OVER(instance=found.instance_id, name=found.instance_name))
    # Whatever that run gave it, and isn't declared now, goes.
    shown = api.inputs_of(found, op.api.region).plain()
    given = {name: shown[name] for name in diff.EXTENDED_BY_CLOUD & shown.keys()}
    return LeftOver(found, InstanceInputs.of(given))


async def _left_over(op: Operation, name: str) -> tuple[Instance | None, Listing]:
    """The instance that this very resource made before, None when the name is free; and all of the region."""
    while True:
        listing = await op.retry(op.listing)
        listed = listing.instances
        ours = sorted(_ours(op, listed), key=lambda instance: instance.instance_name != name)
        going = next((instance for instance in ours if instance.status == DELETING), None)
        if going is not None:
            await waiters.until_gone(op, going.instance_id)
            continue
        stranger = next((i for i in listed if i.instance_name == name and i not in ours), None)
        if stranger is not None:
            raise _taken(op, name, stranger)
        for other in ours[1:]:
            await op.warn(
                Text.SECOND_ONE(instance=other.instance_id, name=other.instance_name, status=other.status)
            )
        return (ours[0] if ours else None), listing


def _ours(op: Operation, listed: Sequence[Instance]) -> list[Instance]:
    return [instance for instance in listed if labels.is_declared_at(op.urn, instance.labels)]


def _taken(op: Operation, name: str, stranger: Instance) -> ProviderError:
    shown = {"name": name, "instance": stranger.instance_id, "status": stranger.status}
    if labels.URN in stranger.labels:
        return ProviderError(Text.NAME_OF_OTHER_STACK(**shown, owner=labels.owner(stranger.labels)))
    return ProviderError(Text.NAME_OF_STRANGER(**shown, region=op.api.region))


async def _create(op: Operation, inputs: InstanceInputs, listed: Listing) -> Created | LeftOver:
    """One CreateInstance, and never a second one. If its outcome is unknown, look."""
    name = inputs.instance_name
    await references.refuse_unknown_workspace(op, inputs.workspace_id)
    await references.refuse_unknown_image(op, inputs)
    admission = await entitlement.admit(op, inputs, listed, starts=True)

    def created(instance_id: str) -> Created:
        return Created(Instance(instance_id=instance_id, instance_name=name), admission)

    try:
        return created(await op.api.create_instance(api.create_request(inputs, op.urn)))
    except Uncertain as error:
        found = await _find_lost(op, LOOK_FOR_LOST)
        if found is not None:
            return created(found.instance_id)
        raise ProviderError(Text.NOTHING_APPEARED(error=error, name=name)) from None
    except Refused as error:
        if is_transient(error):
            raise
        # The list may have lagged behind, and the name be taken after all.
        named = [one for one in await op.retry(op.all_instances) if one.instance_name == name]
        if _ours(op, named):
            return await _adopted(op, named[0])
        if named:
            raise _taken(op, name, named[0]) from None
        why = await entitlement.activation(op)
        if why:
            raise ProviderError(why) from None
        raise


async def _find_lost(op: Operation, seconds: float) -> Instance | None:
    """The instance with our labels, looked for so long; only for a moment after a cancel."""
    search = op.uncancellable(LAST_LOOK) if op.cancelled.is_set() else op.within(seconds)

    async def look() -> Instance | None:
        try:
            # By the operation's own client, whose calls a cancel cuts short.
            return next(iter(_ours(op, await op.all_instances())), None)
        except CloudError:
            return None

    try:
        return await search.poll(look)
    except TimedOut:
        return None
    except Cancelled:
        return await _find_lost(op, LAST_LOOK)
