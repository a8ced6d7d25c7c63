"""The resource `paidsw:index:Instance`: what each call of the engine means for it.

Check, Diff and previews are about plain values, of which some may not be known yet; all that changes an instance is
about typed inputs and states.
"""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from paidsw.cloud import Instance
from paidsw.cloud.models import DELETING
from paidsw.core.messages import Message, UserError, listed
from paidsw.core.problems import Problem
from paidsw.core.values import SecretValue
from paidsw.provider.errors import PartialFailure, ProviderError, sentence
from paidsw.provider.instance import backup, diff, disk, importing, labelling, labels, power, state
from paidsw.provider.instance import create as creating
from paidsw.provider.instance import delete as deleting
from paidsw.provider.instance import inputs as declaring
from paidsw.provider.instance import read as reading
from paidsw.provider.instance import update as updating
from paidsw.provider.instance.failures import Unfinished
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.ownership import Identity
from paidsw.provider.instance.startup import Startup
from paidsw.provider.instance.state import Outputs, State
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation, Recorded
from paidsw.provider.resource_type import Checked, Difference, Start
from paidsw.provider.values import contains_unknown
from paidsw.rules.registry import evaluate
from paidsw.rules.rule import INSTANCE_TYPE, Level
from paidsw.trial.terms import TERMS

TOKEN = INSTANCE_TYPE


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance is. As text it is the resource's id, REGION/INSTANCE_ID, which an import takes too."""

    region: str
    instance_id: str

    @classmethod
    def of(cls, identifier: str, region: str = "") -> Place:
        """The place of an id. Earlier versions' are the INSTANCE_ID alone; `region` is what else is known then."""
        named, _, instance_id = identifier.rpartition("/")
        if not (named or region) or not instance_id:
            raise ProviderError(Text.NO_PLACE(identifier=identifier))
        return cls(named or region, instance_id)

    def __str__(self) -> str:
        return f"{self.region}/{self.instance_id}"


def check(
    values: Mapping[str, Any], secrets: Collection[str] = (), old: Mapping[str, Any] | None = None
) -> Checked:
    """Shape first, then the free-tier rules: the same rules as the policy pack's, here for a plain `pulumi up`.

    The values of the properties in `secrets` appear in no sentence. `old` are the inputs so far, of a resource that is.
    """
    filled, failures = declaring.check(values, secrets)
    found = evaluate({key: SecretValue(value) if key in secrets else value for key, value in filled.items()})
    named = {problem.name for problem in failures}
    failures += [
        Problem(v.top_level, v.message)
        for v in found
        if v.level is not Level.ADVISORY and v.top_level not in named
    ]
    failures += _unsaved(old or {}, filled)
    advice = [TERMS.notice] if TERMS.notice else []
    advice += [v.message for v in found if v.level is Level.ADVISORY]
    return Checked(filled, failures, advice)


def _unsaved(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Problem]:
    """A backup declared together with what replaces the instance: the engine deletes the old one as it was declared."""
    if not old or "backup" in old or "backup" not in new:
        return []
    replaces = diff.replacing(diff.changes(declaring.with_defaults(old), declaring.with_defaults(new)))
    if not replaces:
        return []
    return [Problem("backup", Text.NEW_BACKUP_AND_REPLACED(what=" and ".join(replaces)))]


def replaces(old: Mapping[str, Any], new: Mapping[str, Any], known: State) -> bool:
    """Whether an update from these old inputs would replace the instance."""
    after = declaring.with_defaults(new)
    before = state.comparable(declaring.with_defaults(old), after, known)
    return bool(diff.replacing(diff.changes(before, after)))


def difference(old: Mapping[str, Any], new: Mapping[str, Any], known: State) -> Difference:
    """What an update would change of a resource with these old inputs and this state.

    Raises ProviderError for what would replace an instance, unless that was asked for by its id.
    """
    before, after = declaring.with_defaults(old), declaring.with_defaults(new)
    changed = diff.changes(state.comparable(before, after, known), after)
    advice = [Text.BACKUP_AFTER_IMPORT()] if state.leaves_out_backup(before, after, known) else []
    replaces = diff.replacing(changed)
    if known.outputs.status == DELETING:
        # Nothing of it can be saved or changed any more.
        return Difference({**changed, "status": "update"}, ["status", *replaces], advice)
    return Difference(changed, replaces, advice + _of_replacement(replaces, before, after, known))


