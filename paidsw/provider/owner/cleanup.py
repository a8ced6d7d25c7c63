"""`paidsw:index:Cleanup`: deleted after the instance and before the workspace, it looks for what is left."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import labels
from paidsw.provider.owner import place, remains
from paidsw.provider.owner.inputs import CleanupInputs, CleanupOutputs
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.property_model import validated
from paidsw.provider.resource_type import Call, Checked, Difference, Kept, ResourceType, Values, changes
from paidsw.rules.rule import CLEANUP_TYPE

_DRAWN_BYTES = 6
_INPUTS = ("region", "workspaceId", "ownerId")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at. As text it is the resource's id, REGION/WORKSPACE_ID/OWNER_ID, unless a part is secret."""

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

    @classmethod
    def of_call(cls, call: Call) -> Scope:
        """The scope of a cleanup: by what the engine has of it, or by its id where it is imported."""
        known = {**call.state, **call.old}
        return cls(*(known[name] for name in _INPUTS)) if known else cls.of(call.identifier)

    def identifier(self, call: Call) -> str:
        """The resource's id, which Pulumi keeps in plain."""
        if call.identifier not in ("", str(self)) or not call.secrets & {*_INPUTS}:
            return call.identifier or str(self)
        return f"{self.region}/{secrets.token_hex(_DRAWN_BYTES)}"

    def __str__(self) -> str:
        return f"{self.region}/{self.workspace_id}/{self.owner_id}"


class CleanupType(ResourceType):
    """The cleanups."""

    token = CLEANUP_TYPE
    inputs = CleanupInputs
    outputs = CleanupOutputs
    replacing = frozenset(_INPUTS)
    in_the_id = frozenset({"region"})

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
        scope = Scope(found.region, found.workspace_id, found.owner_id)
        call.ledger.cleanups.add(str(scope))
        return Kept(scope.identifier(call), call.new)

    async def read(self, call: Call) -> Kept | None:
        """As it is, and for an import as its id says."""
        scope = Scope.of_call(call)
        found = dict(zip(_INPUTS, (scope.region, scope.workspace_id, scope.owner_id), strict=True))
        if not call.old and validated(CleanupInputs, found, of="an input of Cleanup")[1]:
            raise ProviderError(OwnerText.NO_SCOPE(identifier=call.identifier, label=labels.OWNER))
        return Kept(scope.identifier(call), found, found)

    async def update(self, call: Call) -> Values:
        """Never called: every change replaces."""
        return call.new

    async def delete(self, call: Call) -> None:
        """End what is left in the scope, unless this run has replaced this cleanup by another one of the same scope.

        `pulumi up --target-replace` creates it without asking for any difference first.
        """
        scope = Scope.of_call(call)
        if str(scope) in call.ledger.cleanups:
            call.ledger.cleanups.discard(str(scope))
            return
        call.ledger.workspaces.add(scope.workspace_id)
        op = call.start(scope.region, call.seconds or remains.DEFAULT_TIMEOUT)
        seen = await remains.clear(op, scope.owner_id, scope.workspace_id)
        there = [one for one in seen.others if one.workspace_id == scope.workspace_id]
        if there and await place.is_own_workspace(op, scope.workspace_id, scope.owner_id):
            for one in there:
                named = {"instance": one.instance_id, "name": one.instance_name}
                await op.warn(OwnerText.KEEPS_WORKSPACE(workspace=scope.workspace_id, **named))
