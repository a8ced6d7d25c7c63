"""How an operation that began on a living instance ends when it doesn't end well: with the instance's id."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from paidsw.cloud import Instance
from paidsw.cloud.models import ARREARS, RUNNING
from paidsw.cloud.polling import Cancelled, TimedOut
from paidsw.provider.errors import PartialFailure, sentence
from paidsw.provider.instance import seen, wire
from paidsw.provider.operation import Operation

T = TypeVar("T")
ADVICE = "run pulumi up to go on, or pulumi destroy to release it"
OWING = (
    "the account owes money; settle it in the console's 费用中心 (Expenses), then pulumi up starts it again; the cloud "
    "keeps the files for some days only"
)


async def keeping(instance_id: str, inputs: Mapping[str, Any], work: Awaitable[T]) -> T:
    """Do something with an instance so that its id survives whatever mistake of ours."""
    try:
        return await work
    except PartialFailure:
        raise
    except Exception as error:
        state = {**inputs, "instanceId": instance_id}
        raise PartialFailure(instance_id, state, [sentence(error)], secrets=wire.SECRET_OUTPUTS) from error


async def unfinished(
    op: Operation, inputs: Mapping[str, Any], instance: Instance, reasons: list[str]
) -> PartialFailure:
    """What the engine is told so that it keeps the instance's id, and what the cloud has of it."""
    try:
        state = await seen.state(op, instance, inputs)
    except Exception:
        # Whatever is wrong with the rest, the id must not be lost.
        state = {**inputs, "instanceId": instance.instance_id}
    return PartialFailure(instance.instance_id, state, reasons, secrets=wire.SECRET_OUTPUTS)


def told(error: Exception, instance: Instance, timeout: float, wanted: str = RUNNING) -> str:
    """An error that ended an operation on an instance, which was to become `wanted`, as one sentence."""
    shown = f"instance {instance.instance_id}"
    if isinstance(error, Cancelled):
        return f"cancelled while {shown} was {instance.status or 'starting'}"
    if isinstance(error, TimedOut):
        return f"{shown} was not {wanted} after {timeout:.0f} s, last seen {instance.status or 'without a status'}"
    found = sentence(error)
    if instance.status == ARREARS:
        return f"{shown} was stopped by the cloud: {OWING} ({found})"
    return found if instance.instance_id in found else f"{shown}: {found}"
