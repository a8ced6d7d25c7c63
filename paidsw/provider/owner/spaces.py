"""A workspace that the stack asked for and never learned of, since the reply to its create was lost.

It has the owner's id in its name, or in its description where the user chose the name, so it can be nobody else's.
"""

from __future__ import annotations

import contextlib

from paidsw.cloud import CloudError, NotFound
from paidsw.cloud.polling import Cancelled, TimedOut
from paidsw.provider.errors import ProviderError
from paidsw.provider.operation import Operation
from paidsw.provider.owner.look import PATIENCE
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.owner.unasked import reason


async def release(op: Operation, owner_id: str, name: str) -> None:
    """Delete the owner's workspace of that name, unless the engine's state had it. Raises ProviderError if it stays."""
    try:
        found = await op.within(PATIENCE).retry(lambda: op.api.find_workspaces(name))
    except (CloudError, Cancelled, TimedOut) as error:
        why = reason(error) if isinstance(error, CloudError) else OwnerText.NO_ANSWER_IN_TIME()
        await op.warn(OwnerText.WORKSPACE_NOT_ASKED(name=name, region=op.api.region, error=why))
        return
    for workspace_id, description in found.items():
        if owner_id in f"{name} {description}" and workspace_id not in op.ledger.workspaces:
            await _deleted(op, name, workspace_id)


async def _deleted(op: Operation, name: str, workspace_id: str) -> None:
    try:
        with contextlib.suppress(NotFound):
            await op.within(PATIENCE).retry(lambda: op.api.delete_workspace(workspace_id))
    except (CloudError, Cancelled, TimedOut) as error:
        why = error if isinstance(error, CloudError) else OwnerText.NO_ANSWER_IN_TIME()
        stays = OwnerText.WORKSPACE_STAYS(name=name, workspace=workspace_id, region=op.api.region, error=why)
        raise ProviderError(stays, OwnerText.OR_FORGET_OWNER(urn=op.urn)) from None
    await op.tell(OwnerText.WORKSPACE_RELEASED(name=name, workspace=workspace_id))
