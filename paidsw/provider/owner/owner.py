"""`paidsw:index:Owner`: draws an id once, and names the workspace of the stack after it."""

from __future__ import annotations

import re
import secrets
from typing import Any, ClassVar

from paidsw.core import forms
from paidsw.core.messages import Message
from paidsw.core.values import UNKNOWN
from paidsw.provider.errors import PartialFailure, ProviderError, sentence
from paidsw.provider.instance import labels
from paidsw.provider.operation import Operation
from paidsw.provider.owner import claim, place, remains, spaces
from paidsw.provider.owner.claim import Claim
from paidsw.provider.owner.inputs import OwnerInputs, OwnerOutputs
from paidsw.provider.owner.look import PATIENCE, look
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.owner.place import PLACE, Wish
from paidsw.provider.property_model import validated
from paidsw.provider.resource_type import Call, Checked, Difference, Kept, ResourceType, Values, changes
from paidsw.rules.rule import OWNER_TYPE

_DRAWN_BYTES = 6


class OwnerType(ResourceType):
    """The owners."""

    token = OWNER_TYPE
    inputs = OwnerInputs
    outputs = OwnerOutputs
    replacing = frozenset({*PLACE, "ownerId"})
    derived: ClassVar = {"workspaceName": frozenset({"ownerId"})}

    def check(self, call: Call) -> Checked:
        """The shape; what may be replaced is noted for an import."""
        if isinstance(replaced := call.new.get("replaceId"), str):
            call.ledger.given_up.add(replaced)
        filled, problems = validated(OwnerInputs, call.new, of="an input of Owner", hidden=call.secrets)
        return Checked(filled, problems, [])

    async def diff(self, call: Call) -> Difference:
        """Another place means another owner, and is refused while an instance would be lost by it.

        Setting importId is a change only where something is left to be done.
        """
        owner_id = _owner_id(call)
        call.ledger.owners.add(owner_id)
        call.ledger.compared.add(call.start(str(call.old.get("region") or ""), PATIENCE).urn)
        changed = changes(call.old, call.new, PLACE)
        if call.new.get("workspaceName") in (None, call.state.get("workspaceName")):
            # A workspace keeps its name where none is chosen any more.
            changed.pop("workspaceName", None)
        if call.new.get("ownerId") not in (None, owner_id):
            changed["ownerId"] = "update" if "ownerId" in call.old else "add"
        name = str(call.state.get("workspaceName") or "")
        wish = Wish(owner_id, name, call.old, call.new, [*changed], call.secrets)
        is_refresh = not call.ledger.has_program and call.old.get("importId") == wish.import_id
        if not changed and (is_refresh or not wish.import_id):
            return Difference()
        op = call.start(str(call.old.get("region") or ""), PATIENCE)
        instances = await place.living(op, wish)
        if "workspaceId" in changed:
            await place.refuse_own_workspace(op, wish, instances)
        given_up = place.refuse_loss(wish, instances)
        replaces = list(changed)
        if wish.import_id and all(one.instance_id != wish.import_id for one in instances):
            changed["importId"] = "update" if "importId" in call.old else "add"
        return Difference(changed, replaces, given_up)

    async def preview(self, call: Call) -> Values:
        """What a create or an update will give; what it would refuse is refused."""
        owner_id = call.state.get("ownerId") or call.new.get("ownerId") or UNKNOWN
        found = properties(call.new, owner_id, call.state)
        if owner_id is not UNKNOWN:
            call.ledger.owners.add(owner_id)
        if isinstance(region := call.new.get("region"), str):
            op = call.start(region, PATIENCE)
            if not call.state:
                place.refuse_loss_by_upgrade(op, call.new)
                await _tell_place(op, call.new)
            if wanted := _claim(found):
                await claim.check(op, wanted)
        return found

    async def create(self, call: Call) -> Kept:
        """Draw the id, or take an earlier one's place, and take over what is to be imported."""
        owner_id = call.new.get("ownerId") or secrets.token_hex(_DRAWN_BYTES)
        call.ledger.owners.add(owner_id)
        kept = Kept(_identifier(call, owner_id), properties(call.new, owner_id))
        op = call.start(call.new["region"], call.seconds or PATIENCE)
        place.refuse_loss_by_upgrade(op, call.new)
        call.ledger.places[op.urn] = place.of(call.new)
        await _tell_place(op, call.new)
        if wanted := _claim(kept.properties):
            found = await claim.check(op, wanted)
            try:
                await claim.put(op, wanted, found)
            except Exception as error:
                # It may carry this id from now on, which must not get lost.
                raise PartialFailure(kept.identifier, kept.properties, [sentence(error)]) from error
        return kept

    async def read(self, call: Call) -> Kept | None:
        """As it is: nothing of it is in the cloud but a label. Its id doesn't tell its region, so no import."""
        if not call.old:
            raise ProviderError(_not_imported(call.identifier))
        owner_id = _owner_id(call)
        return Kept(_identifier(call, owner_id), properties(call.old, owner_id, call.state), call.old)

    async def update(self, call: Call) -> Values:
        """Take over what is to be imported; the id stays."""
        found = properties(call.new, _owner_id(call), call.state)
        if wanted := _claim(found):
            op = call.start(call.new["region"], call.seconds or PATIENCE)
            await claim.put(op, wanted, await claim.check(op, wanted))
        return found

    async def delete(self, call: Call) -> None:
        """A last look, in all workspaces of the region.

        If this run has replaced it in its place, the instances that carry its id may be in the state still.
        """
        owner_id = _owner_id(call)
        op = call.start(str(call.old.get("region")), call.seconds or remains.DEFAULT_TIMEOUT)
        is_replaced = call.ledger.places.get(op.urn) == place.of(call.old)
        seen = await remains.clear(op, owner_id, stops=not is_replaced)
        if seen.refused is not None:
            await op.warn(OwnerText.SOME_NOT_SEEN(owner=owner_id, region=op.api.region, error=seen.refused))
        name = str(call.state.get("workspaceName") or "")
        if name and op.urn not in call.ledger.places:
            await spaces.release(op, owner_id, name)


