"""Startup: takes an instance to Running, guarded from its first moment on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, DOWN, FAILED, QUEUING, RUNNING
from paidsw.cloud.polling import TimedOut, is_transient
from paidsw.core.messages import Message, listed
from paidsw.provider.errors import cause
from paidsw.provider.instance import guards, power, waiters
from paidsw.provider.instance.failures import (
    NotGuarded,
    StartFailed,
    Unfinished,
    after_failed_start,
    described,
    way_out,
)
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.instance.waiters import READS_THAT_MAY_LAG
from paidsw.provider.messages import Text
from paidsw.provider.operation import Admission, Operation

# So many looks in a row may fail to set a guard before the machine is ended: well before it would run.
PATIENCE = 5
_FORBIDDEN = frozenset({401, 403})


class Startup:
    """Guards an instance that was created or started, and waits until it runs.

    `new`: created in this very operation, so it holds nothing and nothing guards it yet.
    """

    def __init__(
        self,
        op: Operation,
        inputs: InstanceInputs,
        instance: Instance,
        admission: Admission,
        *,
        new: bool = False,
    ) -> None:
        self.op = op
        self.inputs = inputs
        # What the trial pays for, as far as it was asked by now.
        self.admission = admission
        self.new = new
        # As the last read and the calls since then have it.
        self.instance = instance
        self._failures = 0
        self._lag = READS_THAT_MAY_LAG
        self._error: CloudError | None = None
        # The status in which the cloud takes no guards.
        self._refused_in: str | None = None

    async def finish(self) -> Instance:
        """Guard it and wait until it runs; the instance. Raises Unfinished and nothing else: the instance exists."""
        try:
            await self._guard()
            await self._poll(self._has_started)
        except Exception as error:
            raise await self.failed(error) from error
        return self.instance

    async def secure(self) -> None:
        """Continue until something guards the machine. Raises Unfinished and nothing else."""
        try:
            if guards.unguarded(self.instance):
                await self._guard()
                await self._poll(self._is_guarded)
        except Exception as error:
            raise await self.failed(error) from error

    async def start(self) -> None:
        """Start a stopped instance. Raises Unfinished and nothing else."""
        # Set here if the cloud takes it from a stopped instance: then no start is without it.
        self.instance, _ = await guards.put(self.op, self.instance, self.inputs, self.admission)
        # From here on it may run, whatever the answer is.
        self.instance = self.instance.model_copy(update={"status": "", "instance_shutdown_timer": None})
        try:
            await power.start(self.op, self.instance.instance_id)
        except Exception as error:
            if isinstance(error, Refused):
                self.instance = await waiters.latest(self.op, self.instance)
            raise await self.failed(error) from error

    async def failed(self, error: Exception, wanted: str = RUNNING) -> Unfinished:
        """The error with the instance, once the machine is guarded or ended."""
        why, deleted = described(error, self.instance, self.op.timeout, wanted), False
        if self.instance.status not in DOWN:
            ended, deleted = await self._ended(error)
            why = listed([why, ended], "; ") if ended else why
        return Unfinished(self.instance, [why], way_out(error, self.instance, deleted=deleted))

    async def _ended(self, error: Exception) -> tuple[Message | None, bool]:
        """End a machine that must not run on; what is said of it, and whether it is deleted."""
        late = isinstance(error, TimedOut)
        if (
            isinstance(error, NotGuarded)
            or guards.unguarded(self.instance)
            or (late and not guards.complete(self.instance, self.inputs))
        ):
            lacks = Text.ENDING_UNGUARDED(instance=self.instance.instance_id, missing=self._missing())
            await self.op.warn(lacks)
            end = await power.end(self.op, self.instance, holds_nothing=self.new)
            failed = Text.GUARDS_NOT_SET(end=end)
            if self._error is not None:
                failed = Text.GUARDS_NOT_SET_SINCE(why=cause(self._error), end=end)
            return failed, end.text == Text.ENDED_DELETED
        if late and self.new and self.instance.status == QUEUING:
            await self.op.warn(Text.ENDING_QUEUED(instance=self.instance.instance_id))
            end = await power.end(self.op, self.instance, holds_nothing=self.new)
            return Text.WOULD_START_LATE(end=end), end.text == Text.ENDED_DELETED
        return None, False

    def _missing(self) -> Message:
        """Which guards a machine lacks, that is to be ended for it."""
        timed = guards.timer(self.instance) is not None or self.inputs.session_hours is None
        culled = self.instance.idle_instance_culler is not None
        if guards.unguarded(self.instance):
            return Text.NO_GUARDS()
        if not timed:
            return Text.NO_TIMER()
        return Text.OTHER_GUARDS() if culled else Text.NO_IDLE_SHUTDOWN()

    async def _poll(self, look: Callable[[], Awaitable[bool | None]]) -> None:
        await self.op.poll(look, urgent=lambda: guards.unguarded(self.instance))

    async def _has_started(self) -> bool | None:
        # Perhaps as it was before the start; a new one was never down.
        current = self.new or self._lag <= 0
        read = await self._look()
        if read is not None and read.status in DOWN and current:
            raise self._stopped(read)
        if read is not None and read.status == RUNNING and guards.complete(read, self.inputs):
            self.instance = read
            return True
        return None

    async def _is_guarded(self) -> bool | None:
        if guards.unguarded(self.instance):
            await self._look()
        return None if guards.unguarded(self.instance) else True

    async def _look(self) -> Instance | None:
        """Read, and set what is missing; the instance as read."""
        read = await self._read()
        if read is not None:
            self.instance = self._with_guards(read)
        await self._guard()
        return read

    async def _read(self) -> Instance | None:
        try:
            return await waiters.read(self.op, self.instance.instance_id)
        except NotFound:
            if self._lag <= 0 and await waiters.is_gone(self.op, self.instance.instance_id):
                raise
            self._lag -= 1
            return None

    def _with_guards(self, read: Instance) -> Instance:
        """A read, with the guards that were just set in case it doesn't show them yet."""
        if self._lag <= 0:
            return read
        return read.model_copy(
            update={
                name: getattr(read, name) or getattr(self.instance, name)
                for name in ("instance_shutdown_timer", "idle_instance_culler")
            }
        )

    async def _guard(self) -> None:
        before = self.instance
        if before.status == self._refused_in:
            return
        self.instance, self._error = await guards.put(self.op, before, self.inputs, self.admission)
        if self.instance is not before:
            self._lag = READS_THAT_MAY_LAG
        elif self._lag > 0:
            self._lag -= 1
        if self._error is not None:
            self._judge(self._error)
        else:
            self._failures = 0

    def _judge(self, error: CloudError) -> None:
        """Whether a guard that couldn't be set can wait for the next look."""
        refused = isinstance(error, Refused) and not is_transient(error)
        forbidden = refused and error.status in _FORBIDDEN
        if not forbidden and refused and self.instance.status != RUNNING:
            # The cloud may take guards from a running instance only; each status is tried once.
            self._refused_in = None if isinstance(error, NotFound) else self.instance.status
            return
        if not refused and not guards.unguarded(self.instance):
            return  # under the other guard there is time
        self._failures += 1
        if forbidden or self._failures >= PATIENCE:
            raise NotGuarded(Text.NOT_GUARDED(), error.advice)

    @staticmethod
    def _stopped(read: Instance) -> StartFailed:
        if read.status in FAILED:
            failed = Text.START_FAILED(instance=read.instance_id, why=waiters.reason(read))
            return StartFailed(failed, after_failed_start(read))
        if read.status == DELETING:
            return StartFailed(Text.START_DELETED(instance=read.instance_id), Text.RUN_UP_WHEN_GONE())
        return StartFailed(Text.START_STOPPED(instance=read.instance_id, status=read.status))
