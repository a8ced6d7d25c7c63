"""The way of an instance up to Running, guarded from its first moment on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DOWN, FAILED, QUEUING, RUNNING
from paidsw.cloud.polling import TimedOut, is_transient
from paidsw.provider.errors import PartialFailure, ProviderError, sentence
from paidsw.provider.instance import guards, outcome, power, waits, wire
from paidsw.provider.instance.waits import READS_THAT_MAY_LAG
from paidsw.provider.operation import Operation

# So many looks in a row may fail to set a guard before the machine is ended: well before it would run.
PATIENCE = 5
_FORBIDDEN = frozenset({401, 403})


class Fell(ProviderError):
    """The instance ended in a status that it won't leave by itself."""


class Unguardable(ProviderError):
    """A declared guard could not be set."""


class Ascent:
    """Guards an instance that was created or started, and waits until it runs.

    `fresh`: created in this very operation, so it holds nothing and nothing guards it yet.
    """

    def __init__(
        self, op: Operation, inputs: Mapping[str, Any], instance: Instance, *, fresh: bool = False
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.fresh = fresh
        # The instance as the last read and the calls since then have it.
        self.seen = instance
        self._doubts = 0
        self._lag = READS_THAT_MAY_LAG
        self._trouble: CloudError | None = None
        # The status in which the cloud takes no guards.
        self._refused_in: str | None = None

    async def finish(self) -> dict[str, Any]:
        """Go all the way; the resource's state. Raises PartialFailure and nothing else: the instance exists."""
        try:
            await self._guard()
            await self._poll(self._arrived)
            return wire.state(self.inputs, self.seen)
        except Exception as error:
            raise await self.failed(error) from error

    async def secure(self) -> Instance:
        """Go on until something guards the machine; the instance. Raises PartialFailure and nothing else."""
        try:
            if guards.bare(self.seen):
                await self._guard()
                await self._poll(self._secured)
        except Exception as error:
            raise await self.failed(error) from error
        return self.seen

    async def start(self) -> None:
        """Start a stopped instance. Raises PartialFailure and nothing else."""
        # Here already, where the cloud takes it from a stopped instance: then no start is without it.
        self.seen, _ = await guards.put(self.op, self.seen, self.inputs)
        # From here on it may run, whatever the answer is.
        self.seen = self.seen.model_copy(update={"status": "", "instance_shutdown_timer": None})
        try:
            await power.start(self.op, self.seen.instance_id)
        except Exception as error:
            if isinstance(error, Refused):
                self.seen = await waits.glance(self.op, self.seen)
            raise await self.failed(error) from error

    async def failed(self, error: Exception, wanted: str = RUNNING) -> PartialFailure:
        """The error as the engine needs it, once the machine is guarded or ended."""
        told = outcome.told(error, self.seen, self.op.timeout, wanted)
        if self.seen.status not in DOWN:
            told += await self._ended(error)
        return await outcome.unfinished(self.op, self.inputs, self.seen, [f"{told}; {outcome.ADVICE}"])

    async def _ended(self, error: Exception) -> str:
        """End a machine that must not go on, and say so."""
        late = isinstance(error, TimedOut)
        if (
            isinstance(error, Unguardable)
            or guards.bare(self.seen)
            or (late and not guards.complete(self.seen, self.inputs))
        ):
            why = f" ({sentence(self._trouble)})" if self._trouble else ""
            lead = f"; its guards could not be set{why}, so "
        elif late and self.fresh and self.seen.status == QUEUING:
            lead = "; it would start at an hour that nobody chose, so "
        else:
            return ""
        return lead + await power.contain(self.op, self.seen, holds_nothing=self.fresh)

    async def _poll(self, look: Any) -> None:
        await self.op.poll(look, urgent=lambda: guards.bare(self.seen))

    async def _arrived(self) -> bool | None:
        # Perhaps as it was before the start; a fresh one was never down.
        believed = self.fresh or self._lag <= 0
        read = await self._look()
        if read is not None and read.status in DOWN and believed:
            self._fallen(read)
        if read is not None and read.status == RUNNING and guards.complete(read, self.inputs):
            self.seen = read
            return True
        return None

    async def _secured(self) -> bool | None:
        if guards.bare(self.seen):
            await self._look()
        return None if guards.bare(self.seen) else True

    async def _look(self) -> Instance | None:
        """Read, and set what is missing; the instance as read."""
        read = await self._read()
        if read is not None:
            self.seen = self._believed(read)
        await self._guard()
        return read

    async def _read(self) -> Instance | None:
        try:
            return await waits.seen(self.op, self.seen.instance_id)
        except NotFound:
            if self._lag <= 0 and await waits.vanished(self.op, self.seen.instance_id):
                raise
            self._lag -= 1
            return None

    def _believed(self, read: Instance) -> Instance:
        """A read, with the guards that were just set in case it doesn't show them yet."""
        if self._lag <= 0:
            return read
        return read.model_copy(
            update={
                name: getattr(read, name) or getattr(self.seen, name)
                for name in ("instance_shutdown_timer", "idle_instance_culler")
            }
        )

    async def _guard(self) -> None:
        before = self.seen
        if before.status == self._refused_in:
            return
        self.seen, self._trouble = await guards.put(self.op, before, self.inputs)
        if self.seen is not before:
            self._lag = READS_THAT_MAY_LAG
        elif self._lag > 0:
            self._lag -= 1
        if self._trouble is not None:
            self._judge(self._trouble)
        else:
            self._doubts = 0

    def _judge(self, trouble: CloudError) -> None:
        """Whether a guard that couldn't be set can wait for the next look."""
        refused = isinstance(trouble, Refused) and not is_transient(trouble)
        forbidden = refused and trouble.status in _FORBIDDEN
        if not forbidden and refused and self.seen.status != RUNNING:
            # The cloud may take guards from a running instance only; each status is tried once.
            self._refused_in = None if isinstance(trouble, NotFound) else self.seen.status
            return
        if not refused and not guards.bare(self.seen):
            return  # under the other guard there is time
        self._doubts += 1
        if forbidden or self._doubts >= PATIENCE:
            raise Unguardable("timer and idle shutdown are not as declared")

    def _fallen(self, read: Instance) -> None:
        if read.status in FAILED:
            raise Fell(f"instance {read.instance_id} failed: {waits.reason(read)}")
        raise Fell(
            f"instance {read.instance_id} is {read.status}, not Running: somebody or a guard stopped it"
        )
