"""Taking over an instance: it gets the owner's label before the engine imports it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from paidsw.cloud import CloudError, Instance
from paidsw.cloud.models import DELETING
from paidsw.cloud.polling import Cancelled
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import labels, waiters
from paidsw.provider.instance import read as reading
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.ownership import shown
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.provider.owner.look import PATIENCE
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.owner.unasked import next_step, reason


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be taken over by which owner (empty: one that has no id yet), and into which workspace.

    `workspace_id` is empty for the workspace that the stack makes, and `workspace_name` is that one's, if it is known.
    `replace_id` is the instance of the stack that may be replaced by it.
    """

    instance_id: str
    owner_id: str
    workspace_id: str = ""
    workspace_name: str = ""
    replace_id: str = ""


async def check(op: Operation, claim: Claim) -> Instance:
    """The instance, if it can be taken over. Raises ProviderError."""
    try:
        found = await op.within(PATIENCE).retry(lambda: reading.found(op, claim.instance_id))
        listed = await op.within(PATIENCE).retry(op.all_instances)
    except (CloudError, Cancelled) as error:
        unseen = OwnerText.NOT_CLAIMED_UNSEEN(instance=claim.instance_id, error=reason(error))
        raise ProviderError(unseen, next_step(error, Text.RUN_UP_AGAIN())) from None
    if found is None:
        raise ProviderError(InstanceText.IMPORT_NOT_FOUND(instance=claim.instance_id, region=op.api.region))
    if found.status == DELETING:
        raise ProviderError(InstanceText.IMPORT_GOING(instance=claim.instance_id))
    _refuse_foreign(op, claim, found)
    _refuse_elsewhere(claim, found)
    _refuse_second(op, claim, listed)
    return found


async def put(op: Operation, claim: Claim, instance: Instance) -> None:
    """Put the label until a read shows it. Raises ProviderError: it may carry the label then."""
    try:
        for _ in range(waiters.READS_THAT_MAY_LAG + 1):
            if labels.owner_id(instance.labels) == claim.owner_id:
                return
            await op.retry(lambda: op.api.put_labels(claim.instance_id, {labels.OWNER: claim.owner_id}))
            await op.pause()
            instance = await op.retry(lambda: op.api.get_instance(claim.instance_id))
    except (CloudError, Cancelled) as error:
        unmarked = OwnerText.NOT_CLAIMED(instance=claim.instance_id, error=reason(error))
        raise ProviderError(unmarked, next_step(error, Text.RUN_UP_AGAIN())) from None
    if labels.owner_id(instance.labels) != claim.owner_id:
        raise ProviderError(Text.LABELS_NOT_SHOWN(what=labels.OWNER))


def _refuse_foreign(op: Operation, claim: Claim, found: Instance) -> None:
    """What another owner has, or another stack of a version without owners, is taken from nobody."""
    owner_id = labels.owner_id(found.labels)
    if owner_id == claim.owner_id and owner_id:
        return
    owner = labels.owner(found.labels, op.urn)
    if owner_id:
        taken = OwnerText.IMPORT_OWNED(instance=claim.instance_id, owner=owner)
        raise ProviderError(taken, OwnerText.DESTROY_OR_TAKE_PLACE(owner=owner_id))
    if labels.URN in found.labels and not labels.is_of_stack(op.urn, found.labels):
        raise ProviderError(
            InstanceText.IMPORT_OF_OTHER(instance=claim.instance_id, owner=owner, label=labels.URN)
        )


def _refuse_elsewhere(claim: Claim, found: Instance) -> None:
    if not found.workspace_id or labels.owner_id(found.labels) == claim.owner_id != "":
        return
    if claim.workspace_id:
        fits = claim.workspace_id == found.workspace_id
    else:
        # An earlier version's workspace may have any name.
        fits = labels.URN in found.labels or found.workspace_name == claim.workspace_name != ""
    if not fits:
        elsewhere = OwnerText.IMPORT_ELSEWHERE(instance=claim.instance_id, found=found.workspace_id)
        raise ProviderError(elsewhere, OwnerText.SET_WORKSPACE_ID(workspace=found.workspace_id))


def _refuse_second(op: Operation, claim: Claim, listed: Iterable[Instance]) -> None:
    """What the stack has already would be replaced: of this owner, or of a version without owners."""
    given_up = {claim.instance_id, claim.replace_id}
    for one in listed:
        if one.status == DELETING or one.instance_id in given_up:
            continue
        if owner_id := labels.owner_id(one.labels):
            is_here = owner_id == claim.owner_id
        else:
            is_here = labels.URN in one.labels and labels.is_of_stack(op.urn, one.labels)
        if is_here:
            raise already_has(claim.instance_id, one)


def already_has(wanted: str, one: Instance) -> ProviderError:
    """The error where the stack has another instance than the wanted one."""
    return ProviderError(
        OwnerText.HAS_ANOTHER(wanted=wanted, **shown(one)),
        OwnerText.RM_IMPORT_OR_GIVE_UP(instance=one.instance_id),
    )
