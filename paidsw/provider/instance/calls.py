"""`paidsw:index:Instance` as the servicer sees it: the engine's plain values become typed inputs and states here."""

from __future__ import annotations

from paidsw.cloud.models import DELETING
from paidsw.provider.errors import PartialFailure
from paidsw.provider.instance import importing, resource
from paidsw.provider.instance import preview as previewing
from paidsw.provider.instance import read as reading
from paidsw.provider.instance.inputs import REPLACING, InstanceInputs, with_defaults
from paidsw.provider.instance.state import DERIVED, SECRET_INPUTS, SECRET_OUTPUTS, Outputs, State
from paidsw.provider.resource_type import Call, Checked, Difference, Kept, ResourceType, Values


class InstanceType(ResourceType):
    """The instances."""

    token = resource.TOKEN
    inputs = InstanceInputs
    outputs = Outputs
    replacing = REPLACING
    secret_inputs = SECRET_INPUTS
    secret_outputs = SECRET_OUTPUTS
    derived = DERIVED
    in_the_id = frozenset({"region"})
    # A name is unique.
    deletes_first = True
    read_before_update = True

    def check(self, call: Call) -> Checked:
        """Shape, then the free-tier rules."""
        return resource.check(importing.as_declared(call.new), call.secrets, importing.as_found(call.old))

    async def diff(self, call: Call) -> Difference:
        """What changes, property by property. A refresh asks too, before a destroy as well."""
        if call.ledger.has_program:
            call.ledger.in_state.add(_instance_id(call.identifier))
        known, old = State.of(call.state), importing.as_found(call.old)
        instance_id, going = known.outputs.instance_id, known.outputs.status == DELETING
        if instance_id and not going and resource.replaces(old, call.new, known):
            if await _lives(call, instance_id):
                difference = resource.difference(old, call.new, known)
                await previewing.refuse_replacement(call.start, instance_id, call.new)
                return difference
            known = State(known.inputs, Outputs())
        return resource.difference(old, call.new, known)

    async def preview(self, call: Call) -> Values:
        """What a create or an update would give."""
        if not call.state:
            return await previewing.of_create(call.start, call.new)
        place = _place(call.identifier, call.state)
        return await previewing.of_update(
            call.start, place.instance_id, call.new, importing.as_found(call.old), call.state
        )

    async def create(self, call: Call) -> Kept:
        """Create it, which starts it."""
        try:
            place, state = await resource.create(call.start, call.seconds, InstanceInputs.of(call.new))
        except PartialFailure as failure:
            call.ledger.in_state.add(_instance_id(failure.resource_id))
            raise
        call.ledger.in_state.add(place.instance_id)
        return Kept(str(place), state.plain())

    async def read(self, call: Call) -> Kept | None:
        """Refresh, or import, which comes without inputs."""
        place = _place(call.identifier, call.state, call.old)
        old = importing.as_found(call.old)
        declared = InstanceInputs.of(with_defaults(old)) if old else None
        found = await resource.read(call.start, place, declared, State.of(call.state))
        # An id of an earlier version becomes one of this version here, before the engine compares it.
        if found is None:
            return None
        added = importing.still_added(call.old, found.inputs) if old else found.added
        return Kept(str(place), found.plain(), importing.recorded(found.inputs, added))

    async def update(self, call: Call) -> Values:
        """Make it what is declared."""
        place = _place(call.identifier, call.new)
        before = InstanceInputs.of(with_defaults(importing.as_found(call.old)))
        inputs, known = InstanceInputs.of(call.new), State.of(call.state)
        return (await resource.update(call.start, call.seconds, place, before, inputs, known)).plain()

    async def delete(self, call: Call) -> None:
        """Delete it."""
        place = _place(call.identifier, call.state, call.old)
        inputs, known = (
            InstanceInputs.of(importing.as_found({**call.state, **call.old})),
            State.of(call.state),
        )
        await resource.delete(call.start, call.seconds, place, inputs, imported=known.is_imported)
        call.ledger.in_state.discard(place.instance_id)


async def _lives(call: Call, instance_id: str) -> bool:
    """Whether the instance of a diff is still there: a run that was killed may have deleted it to replace it."""
    op = call.start(_place(call.identifier, call.state, call.old).region, reading.DEFAULT_TIMEOUT)
    return await reading.read(op, instance_id) is not None


def _place(identifier: str, *values: Values) -> resource.Place:
    """Where the resource with an id is, for an id of an earlier version by the last region among the values."""
    regions = [str(one["region"]) for one in values if one.get("region")]
    return resource.Place.of(identifier, *regions[-1:])


def _instance_id(identifier: str) -> str:
    return identifier.rpartition("/")[2]
