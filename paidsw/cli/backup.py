"""What `dsw backup` does, and `dsw release --backup` before a delete: an environment becomes an image."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from paidsw.audit.declared import Declared
from paidsw.cli.errors import CliError, ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.stack import setting
from paidsw.cli.target import called, found
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.cloud.models import DELETING, Snapshot
from paidsw.cloud.polling import Cancelled, TimedOut
from paidsw.core.messages import Message, UserError
from paidsw.core.text import printable
from paidsw.provider.engine import Engine, Severity
from paidsw.provider.errors import ProviderError, cause
from paidsw.provider.instance import backup as images
from paidsw.provider.instance import guards, inputs, power, waiters
from paidsw.provider.instance.api import inputs_of
from paidsw.provider.instance.inputs import Backup
from paidsw.provider.operation import Ledger, Operation
from paidsw.rules.free_backup_storage import RULE
from paidsw.rules.registry import evaluate

Place = Backup
Tell = Callable[[str], None]
REGISTRY = "https://cr.console.aliyun.com/"
_SETTING = "dsw-free-tier:backup"
_PARTS = ("snapshot", "repository")
_LONGEST = 1000
# For looking at the status after a failure. Seconds.
_LAST_LOOK = 20.0


class Gone(CliError):
    """The instance disappeared before it was saved."""


@dataclass(frozen=True)
class Saved:
    """A notebook, the snapshot of its environment, and the address of the image that it became."""

    instance: Instance
    snapshot: Snapshot
    image: str
    # Whether it was started for that, and runs.
    started: bool = False


class Printed(Engine):
    """Shows progress as lines, one per change, instead of beside a resource."""

    def __init__(self, tell: Tell, prefix: str = "") -> None:
        super().__init__(None)
        self._tell, self._prefix, self._last = tell, prefix, ""

    async def show(self, severity: Severity, message: str, *_: Any, **__: Any) -> None:
        """Print what differs from the last line."""
        line = printable(f"{self._prefix}{'warning: ' if severity == 'warning' else ''}{message}", _LONGEST)
        if line != self._last:
            self._last = line
            self._tell(line)


def place(root: Path, snapshot: str | None, repository: str | None) -> Place:
    """Where to save, as given and else by the stack's configuration. Raises UsageError."""
    given = {
        name: value
        for name, value in (("snapshot", snapshot), ("repository", repository))
        if value is not None
    }
    declared = {} if len(given) == len(_PARTS) else _declared(root)
    wanted: dict[str, Any] = {**declared, **given}
    missing = [name for name in _PARTS if name not in wanted]
    if missing:
        unset = Text.NONE_SET() if len(missing) == len(_PARTS) else Text.PART_NOT_SET(part=missing[0])
        raise UsageError(unset, Text.SET_PLACE(registry=REGISTRY))
    _, problems = inputs.check({"backup": wanted})
    wrong = [str(text) for name, text in problems if name == "backup"]
    if wrong:
        raise UsageError("; ".join(wrong), Text.CORRECT_PLACE())
    return Backup.of(wanted)


def _declared(root: Path) -> Mapping[str, Any]:
    try:
        declared = setting(root, _SETTING) or {}
    except CliError as error:
        raise UsageError(error.cause, error.advice) from None
    if isinstance(declared, str):  # as `pulumi config set backup '{…}'` leaves it
        with suppress(ValueError):
            declared = json.loads(declared)
    if not isinstance(declared, Mapping):
        raise UsageError(Text.PLACE_NOT_A_MAP(setting=_SETTING), Text.CORRECT_IT())
    return declared


def warnings(region: str, where: Place) -> list[str]:
    """What the rules say about storage that may bill."""
    violations = evaluate({"region": region, "backup": where.plain()})
    return [str(violation.message) for violation in violations if violation.rule == RULE.id]


@contextmanager
def until_interrupted() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C sets, so that what is under way ends in order; a second Ctrl-C doesn't wait for that."""
    loop, interrupted = asyncio.get_running_loop(), asyncio.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        loop.call_soon_threadsafe(interrupted.set)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


