"""Start and stop, despite lost replies and passing statuses; and the end of a machine that can't be guarded."""

from __future__ import annotations

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, DOWN, ON_THE_WAY_UP, RUNNING, STILL, UPDATING
from paidsw.cloud.polling import TimedOut, is_transient
from paidsw.core.messages import Message
from paidsw.provider.instance import waiters
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

# How long stopping an unguarded instance is tried, in seconds. No cancel cuts it short: it costs money.
END_SECONDS = 120.0
# A stop may be refused until a start has finished. Seconds.
STOP_AGAIN_SECONDS = 600.0
_UP = (ON_THE_WAY_UP | {RUNNING}) - {UPDATING}
# A start that a stopped instance refuses so often won't be accepted any more.
_REFUSALS = 3


async def start(op: Operation, instance_id: str) -> None:
    """StartInstance; success if the instance is already up or on its way."""
    refusals = 0

    async def attempt() -> bool | None:
        nonlocal refusals
        try:
            await op.api.start_instance(instance_id)
        except Refused as error:
            if is_transient(error):
                raise
            current = await op.api.get_instance(instance_id)
            if current.status in _UP:
                return True
            # Not while it is Updating or Stopping, and a read may lag behind.
            refusals += current.status in STILL
            if refusals >= _REFUSALS:
                raise
            return None
        return True

    await op.poll_with_retries(attempt)


async def stop(op: Operation, instance_id: str) -> None:
    """StopInstance; success if the instance is already down or on its way."""
    try:
        await op.api.stop_instance(instance_id)
    except Refused as error:
        if is_transient(error) or (await op.api.get_instance(instance_id)).status not in DOWN:
            raise


async def stop_and_wait(op: Operation, instance: Instance) -> Instance:
    """Stop an instance in whatever status it is, and wait until it is stopped; the instance."""
    if instance.status not in DOWN:
        try:
            await op.retry(lambda: stop(op, instance.instance_id))
        except Refused:
            # Not from every status on the way up.
            settled = await waiters.until_settled(op, instance.instance_id)
            if settled.status not in STILL:
                await op.retry(lambda: stop(op, instance.instance_id))
    return await waiters.until_stopped(op, instance.instance_id)


async def stop_again(op: Operation, instance_id: str) -> None:
    """Stop a machine that was started for a while, despite cancels and reads that lag; a warning where that fails."""
    last = op.uncancellable(STOP_AGAIN_SECONDS)
    asked, calm, status, guarded = False, 0, "", False

    async def look() -> bool | None:
        nonlocal asked, calm, status, guarded
        try:
            if not asked:
                await last.api.stop_instance(instance_id)
                asked = True
        except Refused as error:
            if is_transient(error):
                raise
        try:
            found = await last.api.get_instance(instance_id)
        except NotFound:
            return await waiters.is_gone(last, instance_id) or None
        status, guarded = found.status, bool(found.instance_shutdown_timer or found.idle_instance_culler)
        # Unless it took the stop, one read may show how it was before it was started.
        calm = calm + 1 if status in STILL | {DELETING} else 0
        return calm > (0 if asked else waiters.READS_THAT_MAY_LAG) or None

    try:
        await last.poll_with_retries(look)
    except (CloudError, TimedOut):
        if asked and status in DOWN:
            return  # it stops, and takes its time
        text = Text.NOT_STOPPED_AGAIN if guarded else Text.NOT_STOPPED_NOR_GUARDED
        await op.warn(text(instance=instance_id))


async def end(op: Operation, instance: Instance, *, holds_nothing: bool) -> Message:
    """A machine that can't be guarded as declared must not run: delete it if it holds nothing, stop it otherwise.

    Returns what became of it, for the error's sentence.
    """
    last = op.uncancellable(END_SECONDS)
    trouble: CloudError | None = None

    async def attempt() -> Message | None:
        nonlocal trouble
        try:
            return await _end(last, instance.instance_id, holds_nothing=holds_nothing)
        except CloudError as error:
            trouble = error
            return None

    try:
        return await last.poll(attempt)
    except (CloudError, TimedOut):
        return Text.NOT_ENDED(error=trouble, instance=instance.instance_id)


async def _end(op: Operation, instance_id: str, *, holds_nothing: bool) -> Message:
    if holds_nothing:
        try:
            await op.api.delete_instance(instance_id)
        except NotFound:
            if not await waiters.is_gone(op, instance_id):
                raise
            return Text.ENDED_GONE()
        except Refused as error:
            if is_transient(error):
                raise
        else:
            return Text.ENDED_DELETED()
    # Some statuses may refuse a delete.
    await stop(op, instance_id)
    return Text.ENDED_STOPPED()
