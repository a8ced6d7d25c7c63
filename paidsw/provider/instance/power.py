"""Start and stop, over lost replies and statuses in passing; and the end of a machine that can't be guarded."""

from __future__ import annotations

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, DOWN, ON_THE_WAY_UP, RUNNING, STILL, UPDATING
from paidsw.cloud.polling import TimedOut, is_transient
from paidsw.provider.instance import waits
from paidsw.provider.operation import Operation

# How long stopping an unguarded instance is tried, in seconds. No cancel cuts it short: it is running money.
CONTAIN_SECONDS = 120.0
# A stop may be refused until a start has come to its end. Seconds.
REST_SECONDS = 600.0
_UP = (ON_THE_WAY_UP | {RUNNING}) - {UPDATING}
# A start that a stopped instance refuses so often is refused for good.
_REFUSALS = 3


async def start(op: Operation, instance_id: str) -> None:
    """StartInstance; that the instance is up already, or on its way, is success."""
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
    """StopInstance; that the instance is down already, or on its way, is success."""
    try:
        await op.api.stop_instance(instance_id)
    except Refused as error:
        if is_transient(error) or (await op.api.get_instance(instance_id)).status not in DOWN:
            raise


async def down(op: Operation, instance: Instance) -> Instance:
    """Stop an instance in whatever status it is, and wait until it is at rest; the instance."""
    if instance.status not in DOWN:
        try:
            await op.retry(lambda: stop(op, instance.instance_id))
        except Refused:
            # Not from every status on the way up.
            settled = await waits.settled(op, instance.instance_id)
            if settled.status not in STILL:
                await op.retry(lambda: stop(op, instance.instance_id))
    return await waits.stopped(op, instance.instance_id)


async def rest(op: Operation, instance_id: str) -> None:
    """Stop a machine that was started for a while, past cancels and reads that lag; a warning where that fails."""
    last = op.with_timeout(REST_SECONDS)
    asked, calm, status = False, 0, ""

    async def look() -> bool | None:
        nonlocal asked, calm, status
        try:
            if not asked:
                await last.api.stop_instance(instance_id)
                asked = True
        except Refused as error:
            if is_transient(error):
                raise
        try:
            status = (await last.api.get_instance(instance_id)).status
        except NotFound:
            return await waits.vanished(last, instance_id) or None
        # Unless it took the stop, one read may show how it was before it was started.
        calm = calm + 1 if status in STILL | {DELETING} else 0
        return calm > (0 if asked else waits.READS_THAT_MAY_LAG) or None

    try:
        await last.poll_with_retries(look)
    except (CloudError, TimedOut):
        if asked and status in DOWN:
            return  # it stops, and takes its time
        await op.warn(f"instance {instance_id} could not be stopped again; its guards will stop it")


async def contain(op: Operation, instance: Instance, *, holds_nothing: bool) -> str:
    """A machine that can't be guarded must not run: delete it if it holds nothing, stop it otherwise.

    Returns what became of it, for the error's sentence.
    """
    last = op.with_timeout(CONTAIN_SECONDS)
    trouble: CloudError | None = None

    async def attempt() -> str | None:
        nonlocal trouble
        try:
            return await _end(last, instance.instance_id, holds_nothing=holds_nothing)
        except CloudError as error:
            trouble = error
            return None

    await op.warn(f"instance {instance.instance_id} has no guard; ending it")
    try:
        return await last.poll(attempt)
    except (CloudError, TimedOut):
        return (
            f"AND IT COULD NOT BE STOPPED ({trouble}): stop or delete instance {instance.instance_id} in the PAI "
            "console now, it uses up computing hours"
        )


async def _end(op: Operation, instance_id: str, *, holds_nothing: bool) -> str:
    if holds_nothing:
        try:
            await op.api.delete_instance(instance_id)
        except NotFound:
            if not await waits.vanished(op, instance_id):
                raise
            return "it is gone"
        except Refused as error:
            if is_transient(error):
                raise
        else:
            return "it was deleted, it held nothing yet"
    # Some statuses may refuse a delete.
    await stop(op, instance_id)
    return "it was stopped"
