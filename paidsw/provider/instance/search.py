"""The search for what an interrupted create may have made: a list may show it late."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from paidsw.cloud import Instance, NotFound
from paidsw.cloud.polling import TimedOut
from paidsw.provider.instance import labels
from paidsw.provider.instance.ownership import Identity
from paidsw.provider.journal import Note
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

# How long after a CreateInstance its instance is looked for before it counts as never made. Seconds.
LONGEST_LAG = 900.0


async def noted_instances(op: Operation, me: Identity, busy: Collection[str] = ()) -> list[Instance]:
    """What creates that were interrupted have made, by the journal: none where nothing has appeared in time.

    What this process is creating at the moment, `busy` by its labels, isn't waited for. Raises CloudError and
    Cancelled: then it isn't known.
    """
    notes = [note for note in op.journal.find(op.api.region, me.key) if note.made_at not in busy]
    found = [await _appeared(op, me, note) for note in notes]
    return [one for one in found if one is not None]


async def _appeared(op: Operation, me: Identity, note: Note) -> Instance | None:
    left = min(LONGEST_LAG, max(0.0, note.at + LONGEST_LAG - await op.clock.now()))

    async def look() -> Instance | None:
        listed = filter(me.owns, await op.all_instances())
        found = next((one for one in listed if one.labels.get(labels.URN) == note.made_at), None)
        if found is None and note.instance_id:
            found = await _by_id(op, note.instance_id)
        if found is None:
            await op.report(Text.LOOKING_FOR_NOTED(minutes=round(LONGEST_LAG / 60)))
        return found

    try:
        return await op.within(left).poll_with_retries(look)
    except TimedOut:
        op.journal.forget(op.api.region, me.key, note.made_at)
        return None


def with_noted(listed: Iterable[Instance], noted: Iterable[Instance]) -> list[Instance]:
    """A list with what it may not show yet."""
    return list({one.instance_id: one for one in (*noted, *listed)}.values())


async def _by_id(op: Operation, instance_id: str) -> Instance | None:
    try:
        return await op.api.get_instance(instance_id)
    except NotFound:
        return None
