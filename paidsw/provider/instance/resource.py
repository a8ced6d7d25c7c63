"""The resource `paidsw:index:Instance`: what each call of the engine means for it, over plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from paidsw.cloud.models import RUNNING
from paidsw.core.values import UNKNOWN, SecretValue
from paidsw.provider.errors import PartialFailure, ProviderError
from paidsw.provider.instance import backup, compare, entitlement, irrevocable, origin, power, wire
from paidsw.provider.instance import create as creating
from paidsw.provider.instance import delete as deleting
from paidsw.provider.instance import inputs as declaring
from paidsw.provider.instance import read as reading
from paidsw.provider.instance import update as updating
from paidsw.provider.operation import Operation
from paidsw.provider.values import contains_unknown
from paidsw.rules.registry import evaluate
from paidsw.rules.rule import INSTANCE_TYPE, Level
from paidsw.trial.terms import TERMS

TOKEN = INSTANCE_TYPE

_BACKUP_LATER = (
    "an import takes in what the instance has, and no backup yet: run pulumi up once more after it, until then a "
    "destroy saves nothing"
)

# (region, timeout in seconds) → an operation.
Start = Callable[[str, float], Operation]


@dataclass(frozen=True)
class Checked:
    """Inputs with defaults, what forbids them and what only advises, as pairs of property and sentence."""

    inputs: dict[str, Any]
    failures: list[tuple[str, str]]
    advice: list[str]


@dataclass(frozen=True)
class Difference:
    """What changed between two sets of inputs, by property; `replaces` are those that need a new instance."""

    changes: dict[str, compare.Kind]
    replaces: list[str]
    advice: list[str]


def check(
    values: Mapping[str, Any], secrets: Collection[str] = (), old: Mapping[str, Any] | None = None
) -> Checked:
    """Shape first, then the free-tier rules: the same rules as the policy pack's, here for a plain `pulumi up`.

    The values of the properties in `secrets` appear in no sentence. `old` are the inputs so far, of a resource that is.
    """
    filled, failures = declaring.check(values, secrets)
    found = evaluate({key: SecretValue(value) if key in secrets else value for key, value in filled.items()})
    named = {name for name, _ in failures}
    failures += [
        (v.top_level, str(v.message))
        for v in found
        if v.level is not Level.ADVISORY and v.top_level not in named
    ]
    failures += _unsaved(old or {}, filled)
    advice = [str(v.message) for v in found if v.level is Level.ADVISORY]
    return Checked(filled, failures, [TERMS.notice, *advice] if TERMS.notice else advice)


def _unsaved(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A backup declared together with what replaces the instance: the engine deletes the old one as it was declared."""
    if not old or "backup" in old or "backup" not in new:
        return []
    replaces = compare.replacing(compare.changes(declaring.with_defaults(old), declaring.with_defaults(new)))
    if not replaces:
        return []
    what = " and ".join(replaces)
    return [
        (
            "backup",
            f"backup is new, and {what} differs from the instance's, which a replacement would delete unsaved; run "
            f"pulumi up with the backup alone first, then change {what}; or leave backup out until then, which gives "
            "the files up",
        )
    ]


def diff(old: Mapping[str, Any], new: Mapping[str, Any], state: Mapping[str, Any]) -> Difference:
    """What an update would change of a resource with these old inputs and this state."""
    before, after = declaring.with_defaults(old), declaring.with_defaults(new)
    changed = compare.changes(origin.comparable(before, after, state), after)
    advice = [_BACKUP_LATER] if origin.leaves_out_backup(before, after, state) else []
    return Difference(changed, compare.replacing(changed), advice)


