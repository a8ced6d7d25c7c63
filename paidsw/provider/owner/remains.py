"""The end of what an owner still has where its state is about to forget it.

What never finished holds nothing and is deleted. What did may hold somebody's work: it is stopped, which ends its cost,
and named.
"""

from __future__ import annotations

from paidsw.cloud import CloudError, Instance, NotFound
from paidsw.cloud.models import DELETING, STILL, STOPPED
from paidsw.cloud.polling import Cancelled, TimedOut
from paidsw.core.messages import Message, UserError, listed
from paidsw.provider.errors import ProviderError, cause
from paidsw.provider.instance import delete as deleting
from paidsw.provider.instance import labels, power, waiters
from paidsw.provider.instance.ownership import way_out
from paidsw.provider.instance.search import LONGEST_LAG
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.provider.owner.look import Seen, look
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.owner.unasked import next_step, reason

DEFAULT_TIMEOUT = 20 * 60.0


async def clear(op: Operation, owner_id: str, workspace_id: str = "", *, stops: bool = True) -> Seen:
    """End everything of an owner in the region, or in one of its workspaces; what was seen.

    What may hold work is only named unless `stops`. What the engine's state has is left to the engine. Raises
    ProviderError for what stays, and where that isn't known.
    """
    place = op.api.region
    try:
        seen = await look(op, owner_id, workspace_id)
        left = [one for one in seen.instances if not workspace_id or one.workspace_id == workspace_id]
        kept = [text for one in left if (text := await _ended(op, one, stops=stops))]
    except Cancelled:
        raise ProviderError(OwnerText.CANCELLED_CLEANUP(region=place), Text.RUN_DESTROY_AGAIN()) from None
    except TimedOut:
        late = OwnerText.CLEANUP_TOOK_TOO_LONG(region=place, seconds=op.timeout)
        raise ProviderError(late, Text.RUN_DESTROY_AGAIN()) from None
    except CloudError as error:
        unknown = OwnerText.CLEANUP_NOT_ASKED(region=place, owner=owner_id, error=reason(error))
        step = next_step(error, Text.RUN_DESTROY_AGAIN())
        raise ProviderError(unknown, OwnerText.OR_FORGET_CLEANUP(step=step, urn=op.urn)) from None
    if kept:
        raise ProviderError(listed(kept, "; "), OwnerText.RUN_DESTROY_AFTER_THAT())
    op.journal.forget(place, owner_id)
    return seen


async def _ended(op: Operation, one: Instance, *, stops: bool) -> Message | UserError | None:
    """Like `_end`; one that can't be deleted doesn't keep the next one running."""
    try:
        return await _end(op, one, stops=stops)
    except ProviderError as error:
        return error


async def _end(op: Operation, listed: Instance, *, stops: bool) -> Message | None:
    """Release, stop or wait for one; what is to be said of one that stays."""
    instance_id = listed.instance_id
    if instance_id in op.ledger.in_state:
        return None
    instance = await _read(op, instance_id)
    if instance is None:
        return None
    if instance.status == DELETING:
        await op.poll_with_retries(lambda: _gone(op, instance_id))
        return None
    # If one of the two is older than the other, it held nothing then, and may now.
    if labels.unfinished(listed.labels) and labels.unfinished(instance.labels):
        await op.warn(OwnerText.RELEASING_UNFINISHED(instance=instance_id, name=instance.instance_name))
        await deleting.delete(op, instance_id)
        return None
    if not stops:
        await op.warn(OwnerText.OF_REPLACED_OWNER(instance=instance_id, name=instance.instance_name))
        return None
    return await _stopped(op, instance)


async def _read(op: Operation, instance_id: str) -> Instance | None:
    """The instance; None when neither read nor list knows it. Raises ProviderError where they go on to disagree."""

    async def attempt() -> Instance | bool | None:
        try:
            return await op.api.get_instance(instance_id)
        except NotFound:
            return await _gone(op, instance_id)

    try:
        found = await op.within(LONGEST_LAG).poll_with_retries(attempt)
    except TimedOut:
        differ = Text.OF_INSTANCE(instance=instance_id, error=Text.READ_AND_LIST_DIFFER())
        raise ProviderError(differ, Text.RUN_DESTROY_AGAIN()) from None
    return found if isinstance(found, Instance) else None


async def _gone(op: Operation, instance_id: str) -> bool | None:
    return await waiters.is_gone(op, instance_id) or None


async def _stopped(op: Operation, instance: Instance) -> Message:
    """Stop one that may hold work; what is to be said of it."""
    named = {"instance": instance.instance_id, "name": instance.instance_name}
    place = op.api.region, op.api.options
    if instance.status not in STILL:
        try:
            await power.stop_and_wait(op, instance)
        except CloudError as error:
            advice = way_out(instance, *place)
            return OwnerText.LEFT_AND_NOT_STOPPED(**named, error=cause(error), way_out=advice)
    stopped = instance.model_copy(update={"status": STOPPED})
    return OwnerText.LEFT_AND_STOPPED(**named, way_out=way_out(stopped, *place))
