"""Taking over an instance that exists: what an import records, and what is compared before one is declared.

The engine records an import before it compares anything, and puts what doesn't match right afterwards, by a replacement
if it must be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from paidsw.cloud import CloudError, Instance
from paidsw.cloud.models import DELETING, DOWN
from paidsw.core.messages import Message
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import guards, labels, state
from paidsw.provider.instance import inputs as declaring
from paidsw.provider.instance import read as reading
from paidsw.provider.instance.as_settings import differences
from paidsw.provider.instance.inputs import FILLED_BY_CLOUD, InstanceInputs
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.operation import Operation
from paidsw.provider.resource_type import Start
from paidsw.rules.registry import evaluate
from paidsw.rules.rule import Level
from paidsw.trial.terms import TERMS

_QUARTER_HOUR_MS = 900_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instance to take over, and the inputs that would declare it.

    `project` and `stack` are those of the program, as the labels of an instance of theirs have them. `secrets` are the
    inputs that are secret.
    """

    region: str
    instance_id: str
    inputs: Mapping[str, Any]
    project: str
    stack: str
    secrets: Collection[str] = ()


async def problems(start: Start, wanted: Wanted) -> list[Message]:
    """What keeps an instance from being imported as it is declared, one sentence each; empty when nothing does.

    One that carries the label of an owner is that owner's to answer for; its settings may change like those of
    every instance of the stack. So may those of one that an earlier version made for this stack.
    """
    region, instance = await _find(start, wanted)
    if instance is None:
        return [InstanceText.IMPORT_NOT_FOUND(instance=wanted.instance_id, region=wanted.region)]
    if instance.status == DELETING:
        return [InstanceText.IMPORT_GOING(instance=wanted.instance_id)]
    if labels.OWNER in instance.labels or _of_this_stack(wanted, instance):
        return []
    if labels.URN in instance.labels:
        owner = labels.owner(instance.labels)
        return [InstanceText.IMPORT_OF_OTHER(instance=wanted.instance_id, owner=owner, label=labels.URN)]
    if forbidden := reading.forbidden(instance, region):
        return [_refused(instance, why) for why in forbidden]
    found = [_refused(instance, why) for why in reading.bare(instance)]
    found += [one.message for one in differences(wanted.inputs, instance, region, wanted.secrets)]
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
    return [
        InstanceText.IMPORT_BESIDE(instance=wanted.instance_id, other=one.instance_id) for one in others[:1]
    ]


def _refused(instance: Instance, why: Message) -> Message:
    return InstanceText.NOT_IMPORTED(instance=instance.instance_id, why=why)


def _of_this_stack(wanted: Wanted, instance: Instance) -> bool:
    named = {labels.PROJECT: wanted.project, labels.STACK: wanted.stack}
    return labels.URN in instance.labels and named.items() <= instance.labels.items()


# The bridged providers' name for it: the engine shows no such key, and code made of an import has only known ones.
_ASSUMED = "__defaults"


def declarable(instance: Instance, region: str) -> InstanceInputs:
    """An instance as inputs that can be declared. Raises ProviderError where it can't be."""
    found = state.actual_inputs(instance, region, None).plain()
    if datasets := found.get("datasets"):
        # The cloud may show where a dataset is, too; it is declared by its id.
        found["datasets"] = [_by_one_source(one) for one in datasets]
    _, problems = declaring.check(found)
    # What the cloud fills in needn't be declared.
    unusable = {problem.name: problem for problem in problems}
    kept = {name: value for name, value in found.items() if name not in unusable.keys() & FILLED_BY_CLOUD}
    if refused := [str(problem.message) for name, problem in unusable.items() if name not in FILLED_BY_CLOUD]:
        raise ProviderError(InstanceText.NOT_IMPORTED(instance=instance.instance_id, why="; ".join(refused)))
    return InstanceInputs.of(kept)


def _by_one_source(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in dataset.items() if name != "uri" or "datasetId" not in dataset}


async def assumed(op: Operation, instance: Instance, found: InstanceInputs) -> dict[str, Any]:
    """The guards to add to the inputs `found` of an instance, which the rules would refuse as they are."""
    usual, as_found = _usual_guards(instance), found.plain()
    refused = _refused_guards({**usual, **as_found})
    added = {name: value for name, value in usual.items() if name in refused or name not in as_found}
    # The next start of one that is down sets them anyhow.
    missing = set() if instance.status in DOWN else added.keys() - _timed(instance)
    if lacks := sorted(missing | refused):
        await op.tell(
            InstanceText.IMPORT_SETS_GUARDS(instance=instance.instance_id, names=" and ".join(lacks))
        )
    return added


def recorded(inputs: InstanceInputs, added: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as an import has the engine keep them: with what was added to them, named as such.

    `pulumi import` makes code of them, which has to pass the rules.
    """
    return {**inputs.plain(), **added, _ASSUMED: sorted(added)} if added else inputs.plain()


def still_added(inputs: Mapping[str, Any], found: InstanceInputs) -> dict[str, Any]:
    """What an import has added to inputs that the engine kept, and the instance still lacks."""
    return {name: inputs[name] for name in inputs.get(_ASSUMED, ()) if name not in found.plain()}


def as_found(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that the engine kept, without what an import has added to them."""
    added = {_ASSUMED, *inputs.get(_ASSUMED, ())}
    return {name: value for name, value in inputs.items() if name not in added}


def as_declared(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that the engine kept, with what an import has added to them: as a program would declare them."""
    return {name: value for name, value in inputs.items() if name != _ASSUMED}


def _usual_guards(instance: Instance) -> dict[str, Any]:
    """A session as long as the timer has left, in quarters of an hour, and the default idle shutdown."""
    timer, bounds = guards.timer(instance), TERMS.session_hours
    hours = bounds.default
    if timer is not None:
        left = Decimal(ceil(timer.remaining_time_in_ms / _QUARTER_HOUR_MS)) / 4
        hours = min(max(left, bounds.minimum), bounds.maximum)
    culler = {
        "maxIdleTimeInMinutes": int(TERMS.idle_minutes.default),
        "cpuPercentThreshold": int(TERMS.idle_cpu_percent.default),
    }
    if instance.accelerator_type != "CPU":
        culler["gpuPercentThreshold"] = int(TERMS.idle_gpu_percent.default)
    return {"sessionHours": float(hours), "idleInstanceCuller": culler}


def _timed(instance: Instance) -> set[str]:
    """The session where a timer ends it, however long it was declared to be."""
    return {"sessionHours"} if guards.timer(instance) is not None else set()


def _refused_guards(inputs: Mapping[str, Any]) -> set[str]:
    """The guards that the rules don't allow as they are."""
    return {
        violation.top_level
        for violation in evaluate(inputs)
        if violation.level is not Level.ADVISORY and violation.top_level in reading.GUARDS
    }
