"""Update: brings a living instance to what is declared, whatever state it was left in.

It compares the declaration with the instance and not with the old declaration, so that it also mends what an
interrupted create or update, the console or a guard has done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Instance, NotFound, Refused
from paidsw.cloud.models import DOWN, RUNNING, STOPPED
from paidsw.cloud.polling import Cancelled
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import (
    entitlement,
    guards,
    irrevocable,
    kept,
    labels,
    outcome,
    power,
    waits,
    wire,
)
from paidsw.provider.instance.ascent import Ascent
from paidsw.provider.instance.change import change, for_a_stop
from paidsw.provider.operation import Operation

DEFAULT_TIMEOUT = 20 * 60.0


async def update(
    op: Operation, instance_id: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Make an instance what `new` declares; its state. Raises PartialFailure once something may have changed."""
    try:
        instance = await op.retry(lambda: op.api.get_instance(instance_id))
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
    """Bring an instance to `new`; its state. Raises PartialFailure and nothing else: the instance exists.

    What can't be undone doesn't keep the rest from being done, but it is a failure in the end.
    """
    way = up if new.get("running", True) else down
    left, state = await way(op, instance, old, new)
    lasting = irrevocable.sentences(left.instance_id, op.urn, wire.seen_inputs(left, op.api.region), new)
    if lasting:
        raise await outcome.unfinished(op, new, left, lasting)
    return state


async def up(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Instance, dict[str, Any]]:
    """Bring an instance to `new` and to Running."""
    ascent = Ascent(op, new, instance)
    untimed = instance.status not in DOWN and wire.timer(instance) is None
    if untimed:
        # Little time at first; whether the trial pays for more is asked under the timer.
        op.longest = entitlement.LAST_SECONDS
    await ascent.secure()
    try:
        # What makes it cheaper comes before what may be refused.
        if ascent.seen.status not in DOWN:
            ascent.seen, _ = await guards.put(op, ascent.seen, new)
        longer = _longer(instance, new)
        if not longer and not untimed and new.get("sessionHours"):
            ascent.seen = await guards.move_session(op, ascent.seen, new["sessionHours"])
        starts = instance.status in DOWN or bool(for_a_stop(instance, old, new, op.api.region))
        asked = untimed or starts or longer
        if asked:
            # Before the stop that a change needs: a machine that isn't to be had again is not given away.
            await entitlement.settle(op, instance.instance_id, new, starts=starts)
        if untimed and wire.timer(ascent.seen) is not None:
            await guards.set_timer(op, ascent.seen, min(new["sessionHours"] * 3600, op.longest))
        ascent.seen = await change(op, ascent.seen, old, new, timed=untimed)
        if ascent.seen.status != RUNNING and not asked:
            await entitlement.settle(op, instance.instance_id, new, starts=True)
    except Exception as error:
        ascent.seen = await waits.glance(op, ascent.seen)
        raise await ascent.failed(error) from error
    if ascent.seen.status != RUNNING:
        await ascent.start()
    state = await ascent.finish()
    return ascent.seen, state


async def down(
    op: Operation, instance: Instance, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Instance, dict[str, Any]]:
    """Bring an instance to rest, which ends its cost, then to `new`."""
    ascent = Ascent(op, new, instance)
    try:
        if instance.status not in DOWN:
            await op.report("stopping, as declared")
        ascent.seen = await power.down(op, instance)
        ascent.seen = await change(op, ascent.seen, old, new)
        ascent.seen = await _cull(op, ascent.seen, new)
        return ascent.seen, wire.state(new, ascent.seen, await kept.told(op.api, ascent.seen))
    except Exception as error:
        ascent.seen = await waits.glance(op, ascent.seen)
        raise await ascent.failed(error, wanted=STOPPED) from error


async def _cull(op: Operation, instance: Instance, new: Mapping[str, Any]) -> Instance:
    """Set the idle shutdown of an instance at rest, if the cloud takes it; otherwise the next start does."""

    async def attempt() -> Instance:
        return await guards.put_culler(op, await op.api.get_instance(instance.instance_id), new)

    try:
        return await op.retry(attempt)
    except Refused:
        return instance


def _longer(instance: Instance, new: Mapping[str, Any]) -> bool:
    """Whether the instance is to use more of the quota than it was let."""
    return (new.get("sessionHours") or 0) > (labels.session_hours(instance.labels) or 0)
