"""Our labels and the user's on an instance: put, and confirmed by a read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from paidsw.cloud import Instance
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import api, labels, waiters
from paidsw.provider.instance.failures import Unfinished, described
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation


async def relabel(op: Operation, instance: Instance, inputs: InstanceInputs) -> Instance:
    """Give an instance the labels of these inputs and no others of the user's; the instance.

    A create that hasn't finished stays so: `finish` ends it.
    """
    wanted = api.all_labels(inputs, op.urn)
    if labels.unfinished(instance.labels):
        del wanted[labels.CREATE]
    return await _put(op, instance, wanted, exact=True)


async def finish(op: Operation, instance: Instance) -> Instance:
    """Note on an instance that its create has ended well; the instance. Raises Unfinished: it exists."""
    try:
        return await _put(op, instance, {labels.CREATE: labels.FINISHED})
    except Exception as error:
        why = described(error, instance, op.timeout)
        raise Unfinished(instance, [why], Text.RUN_UP_TO_RESUME()) from error


async def _put(
    op: Operation, instance: Instance, wanted: Mapping[str, str], *, exact: bool = False
) -> Instance:
    """Set labels, and with `exact` remove others, until a read shows it: the answers say nothing of success."""
    before = instance
    for attempt in range(waiters.READS_THAT_MAY_LAG + 1):
        missing = {key: value for key, value in wanted.items() if instance.labels.get(key) != value}
        surplus = [key for key in _removable(instance) if exact and key not in wanted]
        if not missing and not surplus:
            # What else a read shows may lag behind.
            return before.model_copy(update={"labels": instance.labels})
        if attempt:
            await op.pause()
        await op.retry(partial(_send, op, instance.instance_id, missing, surplus))
        instance = await op.retry(partial(op.api.get_instance, instance.instance_id))
    raise ProviderError(Text.LABELS_NOT_SHOWN(what=", ".join([*missing, *surplus])))


def _removable(instance: Instance) -> list[str]:
    """The user's labels, and the owner's, which an instance without an owner doesn't keep."""
    return [*labels.of_user(instance.labels), *({labels.OWNER} & instance.labels.keys())]


async def _send(op: Operation, instance_id: str, missing: dict[str, str], surplus: list[str]) -> None:
    if missing:
        await op.api.put_labels(instance_id, missing)
    if surplus:
        await op.api.delete_labels(instance_id, surplus)
