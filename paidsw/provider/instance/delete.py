"""Delete: done when a read confirms it."""

from __future__ import annotations

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, DOWN, SAVING, STILL
from paidsw.cloud.polling import Cancelled, TimedOut, is_transient
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import backup, labels, power, waiters
from paidsw.provider.instance.failures import why
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.ownership import is_foreign
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

DEFAULT_TIMEOUT = 10 * 60.0
# A stop that is refused so often before a delete won't be accepted any more.
_REFUSED_STOPS = 3


async def find(op: Operation, instance_id: str, inputs: InstanceInputs) -> Instance | None:
    """The instance that is to be deleted; None when it is gone.

    Raises ProviderError where it can't be read: whose it is isn't known then, nor what is to be saved of it.
    """

    async def read() -> Instance:
        return await op.api.get_instance(instance_id)

    try:
        try:
            return await op.retry(read)
        except NotFound:
            # One answer is not enough to give it up.
            if await op.retry(lambda: waiters.is_gone(op, instance_id)):
                return None
        if inputs.backup:
            raise backup.kept(op, instance_id, Text.READ_AND_LIST_DIFFER())
        return await op.retry(read)
    except (CloudError, Cancelled) as error:
        if inputs.backup:
            raise backup.kept(op, instance_id, why(error, op.timeout)) from None
        if isinstance(error, Cancelled):
            raise ProviderError(
                Text.CANCELLED_BEFORE_DELETED(instance=instance_id), Text.RUN_DESTROY_AGAIN()
            ) from None
        cause = Text.NOT_READ_BEFORE_DELETE(instance=instance_id, error=error)
        raise ProviderError(cause, Text.RUN_DESTROY_AGAIN()) from None


def refuse_foreign(op: Operation, instance: Instance, owner_id: str | None) -> None:
    """Raise ProviderError for what another owner has: it isn't this state's to delete."""
    if is_foreign(op, instance, owner_id):
        owner = labels.owner(instance.labels, op.urn)
        cause = Text.FOREIGN_NOT_DELETED(instance=instance.instance_id, owner=owner)
        raise ProviderError(cause, InstanceText.FORGET_IT(urn=op.urn))


def refuse_unmeant(op: Operation, instance: Instance, inputs: InstanceInputs, *, imported: bool) -> None:
    """Raise ProviderError for a delete that nobody asked for in words: of what a rename or a failed import left."""
    if instance.instance_id in op.ledger.in_the_way:
        name = op.urn.rpartition("::")[2]
        raise ProviderError(Text.WANTED_NOT_DELETED(instance=instance.instance_id, name=name))
    # The engine records an import that fails. The session's length, which only a program gives, isn't in it.
    ours = labels.owner_id(instance.labels) or labels.URN in instance.labels
    if imported and not ours and inputs.session_hours is None:
        raise ProviderError(Text.IMPORTED_NOT_DELETED(instance=instance.instance_id, urn=op.urn))


async def delete(op: Operation, instance_id: str) -> None:
    """Delete an instance from any status; success if it is already gone."""
    deletion = _Deletion(op, instance_id)
    try:
        await op.poll_with_retries(deletion.look)
    except Cancelled:
        when = Text.CANCELLED_WHILE_DELETED if deletion.accepted else Text.CANCELLED_BEFORE_DELETED
        raise ProviderError(when(instance=instance_id), Text.RUN_DESTROY_AGAIN()) from None
    except TimedOut:
        why = f" ({deletion.refusal})" if deletion.refusal else ""
        raise ProviderError(
            Text.STILL_THERE(instance=instance_id, seconds=op.timeout, why=why), Text.RUN_DESTROY_OR_LOOK()
        ) from None
    except Refused as error:
        raise ProviderError(
            Text.NOT_DELETED(instance=instance_id, error=error), Text.RUN_DESTROY_AGAIN()
        ) from None


class _Deletion:
    """Asks for the delete, again if needed, and looks until the instance is gone."""

    def __init__(self, op: Operation, instance_id: str) -> None:
        self._op = op
        self._id = instance_id
        self.accepted = False
        self._asked_when_stopped = False
        self._looks = 0
        self._refused_stops = 0
        self.refusal: CloudError | None = None

    async def look(self) -> bool | None:
        """True when it is gone."""
        if not self.accepted and self.refusal is None:
            await self._ask()
        try:
            instance = await self._op.api.get_instance(self._id)
        except NotFound:
            return await waiters.is_gone(self._op, self._id) or None
        await self._op.report(Text.STATUS(status=instance.status))
        await self._proceed(instance)
        return None

    async def _ask(self) -> None:
        self._looks = 0
        try:
            await self._op.api.delete_instance(self._id)
            self.accepted = True
        except NotFound:
            pass
        except Refused as error:
            if is_transient(error):
                raise
            self.refusal = error

    async def _proceed(self, instance: Instance) -> None:
        self._looks += 1
        if instance.status == DELETING:
            self.accepted = True
        elif self.refusal is not None:
            await self._after_refusal(instance)
        elif self._looks > waiters.READS_THAT_MAY_LAG:
            self.accepted = False  # taken, and not done: ask again

    async def _after_refusal(self, instance: Instance) -> None:
        """Whether a delete needs a stopped instance isn't documented, so a refused one is tried again after a stop."""
        refusal = self.refusal
        if instance.status in STILL:
            if self._asked_when_stopped and refusal is not None:
                raise refusal
            self._asked_when_stopped, self.refusal = True, None
        elif instance.status not in DOWN | {SAVING}:
            try:
                await power.stop(self._op, self._id)
            except Refused as error:
                self._refused_stops += not is_transient(error)
                if self._refused_stops >= _REFUSED_STOPS:
                    raise
