"""The search for what an interrupted create may have made: a list may show it late."""

from __future__ import annotations

from paidsw.cloud import Instance, NotFound
from paidsw.cloud.polling import TimedOut
from paidsw.provider.instance.ownership import Identity
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

# How long after a CreateInstance its instance is looked for before it counts as never made. Seconds.
LONGEST_LAG = 600.0


async def owned(op: Operation, owner_id: str) -> list[Instance]:
    """The instances of an owner in the operation's region, with what a create that was interrupted may have made.

    Waits for the latter, where one is noted in the journal. Raises CloudError and Cancelled.
    """
    me = Identity("", owner_id)
    noted = await noted_instance(op, me)
    return with_noted([one for one in await op.retry(op.all_instances) if me.owns(one)], noted)


async def noted_instance(op: Operation, me: Identity) -> Instance | None:
    """What a create that was interrupted made, by the journal; None where none was, or nothing has appeared in time.

    Raises CloudError and Cancelled: then it isn't known.
    """
    region = op.api.region
    note = op.journal.find(region, me.key)
    if note is None:
        return None
    left = min(LONGEST_LAG, max(0.0, note.at + LONGEST_LAG - await op.clock.now()))

    async def look() -> Instance | None:
        found = next(filter(me.owns, await op.all_instances()), None)
        if found is None and note.instance_id:
            found = await _by_id(op, note.instance_id)
        if found is None:
            await op.report(Text.LOOKING_FOR_NOTED(name=note.name, minutes=round(LONGEST_LAG / 60)))
        return found

    try:
        return await op.within(left).poll_with_retries(look)
    except TimedOut:
        op.journal.forget(region, me.key)
        return None


def with_noted(listed: list[Instance], noted: Instance | None) -> list[Instance]:
    """A list with what it may not show yet."""
    if noted is None or any(one.instance_id == noted.instance_id for one in listed):
        return listed
    return [*listed, noted]


async def _by_id(op: Operation, instance_id: str) -> Instance | None:
    try:
        return await op.api.get_instance(instance_id)
    except NotFound:
        return None
