"""Taking over an instance that exists: everything is compared before an import is declared.

The engine records an import before it compares anything, and puts what doesn't match right afterwards, by a replacement
if it must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paidsw.cloud import CloudError, Instance
from paidsw.cloud.models import DELETING
from paidsw.core.messages import Message
from paidsw.provider.instance import labels
from paidsw.provider.instance import read as reading
from paidsw.provider.instance.as_settings import differences
from paidsw.provider.messages import Text
from paidsw.provider.resource_type import Start
from paidsw.trial.terms import TERMS


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instance to take over, and the inputs that would declare it.

    `project` and `stack` are those of the program, as the labels of an instance of theirs have them.
    """

    region: str
    instance_id: str
    inputs: Mapping[str, Any]
    project: str
    stack: str


async def problems(start: Start, wanted: Wanted) -> list[Message]:
    """What keeps an instance from being imported as it is declared, one sentence each; empty when nothing does.

    One that carries the label of an owner is that owner's to answer for; its settings may change like those of
    every instance of the stack. So may those of one that an earlier version made for this stack.
    """
    region, instance = await _find(start, wanted)
    if instance is None:
        return [Text.IMPORT_NOT_FOUND(instance=wanted.instance_id, region=wanted.region)]
    if instance.status == DELETING:
        return [Text.IMPORT_GOING(instance=wanted.instance_id)]
    if labels.OWNER in instance.labels or _of_this_stack(wanted, instance):
        return []
    if labels.URN in instance.labels:
        owner = labels.owner(instance.labels)
        return [Text.IMPORT_OF_OTHER(instance=wanted.instance_id, owner=owner, label=labels.URN)]
    if forbidden := reading.forbidden(instance, region):
        return [_refused(instance, why) for why in forbidden]
    found = [_refused(instance, why) for why in reading.bare(instance)]
    found += [one.message for one in differences(wanted.inputs, instance, region)]
    return [*await _beside(start, wanted), *found] if found else []


async def _find(start: Start, wanted: Wanted) -> tuple[str, Instance | None]:
    """The instance and its region: the declared one, or another of the trial where it is."""
    op = start(wanted.region, reading.DEFAULT_TIMEOUT)
    found = await op.retry(lambda: reading.found(op, wanted.instance_id))
    if found is not None:
        return wanted.region, found
    for region in TERMS.region_ids:
        try:
            if region != wanted.region:
                api = start(region, reading.DEFAULT_TIMEOUT).api
                return region, await api.get_instance(wanted.instance_id)
        except CloudError:
            continue  # it is a hint only: the declared region has no such instance
    return wanted.region, None


async def _beside(start: Start, wanted: Wanted) -> list[Message]:
    """What the stack, or one of its name, has already: nobody should change settings for an import that won't be."""
    op = start(wanted.region, reading.DEFAULT_TIMEOUT)
    listed = await op.retry(op.all_instances)
    others = [one for one in listed if one.status != DELETING and _of_this_stack(wanted, one)]
    return [Text.IMPORT_BESIDE(instance=wanted.instance_id, other=one.instance_id) for one in others[:1]]


def _refused(instance: Instance, why: Message) -> Message:
    return Text.NOT_IMPORTED(instance=instance.instance_id, why=why)


def _of_this_stack(wanted: Wanted, instance: Instance) -> bool:
    named = {labels.PROJECT: wanted.project, labels.STACK: wanted.stack}
    return labels.URN in instance.labels and named.items() <= instance.labels.items()
