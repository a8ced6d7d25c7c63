"""Read: refresh, import, and the look before every update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Instance, NotFound
from paidsw.cloud.models import ARREARS, DELETING, FAILED, ON_THE_WAY_DOWN, ON_THE_WAY_UP
from paidsw.cloud.polling import Cancelled
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import guards, kept, labels, origin, outcome, seen, waits, wire
from paidsw.provider.instance.inputs import with_defaults
from paidsw.provider.operation import Operation
from paidsw.rules.registry import evaluate
from paidsw.rules.rule import Level
from paidsw.trial.terms import TERMS

DEFAULT_TIMEOUT = 2 * 60.0
_GUARDS = ("sessionHours", "idleInstanceCuller")


async def read(
    op: Operation, instance_id: str, inputs: Mapping[str, Any], state: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], str] | None:
    """Inputs, state and what is wrong with it (empty: nothing) as the cloud has them; None when it is gone or going.

    `inputs` and `state` are those from before; without inputs it is an import.
    """
    try:
        instance = await op.retry(lambda: _found(op, instance_id))
    except Cancelled:
        raise ProviderError(f"cancelled before instance {instance_id} was read") from None
    if instance is None or instance.status == DELETING:
        return None
    if not inputs:
        _refuse(op, instance, wire.seen_inputs(instance, op.api.region))
    merged = seen.inputs(instance, op.api.region, with_defaults(inputs) if inputs else {}, state)
    found = wire.state(
        merged, instance, await kept.told(op.api, instance), origin.of(instance, op.urn, inputs, state)
    )
    return (
        merged,
        found,
        _ailment(instance, running=inputs.get("running", True)) or _stripped(op, instance, found),
    )


def _refuse(op: Operation, instance: Instance, found: Mapping[str, Any]) -> None:
    """Refuse to import what the rules forbid, what runs with nothing to stop it, and what another stack declares.

    One guard may be missing: the first update sets it.
    """
    wrong = [
        str(violation.message)
        for violation in evaluate(found)
        if violation.level is not Level.ADVISORY and violation.top_level not in _GUARDS
    ]
    if guards.bare(instance):
        wrong.append(
            "it runs with nothing that stops it, and an import changes nothing; stop it, or set a timer (定时关机) "
            f"of at most {TERMS.session_hours.maximum} hours, in the PAI console, then import it"
        )
    if labels.URN in instance.labels and not labels.is_declared_at(op.urn, instance.labels):
        wrong.append(
            f"it belongs to {labels.owner(instance.labels)}, whose pulumi destroy would delete it; destroy it there, "
            f"or, where that is lost, take its label {labels.URN} off in the PAI console, then import it"
        )
    if wrong:
        raise ProviderError(f"instance {instance.instance_id} can't be imported: {'; '.join(wrong)}")


def _stripped(op: Operation, instance: Instance, state: Mapping[str, Any]) -> str:
    """Named where somebody took our labels off: a crash could lose the instance then."""
    ours = labels.is_declared_at(op.urn, instance.labels) and labels.session_hours(instance.labels)
    if ours or state[origin.ORIGIN] != origin.DECLARED or "sessionHours" not in state:
        return ""
    return f"instance {instance.instance_id} has lost this stack's labels; pulumi up puts them back"


async def _found(op: Operation, instance_id: str) -> Instance | None:
    try:
        return await op.api.get_instance(instance_id)
    except NotFound:
        # Dropped from the state it would be lost, so one answer is not enough.
        if await waits.vanished(op, instance_id):
            return None
        raise


def _ailment(instance: Instance, *, running: bool) -> str:
    """Why the next update must go on with an instance, declared `running` or not, though its inputs are as declared."""
    shown = f"instance {instance.instance_id}"
    if instance.status in ON_THE_WAY_UP | ON_THE_WAY_DOWN:
        end = "Running" if instance.status in ON_THE_WAY_UP else "Stopped"
        return f"{shown} is {instance.status}, not {end} yet; pulumi up waits for it"
    if running and instance.status in FAILED:
        return f"{shown} failed: {waits.reason(instance)}; pulumi up starts it again"
    if running and instance.status == ARREARS:
        return f"{shown} was stopped by the cloud: {outcome.OWING}"
    return ""