async def back_up(
    connection: Connection,
    region: str,
    where: Place,
    instance_id: str | None,
    state: Declared | None = None,
) -> Saved:
    """Save a notebook's environment, its progress on standard error. Raises CliError, which says how things stand."""
    api, instance = await found(connection, region, instance_id, state=state)
    for text in warnings(region, where):
        _aside(f"warning: {text}")
    _aside(
        f"{called(instance)} is saved to {where.repository}; that takes some minutes, and Ctrl-C leaves it"
    )
    with until_interrupted() as interrupted:
        op = operation(api, connection, instance.instance_id, interrupted, Printed(_aside))
        saved = await save(op, instance.instance_id, where)
        if saved.started:
            await power.stop_again(op, instance.instance_id)
        return saved


def _aside(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def operation(
    api: DswClient,
    connection: Connection,
    key: str,
    interrupted: asyncio.Event,
    shown: Engine,
    ledger: Ledger | None = None,
) -> Operation:
    """One backup; those that run at the same time share a ledger, each by a key of its own."""
    clock, timeout = connection.clock(), images.DEFAULT_TIMEOUT
    return Operation(key, api, clock, shown, interrupted, timeout, ledger or Ledger())


async def save(op: Operation, instance_id: str, where: Place, *, fresh: bool = False) -> Saved:
    """Save the environment of an instance, `fresh` if it is to be deleted.

    Raises CliError, which says how things stand, or Gone.
    """
    try:
        instance = await op.retry(lambda: op.api.get_instance(instance_id))
        if instance.status == DELETING:
            raise CliError(Text.BEING_DELETED(notebook=called(instance)))
        shown = inputs_of(instance, op.api.region)
        made = await images.save(op, instance, shown, where, fresh=fresh)
    except (CloudError, ProviderError, Cancelled, TimedOut) as error:
        raise await _failed(op, instance_id, where, error) from None
    image = made.snapshot.image_url or images.image_of(where, made.snapshot.snapshot_name)
    return Saved(instance, made.snapshot, image, made.started)


async def _failed(op: Operation, instance_id: str, where: Place, error: Exception) -> CliError:
    """Why it isn't saved, the status of notebook and snapshot, and what to do."""
    not_saved = Text.NOT_SAVED(instance=printable(instance_id), why=_why(error))
    code = ExitCode.INTERRUPTED if op.cancelled.is_set() else ExitCode.FAILED
    last = op.uncancellable(_LAST_LOOK)
    try:
        if await last.retry(lambda: waiters.is_gone(last, instance_id)):
            return Gone(Text.IS_GONE(not_saved=not_saved))
        instance = await last.retry(lambda: last.api.get_instance(instance_id))
        snapshots = await last.retry(lambda: last.api.list_snapshots(instance_id))
    except (CloudError, TimedOut):
        return CliError(not_saved, Text.STATE_UNKNOWN(), code)
    it_is = Text.IT_IS_UNGUARDED if guards.unguarded(instance) else Text.IT_IS
    way, advice = _under_way(snapshots, images.names_begin(instance_id, where), error)
    return CliError(it_is(not_saved=not_saved, status=printable(instance.status), way=way), advice, code)


def _why(error: Exception) -> Message | str:
    if isinstance(error, Cancelled):
        return Text.INTERRUPTED()
    if isinstance(error, TimedOut):
        return Text.TOO_LONG()
    return cause(error)


def _under_way(snapshots: Sequence[Snapshot], begins: str, error: Exception) -> tuple[Message, Message]:
    """What becomes of a snapshot, and what to do after an error."""
    for one in snapshots:
        if images.is_under_way(one, begins):
            name, status = printable(one.snapshot_name), printable(one.status)
            return Text.SNAPSHOT_UNDER_WAY(name=name, status=status), Text.RUN_TO_WAIT()
    if isinstance(error, Cancelled | TimedOut):
        return Text.NO_SNAPSHOT(), Text.RUN_SAME()
    known = error.advice if isinstance(error, UserError) else ""
    return Text.NO_SNAPSHOT(), Text.THEN_RUN_SAME(advice=known) if known else Text.FIX_AND_RUN()


def document(region: str, made: Saved) -> dict[str, Any]:
    """For programs."""
    return {
        "region": region,
        "instanceId": made.instance.instance_id,
        "instanceName": made.instance.instance_name,
        "image": made.image,
        "imageId": made.snapshot.image_id,
        "snapshotId": made.snapshot.snapshot_id,
        "snapshotName": made.snapshot.snapshot_name,
    }
