"""Timer and culler: no instance runs without one of them.

Order: the timer first, then the culler. The timer is changed under the culler and the culler under the timer, so
that at no moment both are missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dsw import CloudError, Culler, Instance, NotFound, Refused
from dsw.models import DELETING, FAILED, ON_THE_WAY_DOWN, STOPPED
from provider.errors import ProviderError
from provider.instance import wire
from provider.operation import Operation

# How long stopping an unguarded instance is tried, in seconds. No cancel cuts it short: it is running money.
CONTAIN_SECONDS = 600.0
# A timer has at least this long to run, so that shortening a session gives time to save work.
SHORTEST_TIMER = 300.0


async def ensure(op: Operation, instance: Instance, inputs: Mapping[str, Any]) -> Instance:
    """Set the guards that are missing or not as declared; the instance as read afterwards.

    A lost reply is answered by a read, since setting a guard twice may be refused.
    """

    async def look() -> Instance | None:
        current = await op.api.get_instance(instance.instance_id)
        missing = next_step(op, current, inputs)
        if missing is None:
            return current
        await missing()
        return None

    async def settled() -> Instance:
        for _ in range(6):
            found = await look()
            if found is not None:
                return found
        raise ProviderError("timer and idle shutdown were set but don't show; run pulumi up again")

    return await op.persist(settled)


def next_step(
    op: Operation, instance: Instance, inputs: Mapping[str, Any]
) -> Callable[[], Awaitable[None]] | None:
    """The next call that brings the guards nearer to what is declared; None when they are."""
    instance_id = instance.instance_id
    timer, culler = instance.instance_shutdown_timer, instance.idle_instance_culler
    hours, declared = inputs.get("sessionHours"), wire.culler(inputs)
    if timer is None and hours is not None and instance.status != STOPPED:
        return lambda: op.api.create_timer(instance_id, hours * 3600)
    if declared is not None and not _same_culler(culler, declared):
        if culler is None:
            return lambda: op.api.create_culler(instance_id, declared)
        return lambda: op.api.delete_culler(instance_id)
    if declared is None and culler is not None and timer is not None:
        return lambda: op.api.delete_culler(instance_id)
    return None


def _same_culler(found: Culler | None, declared: Culler) -> bool:
    if found is None:
        return False
    wanted = declared.model_dump(exclude_none=True)
    return all(getattr(found, name) == value for name, value in wanted.items())


async def change_session(op: Operation, instance: Instance, old_hours: float, hours: float) -> None:
    """Move the end of a running session as a longer or shorter `sessionHours` says, counted from its start."""
    timer = instance.instance_shutdown_timer
    if timer is None or instance.idle_instance_culler is None:
        return
    left = timer.remaining_time_in_ms / 1000 + (hours - old_hours) * 3600
    seconds = max(SHORTEST_TIMER, min(left, hours * 3600))
    # Under the culler, which is there. The API has no change of a timer, only delete and create.
    await op.persist(lambda: _gone_is_fine(op.api.delete_timer(instance.instance_id)))
    await op.persist(lambda: _put_timer(op, instance.instance_id, seconds))


async def _put_timer(op: Operation, instance_id: str, seconds: float) -> None:
    try:
        await op.api.create_timer(instance_id, seconds)
    except Refused:
        # After a lost reply the timer may be there already.
        if (await op.api.get_instance(instance_id)).instance_shutdown_timer is None:
            raise


async def _gone_is_fine(call: Awaitable[None]) -> None:
    try:
        await call
    except NotFound:
        return


async def contain(op: Operation, instance_id: str, *, holds_nothing: bool) -> str:
    """An instance that can't be guarded must not run: stop it, and delete it if it holds nothing.

    Returns what became of it, for the error's sentence.
    """
    last = op.with_timeout(CONTAIN_SECONDS)
    try:
        if holds_nothing:
            await last.persist(lambda: _gone_is_fine(last.api.delete_instance(instance_id)))
            return "it was deleted, it held nothing yet"
    except CloudError:
        pass  # some states may refuse a delete: stop it then
    try:
        await last.persist(lambda: stop(last, instance_id))
    except CloudError as error:
        return (
            f"AND IT COULD NOT BE STOPPED ({error}): stop or delete instance {instance_id} in the PAI console now, "
            "it uses up computing hours"
        )
    return "it was stopped"


async def stop(op: Operation, instance_id: str) -> None:
    """StopInstance; that the instance is down already, or on its way, is success."""
    try:
        await op.api.stop_instance(instance_id)
    except Refused:
        current = await op.api.get_instance(instance_id)
        if current.status not in {STOPPED, DELETING} | FAILED | ON_THE_WAY_DOWN:
            raise
