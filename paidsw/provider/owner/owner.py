"""`paidsw:index:Owner`: draws an id once, and names the workspace of the stack after it."""

from __future__ import annotations

import secrets
from typing import Any

from paidsw.core.values import UNKNOWN
from paidsw.provider.errors import ProviderError
from paidsw.provider.messages import Text
from paidsw.provider.owner.inputs import OwnerInputs, OwnerOutputs
from paidsw.provider.property_model import validated
from paidsw.provider.resource_type import Call, Checked, Difference, Kept, ResourceType, Values, changes
from paidsw.rules.rule import OWNER_TYPE

# Where the instances of an owner are. Somewhere else they belong to a new one, whose workspace's name is free.
PLACE = ("region", "workspaceId", "workspaceName")
_PREFIX = "free_tier_"


class OwnerType(ResourceType):
    """The owners."""

    token = OWNER_TYPE
    inputs = OwnerInputs
    outputs = OwnerOutputs
    replacing = frozenset(PLACE)

    def check(self, call: Call) -> Checked:
        """The shape."""
        filled, problems = validated(OwnerInputs, call.new, of="an input of Owner", hidden=call.secrets)
        return Checked(filled, problems, [])

    async def diff(self, call: Call) -> Difference:
        """Another place means another owner."""
        moved = changes(call.old, call.new, PLACE)
        return Difference(moved, list(moved))

    async def preview(self, call: Call) -> Values:
        """What a create or an update will give."""
        return properties(call.new, call.state.get("ownerId") or call.new.get("ownerId") or UNKNOWN)

    async def create(self, call: Call) -> Kept:
        """Draw the id."""
        owner_id = call.new.get("ownerId") or secrets.token_hex(6)
        return Kept(owner_id, properties(call.new, owner_id))

    async def read(self, call: Call) -> Kept | None:
        """As it is: nothing of it is in the cloud but a label. Its id doesn't tell its region, so no import."""
        if not call.old:
            raise ProviderError(Text.OWNER_NOT_IMPORTED(owner=call.identifier))
        return Kept(call.identifier, properties(call.old, call.identifier), call.old)

    async def update(self, call: Call) -> Values:
        """The same id."""
        return properties(call.new, call.identifier)

    async def delete(self, call: Call) -> None:
        """Nothing of it is left."""


def properties(inputs: Values, owner_id: Any) -> dict[str, Any]:
    """Inputs and outputs of an owner; the id may not be known yet."""
    return {**inputs, "ownerId": owner_id, "workspaceName": workspace_name(inputs, owner_id)}


def workspace_name(inputs: Values, owner_id: Any) -> Any:
    """The name of the workspace that the stack makes: the user's, or one that no other owner has had."""
    if inputs.get("workspaceId"):
        return ""
    derived = UNKNOWN if owner_id is UNKNOWN else _PREFIX + owner_id
    return inputs.get("workspaceName") or derived
