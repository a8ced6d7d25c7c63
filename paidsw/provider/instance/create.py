"""Create: CreateInstance has no idempotency token and starts the machine at once, so the order is everything.

Look for what an interrupted run made, and for the name → trial → stock → note it in the journal → create with our
labels → timer → culler → wait for Running. A lost reply is answered by looking for the labels, not by a second create.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from paidsw.cloud import CloudError, Instance, Refused, Uncertain
from paidsw.cloud.client import Listing
from paidsw.cloud.models import DELETING
from paidsw.cloud.polling import Cancelled, TimedOut, is_transient
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import api, diff, entitlement, labels, ownership, references, search, waiters
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.instance.ownership import Identity, InTheWay, Wanted, obstacle
from paidsw.provider.journal import Note
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


def identity(op: Operation, inputs: InstanceInputs) -> Identity:
    """By what the operation's resource recognises its instance."""
    return Identity(op.urn, inputs.owner_id or "")


async def create(op: Operation, inputs: InstanceInputs) -> Created | LeftOver:
    """Create an instance, which starts it, or find the one that an interrupted run left."""
    op.workspace_id = inputs.workspace_id
    wanted = ownership.wanted(op, inputs.owner_id or "", inputs)
    noted = await _noted(op, wanted)
    try:
        left, listing = await _left_over(op, wanted, noted)
        if left is not None:
            return await _adopted(op, left)
        return await _create(op, inputs, wanted, listing)
    except InTheWay as found:
        op.ledger.in_the_way.add(found.instance_id)
        raise
    except Cancelled:
        raise ProviderError(Text.CANCELLED_BEFORE_CREATE()) from None
    except TimedOut:
        raise ProviderError(Text.STILL_BEING_DELETED(seconds=op.timeout), Text.RUN_UP_AGAIN()) from None


async def _noted(op: Operation, wanted: Wanted) -> list[Instance]:
    try:
        return await search.noted_instances(op, wanted.identity, wanted.busy)
    except Cancelled:
        raise ProviderError(Text.CANCELLED_WHILE_LOOKING(name=wanted.name), Text.RUN_UP_AGAIN()) from None


async def _adopted(op: Operation, found: Instance) -> LeftOver:
    said = Text.TAKEN_OVER if labels.unfinished(found.labels) else Text.TAKEN_BACK
    await op.warn(said(instance=found.instance_id, name=found.instance_name))
    # Whatever that run gave it, and isn't declared now, goes.
    shown = api.inputs_of(found, op.api.region).plain()
    given = {name: shown[name] for name in diff.EXTENDED_BY_CLOUD & shown.keys()}
    return LeftOver(found, InstanceInputs.of(given))


async def _left_over(op: Operation, wanted: Wanted, noted: list[Instance]) -> tuple[Instance | None, Listing]:
    """The instance that this very resource made before, None when there is none; and what the region has.

    Raises ProviderError for one that is in the way.
    """
    while True:
        listing = await op.retry(op.listing)
        listed = search.with_noted(listing.instances, noted)
        going = next((one for one in listed if one.status == DELETING and _awaited(wanted, one)), None)
        if going is not None:
            await waiters.until_gone(op, going.instance_id)
            noted = []
            continue
        in_the_way = obstacle(wanted, listed)
        if in_the_way is not None:
            raise in_the_way
        ours = sorted(filter(wanted.identity.made, listed), key=lambda one: one.instance_name != wanted.name)
        for other in ours[1:]:
            await op.warn(Text.SECOND_ONE(**ownership.shown(other), options=op.api.options))
        return (ours[0] if ours else None), listing


def _awaited(wanted: Wanted, going: Instance) -> bool:
    """Whether nothing can be created before an instance that is being deleted is gone."""
    return going.instance_name == wanted.name or wanted.identity.owns(going)


async def _create(
    op: Operation, inputs: InstanceInputs, wanted: Wanted, listing: Listing
) -> Created | LeftOver:
    """One CreateInstance, and never a second one. If its outcome is unknown, look."""
    await references.refuse_unknown_workspace(op, inputs.workspace_id)
    await references.refuse_unknown_image(op, inputs)
    admission = await entitlement.admit(op, inputs, listing, starts=True)
    region, key = op.api.region, wanted.identity.key
    note = Note(made_at=labels.fingerprint(op.urn), at=await op.clock.now())

    def created(instance_id: str) -> Created:
        op.journal.note(region, key, note.model_copy(update={"instance_id": instance_id}))
        return Created(Instance(instance_id=instance_id, instance_name=wanted.name), admission)

    op.journal.note(region, key, note)
    try:
        return created(await op.api.create_instance(api.create_request(inputs, op.urn)))
    except Uncertain as error:
        known = {one.instance_id for one in listing.instances}
        found = await _find_lost(op, wanted.identity, known, LOOK_FOR_LOST)
        if found is not None:
            return created(found.instance_id)
        later = Text.TAKEN_OVER_LATER() if wanted.identity.owner_id else Text.NAMED_LATER()
        raise ProviderError(Text.NOTHING_APPEARED(error=error, name=wanted.name), later) from None
    except CloudError as error:
        op.journal.forget(region, key, note.made_at)
        if not isinstance(error, Refused) or is_transient(error):
            raise
        return await _after_refusal(op, wanted, error)


async def _after_refusal(op: Operation, wanted: Wanted, error: Refused) -> LeftOver:
    """What is there after all, since the list may have lagged behind; otherwise a better reason for the refusal."""
    listed = await op.retry(op.all_instances)
    ours = next(filter(wanted.identity.made, listed), None)
    if ours is not None:
        return await _adopted(op, ours)
    in_the_way = obstacle(wanted, listed)
    if in_the_way is not None:
        raise in_the_way from None
    why = await entitlement.activation(op)
    if why:
        raise ProviderError(why) from None
    raise error


async def _find_lost(op: Operation, me: Identity, known: Collection[str], seconds: float) -> Instance | None:
    """The new instance with our labels, looked for so long; only for a moment after a cancel."""
    last = op.uncancellable(LAST_LOOK) if op.cancelled.is_set() else op.within(seconds)

    async def look() -> Instance | None:
        try:
            # By the operation's own client, whose calls a cancel cuts short.
            listed = await op.all_instances()
        except CloudError:
            return None
        return next((one for one in listed if me.owns(one) and one.instance_id not in known), None)

    try:
        return await last.poll(look)
    except TimedOut:
        return None
    except Cancelled:
        return await _find_lost(op, me, known, LAST_LOOK)
