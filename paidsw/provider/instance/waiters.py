"""Reads of an instance, and waiting for it to become what was asked for, with its progress shown."""

from __future__ import annotations

from paidsw.cloud import CloudError, Instance, NotFound
from paidsw.cloud.models import RUNNING, SAVING_ENDED, STILL
from paidsw.cloud.polling import is_transient
from paidsw.core.messages import Message
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

# The cloud's reads may lag behind its writes: this many may show what was before, or nothing yet.
READS_THAT_MAY_LAG = 5
SETTLED = STILL | SAVING_ENDED | {RUNNING}


async def read(op: Operation, instance_id: str) -> Instance | None:
    """One read, its status shown; None while the cloud is busy or out of reach."""
    try:
        instance = await op.api.get_instance(instance_id)
    except CloudError as error:
        if not is_transient(error):
            raise
        await op.report(Text.WAITING_FOR_ANSWER(why=error.brief))
        return None
    if instance.reason_code:
        await op.report(Text.STATUS_WHY(status=instance.status, why=reason(instance)))
    else:
        await op.report(Text.STATUS(status=instance.status))
    return instance


async def latest(op: Operation, instance: Instance) -> Instance:
    """The instance as it is now, if the cloud says so at once."""
    try:
        return await op.api.get_instance(instance.instance_id)
    except CloudError:
        return instance


async def until_stopped(op: Operation, instance_id: str) -> Instance:
    """Wait for Stopped (or Failed, in which nothing runs either)."""

    async def look() -> Instance | None:
        instance = await read(op, instance_id)
        return instance if instance is not None and instance.status in STILL else None

    return await op.poll(look)


async def until_settled(op: Operation, instance_id: str) -> Instance:
    """Wait until the instance is in none of the passing statuses."""

    async def look() -> Instance | None:
        instance = await read(op, instance_id)
        return instance if instance is not None and instance.status in SETTLED else None

    return await op.poll(look)


async def until_gone(op: Operation, instance_id: str) -> None:
    """Wait until there is no such instance."""

    async def look() -> bool | None:
        try:
            await read(op, instance_id)
        except NotFound:
            return True
        return None

    await op.poll(look)


async def is_gone(op: Operation, instance_id: str) -> bool:
    """Whether neither a read nor the list knows the instance: one answer alone is not enough to give it up."""
    try:
        await op.api.get_instance(instance_id)
    except NotFound:
        return all(other.instance_id != instance_id for other in await op.all_instances())
    return False


def reason(instance: Instance) -> Message | str:
    """Why an instance is in its status, in the cloud's words."""
    return instance.reason or Text.NO_REASON(status=instance.status)
