"""Delete: done when a read confirms it."""

from __future__ import annotations

from dsw import CloudError, NotFound, Refused
from dsw.models import DELETING
from dsw.waiting import Cancelled, TimedOut
from provider.errors import ProviderError
from provider.instance import guards, waits
from provider.operation import Operation

DEFAULT_TIMEOUT = 10 * 60.0


async def delete(op: Operation, instance_id: str) -> None:
    """Delete an instance from any status. That it is gone already is success."""
    try:
        try:
            await op.persist(lambda: op.api.delete_instance(instance_id))
        except NotFound:
            return
        except Refused as refusal:
            await _stop_then_delete(op, instance_id, refusal)
        await waits.gone(op, instance_id)
    except Cancelled:
        raise ProviderError(
            f"cancelled while instance {instance_id} was being deleted; run pulumi destroy again"
        ) from None
    except TimedOut:
        raise ProviderError(
            f"instance {instance_id} was still there {op.timeout:.0f} s after its delete; run pulumi destroy again, "
            "and look into the PAI console if it stays"
        ) from None


async def _stop_then_delete(op: Operation, instance_id: str, refusal: CloudError) -> None:
    """Whether a delete needs a stopped instance is documented nowhere, so a refused one is tried again so."""
    try:
        instance = await op.persist(lambda: op.api.get_instance(instance_id))
        if instance.status == DELETING:
            return
        await op.persist(lambda: guards.stop(op, instance_id))
        await waits.stopped(op, instance_id)
        await op.persist(lambda: op.api.delete_instance(instance_id))
    except NotFound:
        return
    except Refused as error:
        raise ProviderError(
            f"instance {instance_id} could not be deleted: {error} (before: {refusal}); it exists still, "
            "run pulumi destroy again"
        ) from None
