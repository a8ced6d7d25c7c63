"""Read: refresh, import, and the look before every update."""

from __future__ import annotations

from paidsw.cloud import Instance, NotFound
from paidsw.cloud.models import ARREARS, FAILED, ON_THE_WAY_DOWN, ON_THE_WAY_UP
from paidsw.cloud.polling import Cancelled
from paidsw.core.messages import Message
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import api, guards, labels, waiters
from paidsw.provider.instance.failures import after_failed_start
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.ownership import is_foreign
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.rules.registry import evaluate
from paidsw.rules.rule import Level
from paidsw.trial.terms import TERMS

DEFAULT_TIMEOUT = 2 * 60.0
GUARDS = ("sessionHours", "idleInstanceCuller")


async def read(op: Operation, instance_id: str) -> Instance | None:
    """The instance; None when it is gone. One that is being deleted is there."""
    try:
        return await op.retry(lambda: found(op, instance_id))
    except Cancelled:
        raise ProviderError(InstanceText.CANCELLED_BEFORE_READ(instance=instance_id)) from None


def refuse_foreign(op: Operation, instance: Instance, *owner_ids: str | None) -> None:
    """Raise ProviderError for an instance in the state that another owner has than these, or than this stack's."""
    if is_foreign(op, instance, *owner_ids):
        owner = labels.owner(instance.labels, op.urn)
        cause = InstanceText.FOREIGN(instance=instance.instance_id, owner=owner)
        raise ProviderError(cause, InstanceText.FORGET_IT(urn=op.urn))


def refuse_import(op: Operation, instance: Instance) -> None:
    """Refuse to import what the rules forbid, what runs with nothing to stop it, and what another stack declares."""
    wrong = [*forbidden(instance, op.api.region), *bare(instance)]
    owned = bool(labels.owner_id(instance.labels))
    alien = labels.URN in instance.labels and not labels.is_declared_at(op.urn, instance.labels)
    if is_foreign(op, instance) or (alien and not owned):
        wrong.append(_of_other_stack(instance))
        if owned and not op.ledger.has_program:
            wrong.append(InstanceText.OR_TAKE_BACK(instance=instance.instance_id))
    if wrong:
        why = "; ".join(map(str, wrong))
        raise ProviderError(InstanceText.NOT_IMPORTED(instance=instance.instance_id, why=why))


def refuse_import_over(op: Operation, instance: Instance) -> None:
    """Refuse to import an instance in the place of one that the state has: the engine would delete that one."""
    there = {key for key, one in op.ledger.recorded.items() if one.urn == op.urn}
    for other in sorted(there - op.ledger.given_up - {instance.instance_id}):
        cause = InstanceText.IMPORT_OVER(instance=instance.instance_id, other=other)
        raise ProviderError(cause, InstanceText.NO_IMPORT_OR_DESTROY(urn=op.urn))


def forbidden(instance: Instance, region: str) -> list[Message]:
    """Why the rules forbid an instance as it is. A guard may be missing: the first update sets it."""
    return [
        violation.message
        for violation in evaluate(api.inputs_of(instance, region).plain())
        if violation.level is not Level.ADVISORY and violation.top_level not in GUARDS
    ]


def bare(instance: Instance) -> list[Message]:
    """That an instance runs with nothing to stop it, if it does: an import would leave it so."""
    return (
        [InstanceText.IMPORT_UNGUARDED(hours=TERMS.session_hours.maximum)]
        if guards.unguarded(instance)
        else []
    )


def _of_other_stack(instance: Instance) -> Message:
    label, *others = [name for name in (labels.OWNER, labels.URN) if name in instance.labels]
    marks = (
        InstanceText.ITS_LABELS(label=label, other=others[0])
        if others
        else InstanceText.ITS_LABEL(label=label)
    )
    return InstanceText.IMPORT_OF_OTHER_STACK(owner=labels.owner(instance.labels), labels=marks)


def problem(instance: Instance, *, running: bool) -> Message | None:
    """Why the next update must resume an instance, declared `running` or not, though its inputs are as declared."""
    instance_id, status = instance.instance_id, instance.status
    if status in ON_THE_WAY_UP | ON_THE_WAY_DOWN:
        end = "Running" if status in ON_THE_WAY_UP else "Stopped"
        return InstanceText.IN_BETWEEN(instance=instance_id, status=status, end=end)
    if running and status in FAILED:
        advice = after_failed_start(instance)
        return InstanceText.FAILED_SINCE(instance=instance_id, why=waiters.reason(instance), advice=advice)
    if running and status == ARREARS:
        return InstanceText.STOPPED_SINCE(instance=instance_id, advice=Text.SETTLE())
    return None


def mislabelled(
    op: Operation, instance: Instance, owner_id: str | None, hours: float | None
) -> Message | None:
    """What the next update must label again; `hours` are those of its session, if it has one."""
    marks, instance_id = instance.labels, instance.instance_id
    lost = labels.URN not in marks or (hours is not None and not labels.session_hours(marks))
    if lost or (owner_id and labels.owner_id(marks) != owner_id):
        return InstanceText.LABELS_LOST(instance=instance_id)
    if not labels.is_declared_at(op.urn, marks):
        return InstanceText.LABELS_OLD(instance=instance_id, resource=labels.resource(marks))
    return InstanceText.CREATE_UNFINISHED(instance=instance_id) if labels.unfinished(marks) else None


async def found(op: Operation, instance_id: str) -> Instance | None:
    """The instance in whatever status; None once it is certain that there is none."""
    try:
        return await op.api.get_instance(instance_id)
    except NotFound:
        # Dropped from the state it would be lost, so one answer is not enough.
        if await waiters.is_gone(op, instance_id):
            return None
        raise