def _of_replacement(
    replaces: list[str], old: Mapping[str, Any], new: Mapping[str, Any], known: State
) -> list[Message]:
    """What is to be said of the inputs that replace a living instance; refuses it where nobody asked for it."""
    instance_id = known.outputs.instance_id
    permitted = not instance_id or new.get("replaceId") == instance_id
    settled = [name for name in replaces if not contains_unknown(new.get(name))]
    if settled and not permitted:
        raise ProviderError(
            InstanceText.WOULD_BE_REPLACED(
                changes=listed(
                    InstanceText.CHANGED_FROM(name=name, old=old.get(name), new=new.get(name))
                    for name in settled
                ),
                instance=instance_id,
            ),
            InstanceText.SET_BACK_OR_REPLACE(instance=instance_id),
        )
    if not replaces or not instance_id:
        return []
    if permitted:
        return [InstanceText.REPLACED_AS_ASKED(instance=instance_id)]
    return [InstanceText.MAY_BE_REPLACED(names=" and ".join(replaces), instance=instance_id)]


def _in_workspace(op: Operation, inputs: InstanceInputs) -> Operation:
    """The operation, which also looks where these inputs say that the instance is, if that is known."""
    if isinstance(inputs.workspace_id, str):
        op.workspace_id = inputs.workspace_id
    return op


async def create(start: Start, seconds: float, inputs: InstanceInputs) -> tuple[Place, State]:
    """Create, or take over what an interrupted run left; where it is, and its state."""
    op = start(inputs.region, seconds or creating.DEFAULT_TIMEOUT)
    found = await creating.create(op, inputs)
    place = Place(inputs.region, found.instance.instance_id)
    if isinstance(found, creating.LeftOver):
        work = updating.update(op, found.instance, found.given, inputs)
    else:
        work = _started(op, found, inputs)
    made = await _state_after(op, place, inputs, work)
    op.journal.settle(place.region, creating.identity(op, inputs).key, place.instance_id)
    return place, made


async def _started(op: Operation, created: creating.Created, inputs: InstanceInputs) -> Instance:
    instance = await Startup(op, inputs, created.instance, created.admission, new=True).finish()
    if inputs.running:
        return await labelling.finish(op, instance)
    await op.tell(Text.STARTS_FIRST(instance=instance.instance_id))
    return await updating.update(op, instance, InstanceInputs.of({}), inputs)


async def read(start: Start, place: Place, inputs: InstanceInputs | None, known: State) -> State | None:
    """The state as the cloud has it; None when the instance is gone. Without `inputs` it is an import.

    Raises PartialFailure for an instance that isn't up, though declared so: the next update then resumes it.
    """
    op = _in_workspace(start(place.region, reading.DEFAULT_TIMEOUT), known.inputs)
    instance = await reading.read(op, place.instance_id)
    if instance is None or (inputs is None and instance.status == DELETING):
        return None
    if inputs is None:
        return await _imported(op, instance, known)
    owner_id = inputs.owner_id or known.inputs.owner_id
    reading.refuse_foreign(op, instance, owner_id, known.inputs.owner_id)
    if instance.status != DELETING:
        op.ledger.recorded[place.instance_id] = Recorded(
            op.urn,
            place.region,
            instance.instance_name,
            instance.status,
            instance.workspace_id,
            instance.workspace_name,
        )
    op.journal.settle(place.region, Identity(op.urn, owner_id or "").key, place.instance_id)
    actual = _seen(instance, place, inputs, known)
    origin = state.origin_of(instance, op.urn, imports=False, state=known)
    found = State.from_instance(actual, instance, await disk.kept_until(op, instance), origin)
    problem = reading.problem(instance, running=inputs.running)
    if problem is None and origin == state.DECLARED and instance.status != DELETING:
        problem = reading.mislabelled(op, instance, actual.owner_id, actual.session_hours)
    if problem is not None:
        raise _partial_failure(place, found, [problem], inputs=actual)
    return found


async def _imported(op: Operation, instance: Instance, known: State) -> State:
    reading.refuse_import_over(op, instance)
    reading.refuse_import(op, instance)
    actual = importing.declarable(instance, op.api.region)
    added = await importing.assumed(op, instance, actual)
    origin = state.origin_of(instance, op.urn, imports=True, state=known)
    found = State.from_instance(actual, instance, await disk.kept_until(op, instance), origin)
    return replace(found, added=added)


