"""`paidsw:index:Cleanup`: deleted after the instance and before the workspace, it looks for what is left."""

from __future__ import annotations

from dataclasses import dataclass

from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import labels
from paidsw.provider.owner import place, remains
from paidsw.provider.owner.inputs import CleanupInputs, CleanupOutputs
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.property_model import validated
from paidsw.provider.resource_type import Call, Checked, Difference, Kept, ResourceType, Values, changes
from paidsw.rules.rule import CLEANUP_TYPE

_INPUTS = ("region", "workspaceId", "ownerId")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at. As text it is the resource's id, REGION/WORKSPACE_ID/OWNER_ID."""

    region: str
    workspace_id: str
    owner_id: str

    @classmethod
    def of(cls, identifier: str) -> Scope:
        """The scope of an id."""
        parts = identifier.split("/")
        if len(parts) != len(_INPUTS) or not all(parts):
            raise ProviderError(OwnerText.NO_SCOPE(identifier=identifier, label=labels.OWNER))
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.region}/{self.workspace_id}/{self.owner_id}"


class CleanupType(ResourceType):
    """The cleanups."""

    token = CLEANUP_TYPE
    inputs = CleanupInputs
    outputs = CleanupOutputs
    replacing = frozenset(_INPUTS)

    def check(self, call: Call) -> Checked:
        """The shape."""
        filled, problems = validated(CleanupInputs, call.new, of="an input of Cleanup", hidden=call.secrets)
        return Checked(filled, problems, [])

    async def diff(self, call: Call) -> Difference:
        """Another scope means another cleanup."""
        changed = changes(call.old, call.new, _INPUTS)
        return Difference(changed, list(changed))

    async def preview(self, call: Call) -> Values:
        """The inputs."""
        return call.new

    async def create(self, call: Call) -> Kept:
        """Note the scope; nothing is called."""
        found = CleanupInputs.of(call.new)
        identifier = str(Scope(found.region, found.workspace_id, found.owner_id))
        call.ledger.cleanups.add(identifier)
        return Kept(identifier, call.new)

    async def read(self, call: Call) -> Kept | None:
        """As it is, and for an import as its id says."""
        scope = Scope.of(call.identifier)
        found = dict(zip(_INPUTS, (scope.region, scope.workspace_id, scope.owner_id), strict=True))
        if not call.old and validated(CleanupInputs, found, of="an input of Cleanup")[1]:
            raise ProviderError(OwnerText.NO_SCOPE(identifier=call.identifier, label=labels.OWNER))
        return Kept(call.identifier, found, found)

    async def update(self, call: Call) -> Values:
        """Never called: every change replaces."""
        return call.new

    async def delete(self, call: Call) -> None:
        """End what is left in the scope, unless this run has replaced this cleanup by another one of the same scope.

        `pulumi up --target-replace` creates it without asking for any difference first.
        """
        if call.identifier in call.ledger.cleanups:
            call.ledger.cleanups.discard(call.identifier)
            return
        scope = Scope.of(call.identifier)
        call.ledger.workspaces.add(scope.workspace_id)
        op = call.start(scope.region, call.seconds or remains.DEFAULT_TIMEOUT)
        seen = await remains.clear(op, scope.owner_id, scope.workspace_id)
        there = [one for one in seen.others if one.workspace_id == scope.workspace_id]
        if there and await place.is_own_workspace(op, scope.workspace_id, scope.owner_id):
            for one in there:
                named = {"instance": one.instance_id, "name": one.instance_name}
                await op.warn(OwnerText.KEEPS_WORKSPACE(workspace=scope.workspace_id, **named))