def preview(inputs: Mapping[str, Any], old_state: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The state that a create, or an update of `old_state`, will give, as far as it is known before."""
    kept = {name: (old_state or {}).get(name, UNKNOWN) for name in wire.OUTPUTS}
    return {**kept, **dict.fromkeys(wire.CHANGING_OUTPUTS, UNKNOWN), **inputs}


async def foresee(start: Start, inputs: Mapping[str, Any], state: Mapping[str, Any] | None = None) -> None:
    """Say in a preview what can't be undone and what the trial pays for; ProviderError when it doesn't.

    Nothing is asked about an instance of this `state` that goes on running as long as it was let, nor about one that is
    to be stopped.
    """
    state, region = state or {}, inputs.get("region")
    if not isinstance(region, str):
        return
    op = start(region, reading.DEFAULT_TIMEOUT)
    if state:
        for sentence in irrevocable.sentences(str(state.get("instanceId")), op.urn, state, inputs):
            await op.warn(sentence)
        if not inputs.get("running", True):
            return
    same = all(inputs.get(name) == state.get(name) for name in ("ecsSpec", "sessionHours"))
    if not (same and state.get("status") == RUNNING and state.get("shutdownTime")):
        await entitlement.foresee(op, inputs, str(state.get("instanceId") or ""))


async def create(start: Start, seconds: float, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Create; the engine's id, and the state."""
    refuse_unknown(inputs)
    region = inputs["region"]
    op = start(region, seconds or creating.DEFAULT_TIMEOUT)
    return await creating.create(op, inputs)


async def read(
    start: Start, instance_id: str, inputs: Mapping[str, Any], state: Mapping[str, Any], region: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Inputs and state as the cloud has them; None when the instance is gone.

    Raises PartialFailure for an instance that isn't up, though declared so: the next update then goes on with it.
    """
    found = await reading.read(start(region, reading.DEFAULT_TIMEOUT), instance_id, inputs, state)
    if found is None:
        return None
    seen, outputs, ailment = found
    if ailment and inputs:
        raise PartialFailure(instance_id, outputs, [ailment], secrets=SECRETS, inputs=seen)
    return seen, outputs


async def update(
    start: Start,
    seconds: float,
    instance_id: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    state: Mapping[str, Any],
) -> dict[str, Any]:
    """Update; the state."""
    refuse_unknown(new)
    op = start(new["region"], seconds or updating.DEFAULT_TIMEOUT)
    op.imported = origin.is_imported(state)
    before = origin.comparable(declaring.with_defaults(old), declaring.with_defaults(new), state)
    return await updating.update(op, instance_id, before, new)


async def delete(
    start: Start, seconds: float, instance_id: str, region: str, inputs: Mapping[str, Any]
) -> None:
    """Save what is declared to be saved, delete, and wait until it is gone."""
    saving = start(region, seconds or backup.DEFAULT_TIMEOUT)
    woken = await backup.before_delete(saving, instance_id, inputs)
    try:
        await deleting.delete(start(region, seconds or deleting.DEFAULT_TIMEOUT), instance_id)
    except BaseException:
        if woken:
            await power.rest(saving, instance_id)
        raise


def refuse_unknown(inputs: Mapping[str, Any]) -> None:
    """What isn't known can't be checked, so it isn't created."""
    unknown = sorted(key for key, value in inputs.items() if contains_unknown(value))
    if unknown:
        raise ProviderError(f"{', '.join(unknown)} is not known yet, so the free-tier rules can't be checked")


def locate(identifier: str, known: Mapping[str, Any]) -> tuple[str, str]:
    """Region and instance id of an engine's id: INSTANCE_ID of a known resource, REGION/INSTANCE_ID of an import."""
    region, _, instance_id = identifier.rpartition("/")
    region = region or known.get("region") or ""
    if not region or not instance_id:
        raise ProviderError(
            f"{identifier!r} doesn't say where the instance is; import it as REGION/INSTANCE_ID, "
            "like cn-wulanchabu/dsw-abc123"
        )
    return region, instance_id


SECRETS = wire.SECRET_OUTPUTS
SECRET_INPUTS = wire.SECRET_OUTPUTS & frozenset(declaring.NAMES)