def _owner_id(call: Call) -> str:
    """The id of an owner that exists; a resource's own is another one where the owner's is secret."""
    return str(call.state.get("ownerId") or call.identifier)


def _identifier(call: Call, owner_id: str) -> str:
    """The resource's id, which Pulumi keeps in plain."""
    if call.identifier != owner_id and call.identifier:
        return call.identifier
    return secrets.token_hex(_DRAWN_BYTES) if "ownerId" in call.secrets else owner_id


def _not_imported(identifier: str) -> Message:
    if re.match(forms.OWNER_ID, identifier):
        return OwnerText.OWNER_NOT_IMPORTED(owner=identifier)
    return OwnerText.NOT_AN_OWNER(identifier=identifier, label=labels.OWNER)


def properties(inputs: Values, owner_id: Any, known: Values | None = None) -> dict[str, Any]:
    """Inputs and outputs of an owner, whose id may not be known yet; `known` is its state, if it is.

    The workspace that the stack makes has the user's name, or one that no other owner has had, and keeps it.
    """
    if known:
        name = known.get("workspaceName")
    elif inputs.get("workspaceId"):
        name = ""
    else:
        derived = UNKNOWN if owner_id is UNKNOWN else forms.derived_workspace_name(owner_id)
        name = inputs.get("workspaceName") or derived
    return {**inputs, "ownerId": owner_id, "workspaceName": name}


def _claim(values: Values) -> Claim | None:
    """What is to be taken over, by the inputs and outputs of an owner as far as they are known."""
    instance_id, workspace_id = values.get("importId"), values.get("workspaceId") or ""
    if not isinstance(instance_id, str) or workspace_id is UNKNOWN:
        return None
    named = (values.get(name) for name in ("workspaceName", "replaceId"))
    texts = (value if isinstance(value, str) else "" for value in named)
    owner_id = values["ownerId"]
    return Claim(instance_id, "" if owner_id is UNKNOWN else owner_id, workspace_id, *texts)


async def _tell_place(op: Operation, inputs: Values) -> None:
    """Whose place is taken, where it is an earlier owner's: a mistyped id would be somebody else's."""
    owner_id = inputs.get("ownerId")
    if not isinstance(owner_id, str):
        return
    seen = await look(op, owner_id)
    named = ", ".join(f"{one.instance_id} named {one.instance_name}" for one in seen.living)
    if named:
        await op.tell(OwnerText.TAKES_PLACE(owner=owner_id, instances=named))
    else:
        await op.warn(OwnerText.NO_PLACE_TAKEN(owner=owner_id, region=op.api.region))
