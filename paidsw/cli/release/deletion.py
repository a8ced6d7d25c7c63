"""The deletes of `dsw release`: each looks once more, saves if that is wanted, deletes, and waits until it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from paidsw.audit.evidence import in_cloud_time
from paidsw.audit.listed import ListedInstance, compared
from paidsw.audit.model import Owner
from paidsw.cli import backup
from paidsw.cli.errors import CliError, ExitCode
from paidsw.cli.messages import Text
from paidsw.cli.release.plan import check_proven, left_alone, runs
from paidsw.cli.release.request import Wanted
from paidsw.cloud import CloudError, DswClient, Instance, NotFound
from paidsw.cloud.models import DELETING
from paidsw.core.text import printable
from paidsw.provider.engine import Engine
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import power
from paidsw.provider.instance.delete import DEFAULT_TIMEOUT, delete
from paidsw.provider.operation import Ledger, Operation

_LONGEST = 1000


@dataclass(frozen=True)
class Outcome:
    """What became of one."""

    gone: bool
    said: str


@dataclass(frozen=True)
class Outcomes:
    """What became of each, in the order of the plan, and whether Ctrl-C cut it short."""

    each: tuple[Outcome, ...] = ()
    interrupted: bool = False

    @property
    def code(self) -> ExitCode:
        """The exit code that they make."""
        if all(one.gone for one in self.each):
            return ExitCode.OK
        return ExitCode.INTERRUPTED if self.interrupted else ExitCode.FOUND


def holds(listed: ListedInstance) -> bool:
    """Whether there is something to save."""
    return listed.instance.status != DELETING


async def release(
    wanted: Wanted, victims: Sequence[ListedInstance], confirmed: frozenset[str], tell: Callable[[str], None]
) -> Outcomes:
    """Release all at once and wait until a read confirms each. `confirmed`: the ids of those that may run."""
    ledger = Ledger()
    with backup.until_interrupted() as interrupted:
        deletions = [
            _Deletion(wanted, one, one.instance.instance_id in confirmed, interrupted, ledger, tell)
            for one in victims
        ]
        outcomes = await asyncio.gather(*(one.outcome() for one in deletions))
    for one, outcome in zip(deletions, outcomes, strict=True):
        tell(f"{one.name}: {outcome.said}")
    return Outcomes(tuple(outcomes), interrupted.is_set())


class _Vanished(Exception):
    """The instance disappeared by itself: neither a read nor the list knows it."""


class _Deletion:
    """The end of one instance."""

    def __init__(
        self,
        wanted: Wanted,
        listed: ListedInstance,
        may_run: bool,
        interrupted: asyncio.Event,
        ledger: Ledger,
        tell: Callable[[str], None],
    ) -> None:
        self._wanted, self._listed, self._interrupted = wanted, listed, interrupted
        self._may_run = may_run
        self._ledger, self._tell = ledger, tell
        self._id = listed.instance.instance_id
        self.name = printable(self._id, 64)
        self._api = DswClient(wanted.connection, listed.region)
        self._kept = ""
        # What can stop a machine that was started for its backup.
        self._started: Operation | None = None

    async def outcome(self) -> Outcome:
        """Save it if that is wanted, then delete it. A machine started for that isn't left running."""
        outcome = await self._outcome()
        if self._started is not None and not outcome.gone:
            await power.stop_again(self._started, self._id)
        return outcome

    async def _outcome(self) -> Outcome:
        try:
            await self._still_meant()
            if self._wanted.backup is not None and holds(self._listed):
                await self._save(self._wanted.backup)
                await self._still_meant()
            await self._delete()
        except backup.Gone as error:
            return Outcome(True, printable(error, _LONGEST))
        except _Vanished:
            return Outcome(True, self._gone())
        except ProviderError as error:
            again = "; run dsw release again" if error.advice else ""
            return Outcome(False, printable(f"{error.cause}{again}{self._kept}", _LONGEST))
        except (CloudError, CliError) as error:
            return Outcome(False, printable(f"not deleted: {error}{self._kept}", _LONGEST))
        return Outcome(True, self._gone())

    def _gone(self) -> str:
        lost = self._wanted.backup is not None and holds(self._listed) and not self._kept
        return f"gone{'; nothing of it was saved before' if lost else self._kept}"

    async def _save(self, where: backup.Place) -> None:
        shown = backup.Printed(self._tell, f"{self.name}: ")
        connection = self._wanted.connection
        op = backup.operation(self._api, connection, self._id, self._interrupted, shown, self._ledger)
        try:
            made = await backup.save(op, self._id, where, fresh=True)
        except backup.Gone:
            raise
        except CliError as error:
            raise CliError(str(error), Text.LOST_WITHOUT_BACKUP()) from None
        self._started = op if made.started else None
        self._kept = f"; its environment is saved: {printable(made.image)}"

    async def _delete(self) -> None:
        clock, timeout = self._wanted.connection.clock(), DEFAULT_TIMEOUT
        op = Operation("", self._api, clock, Engine(None), self._interrupted, timeout)
        await delete(op, self._id)

    async def _still_meant(self) -> None:
        """Look once more before a delete, at the instance and at the state. Raises CliError where it is to stay."""
        now = compared(await self._as_it_is(), self._listed.region, None, self._listed.endings)
        if not self._wanted.names:
            now = await self._compared_again(now.instance)
        if now.runs and not self._may_run and self._started is None:
            raise runs(self._id)

    async def _compared_again(self, instance: Instance) -> ListedInstance:
        """Whose it is by the state as it is now."""
        state = self._wanted.state
        clock = datetime.fromtimestamp(await self._wanted.connection.clock().now(), UTC)
        declared = in_cloud_time(state.evidence(), clock)
        now = compared(instance, self._listed.region, declared, self._listed.endings)
        check_proven(now, declared, state)
        if now.owner is Owner.UNDECLARED:
            if self._started is None and (why := left_alone(now)):
                raise why
            return now
        same = instance.labels == self._listed.instance.labels
        raise CliError(Text.STATE_CHANGED() if same else Text.LABELS_CHANGED(), Text.RUN_SAME())

    async def _as_it_is(self) -> Instance:
        """The instance now. One answer alone is not enough to call it gone: then the list is asked as well."""
        try:
            return await self._api.get_instance(self._id)
        except NotFound:
            for other in await self._api.all_instances(self._listed.instance.workspace_id):
                if other.instance_id == self._id:
                    return other
            raise _Vanished from None
