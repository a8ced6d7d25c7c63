"""Waiting for an instance to become what was asked for, with its progress shown."""

from __future__ import annotations

from dsw import Instance, NotFound
from dsw.errors import CloudError, NotSent, Throttled, Uncertain
from dsw.models import DELETING, FAILED, ON_THE_WAY_DOWN, RUNNING, STOPPED
from provider.errors import ProviderError
from provider.operation import Operation

# A new instance may not be visible at once: that many reads may miss it.
READS_THAT_MAY_MISS = 5


class Fell(ProviderError):
    """The instance ended in a status that it won't leave by itself."""


async def running(op: Operation, instance_id: str) -> Instance:
    """Wait for Running. Raises Fell with the cloud's own reason, dsw.waiting.Cancelled or TimedOut."""
    missed = 0

    async def look() -> Instance | None:
        nonlocal missed
        try:
            instance = await _seen(op, instance_id)
        except NotFound:
            missed += 1
            if missed > READS_THAT_MAY_MISS:
                raise
            return None
        if instance is None or instance.status == RUNNING:
            return instance
        if instance.status in FAILED:
            raise Fell(f"instance {instance_id} failed: {reason(instance)}")
        if instance.status in {STOPPED, DELETING} | ON_THE_WAY_DOWN:
            raise Fell(
                f"instance {instance_id} is {instance.status} and not Running: somebody or a guard stopped it"
            )
        return None

    return await op.poll(look)


async def stopped(op: Operation, instance_id: str) -> Instance:
    """Wait for Stopped (or Failed, in which nothing runs either)."""

    async def look() -> Instance | None:
        instance = await _seen(op, instance_id)
        return instance if instance is not None and instance.status in {STOPPED, *FAILED} else None

    return await op.poll(look)


async def settled(op: Operation, instance_id: str) -> Instance:
    """Wait until the instance is in none of the passing statuses: Running, Stopped or Failed."""

    async def look() -> Instance | None:
        instance = await _seen(op, instance_id)
        return instance if instance is not None and instance.status in {RUNNING, STOPPED, *FAILED} else None

    return await op.poll(look)


async def gone(op: Operation, instance_id: str) -> None:
    """Wait until a read confirms that there is no such instance."""

    async def look() -> bool | None:
        try:
            await _seen(op, instance_id)
        except NotFound:
            return True
        return None

    await op.poll(look)


async def _seen(op: Operation, instance_id: str) -> Instance | None:
    """One read, its status shown; None while the cloud is busy or out of reach."""
    try:
        instance = await op.api.get_instance(instance_id)
    except (Throttled, Uncertain, NotSent) as error:
        if isinstance(error, NotSent) and not error.passing:
            raise
        await op.report(f"waiting for the cloud to answer: {_short(error)}")
        return None
    await op.report(f"{instance.status}{_because(instance)}")
    return instance


def reason(instance: Instance) -> str:
    """Why an instance is in its status, in the cloud's words."""
    parts = [part for part in (instance.reason_code, instance.reason_message) if part]
    return ": ".join(parts) or f"status {instance.status}, the cloud gives no reason"


def _because(instance: Instance) -> str:
    return f" ({reason(instance)})" if instance.reason_code else ""


def _short(error: CloudError) -> str:
    return error.code or type(error).__name__