def _seen(instance: Instance, place: Place, inputs: InstanceInputs, known: State) -> InstanceInputs:
    """The inputs as the cloud has them. What is being deleted is to be replaced, whatever else it has become."""
    if instance.status == DELETING:
        return inputs
    return state.actual_inputs(instance, place.region, inputs, known.inputs)


async def update(
    start: Start, seconds: float, place: Place, old: InstanceInputs, new: InstanceInputs, known: State
) -> State:
    """Update; the state."""
    op = _in_workspace(start(place.region, seconds or updating.DEFAULT_TIMEOUT), old)
    declared = declaring.with_defaults(new.plain())
    before = InstanceInputs.of(state.comparable(old.plain(), declared, known))
    instance = await updating.find(op, place.instance_id)
    reading.refuse_foreign(op, instance, old.owner_id, new.owner_id, known.inputs.owner_id)
    work = updating.update(op, instance, before, new)
    return await _state_after(op, place, new, work, imported=known.is_imported)


async def delete(
    start: Start, seconds: float, place: Place, inputs: InstanceInputs, *, imported: bool = False
) -> None:
    """Save what is declared to be saved, delete, and wait until it is gone. What another owner has is refused.

    `imported` is whether the instance was imported, and not changed since.
    """
    looking = _in_workspace(start(place.region, seconds or reading.DEFAULT_TIMEOUT), inputs)
    instance = await deleting.find(looking, place.instance_id, inputs)
    if instance is not None:
        deleting.refuse_foreign(looking, instance, inputs.owner_id)
        deleting.refuse_unmeant(looking, instance, inputs, imported=imported)
        await _delete(start, seconds, place, instance, inputs)
    looking.journal.settle(place.region, Identity(looking.urn, inputs.owner_id or "").key, place.instance_id)


async def _delete(
    start: Start, seconds: float, place: Place, instance: Instance, inputs: InstanceInputs
) -> None:
    saving = _in_workspace(start(place.region, seconds or backup.DEFAULT_TIMEOUT), inputs)
    parting = await backup.before_delete(saving, instance, inputs)
    try:
        op = _in_workspace(start(place.region, seconds or deleting.DEFAULT_TIMEOUT), inputs)
        await deleting.delete(op, place.instance_id)
    except BaseException:
        if parting.started:
            await power.stop_again(saving, place.instance_id)
        raise
    if parting.loss is not None:
        await op.warn(parting.loss)


async def _state_after(
    op: Operation, place: Place, inputs: InstanceInputs, work: Awaitable[Instance], *, imported: bool = False
) -> State:
    """The state after `work` on an instance. Raises PartialFailure and nothing else, so that its id isn't lost."""
    found = State(inputs, Outputs(instance_id=place.instance_id))
    try:
        instance = await work
        return State.from_instance(inputs, instance, await disk.kept_until(op, instance))
    except Unfinished as error:
        try:
            found = await _state_seen(op, inputs, error.instance, imported=imported)
        except Exception as mistake:
            raise _partial_failure(place, found, [*error.reasons, sentence(mistake)]) from error
        raise _partial_failure(place, found, error.reasons) from error
    except Exception as error:
        raise _partial_failure(place, found, [sentence(error)]) from error


async def _state_seen(op: Operation, inputs: InstanceInputs, instance: Instance, *, imported: bool) -> State:
    """The state as the cloud has it, after an update that wasn't finished; never read, as declared."""
    if not instance.ecs_spec:
        return State.from_instance(inputs, instance)
    ours = labels.is_declared_at(op.urn, instance.labels) or not imported
    actual = state.actual_inputs(instance, op.api.region, inputs)
    kept_until = await disk.kept_until(op, instance)
    return State.from_instance(actual, instance, kept_until, state.DECLARED if ours else state.IMPORTED)


def _partial_failure(
    place: Place,
    found: State,
    reasons: Sequence[Message | UserError | str],
    inputs: InstanceInputs | None = None,
) -> PartialFailure:
    shown = None if inputs is None else inputs.plain()
    return PartialFailure(str(place), found.plain(), reasons, secrets=state.SECRET_OUTPUTS, inputs=shown)
