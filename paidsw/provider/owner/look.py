"""What of an owner lives in a region."""

from __future__ import annotations

from dataclasses import dataclass

from paidsw.cloud import CloudError, Instance, NotFound
from paidsw.cloud.models import DELETING
from paidsw.provider.instance import labels, search
from paidsw.provider.instance.ownership import Identity
from paidsw.provider.operation import Operation

# How long a look is tried again past transient errors, in seconds.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The instances of an owner, and of others; `refused` says why some may not have been seen."""

    instances: list[Instance]
    others: list[Instance]
    refused: CloudError | None

    @property
    def living(self) -> list[Instance]:
        """Those that aren't being deleted."""
        return [one for one in self.instances if one.status != DELETING]


async def look(op: Operation, owner_id: str, workspace_id: str = "") -> Seen:
    """What carries the owner's id in the operation's region, with what an interrupted create may have made.

    Waits for the latter while the journal says that there may be one. `workspace_id` is the known workspace, which may
    be gone. Raises CloudError and Cancelled.
    """
    op.workspace_id = workspace_id
    noted = await search.noted_instances(op, Identity("", owner_id))
    try:
        listing = await op.within(PATIENCE).retry(op.listing)
    except NotFound:
        op.workspace_id = ""
        listing = await op.within(PATIENCE).retry(op.listing)
    found = search.with_noted(listing.instances, noted)
    others = [one for one in found if labels.owner_id(one.labels) != owner_id]
    return Seen([one for one in found if one not in others], others, listing.refused)
