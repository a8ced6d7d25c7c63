"""The provider on the emulator with nothing in between: no port, no thread, no real time.

The same servicer and the same emulated cloud as elsewhere; only gRPC and HTTP are left out, so that thousands of
histories take a minute. What the official SDK makes of broken replies is tested in tests/dsw.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NoReturn, TypeVar
from urllib.parse import urlencode

import grpc

from paidsw.cloud import Connection, DswClient
from paidsw.cloud.classify import call as cloud_call
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.emulator.account import open_account
from paidsw.emulator.dsw.models import Instance
from paidsw.emulator.faults import Fault
from paidsw.emulator.gateway import Answer, Gateway
from paidsw.emulator.ledger.live import Live
from paidsw.emulator.request import Call, Fields
from paidsw.emulator.routing import Operation
from paidsw.emulator.services import OPERATIONS
from paidsw.emulator.state import Settings
from paidsw.provider.engine import Engine, Severity
from paidsw.provider.journal import Journal
from paidsw.provider.operation import Ledger
from paidsw.provider.servicer import PaiDswServicer
from tests.support.plugin import Failure, FakeEngine, Plugin
from tests.support.samples import REGION, inputs

T = TypeVar("T")
# One for all, since nothing in it outlives a call.
LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)
_HOMES = TemporaryDirectory()
atexit.register(_HOMES.cleanup)
_NUMBERS = count()
_OPERATIONS = {operation.name: operation for operation in OPERATIONS}
# Short enough for few polls, long enough for a poll in each status.
FAST = {
    "Creating": 2,
    "ResourceAllocating": 5,
    "EnvPreparing": 5,
    "Starting": 5,
    "Stopping": 5,
    "Deleting": 5,
}


class Crash(BaseException):
    """The provider's process dies here."""


class _Refusal(Exception):
    """An HTTP error with what the SDK's own exceptions carry."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("Message", ""))
        self.status_code = status
        self.code = body.get("Code", "")
        self.message = body.get("Message", "")
        self.request_id = body.get("RequestId", "")
        self.data = body


class Reply:
    def __init__(self, body: dict[str, Any]) -> None:
        self.body = self
        self.headers: dict[str, str] = {}
        self._members = body

    def to_map(self) -> dict[str, Any]:
        return self._members


@dataclass
class Planned:
    """What happens before or after a call."""

    happen: Callable[[], None]
    operation: str
    nth: int
    after: bool


class World:
    """An emulated account, and what happens to a provider that works on it."""

    def __init__(self, **settings: Any) -> None:
        self.cloud = open_account(None, frozen=True, settings=Settings(**{"durations": FAST, **settings}))
        self._gateway = Gateway(self.cloud)
        self.workspace = self.cloud.default_workspace(REGION).id
        self.cloud.commit()
        self.calls: list[str] = []
        # The Pulumi home, which outlives a provider.
        self.home = Path(_HOMES.name) / str(next(_NUMBERS))
        # Before or after so many further calls the process dies or the engine cancels.
        self.before: tuple[int, Callable[[], None]] | None = None
        self.after: tuple[int, Callable[[], None]] | None = None
        self.planned: Planned | None = None

    def inputs(self, **changes: Any) -> dict[str, Any]:
        return inputs(workspaceId=self.workspace, **changes)

    def strike(self, kind: str, operation: str, **details: Any) -> None:
        self.cloud.faults.add(Fault(kind, operation, **details))

    async def send(
        self, operation: str, request: dict[str, Any], path: tuple[str, ...], region: str = REGION
    ) -> Reply:
        self._befall("before")
        self._reached(operation, after=False)
        self.calls.append(operation)
        answer = self._ask(_OPERATIONS[operation], request, path, region)
        self._befall("after")
        self._reached(operation, after=True)
        return _read(answer)

    def _ask(
        self, operation: Operation, request: dict[str, Any], path: tuple[str, ...], region: str
    ) -> Answer:
        params = dict(zip(re.findall(r"{(\w+)}", operation.path), path, strict=True))
        if operation.method in {"GET", "DELETE"}:
            return self._gateway.perform(operation, region, params, query=urlencode(request))
        body = json.dumps(request).encode() if request else b""
        return self._gateway.perform(operation, region, params, body=body)

    def plan(self, happen: Callable[[], None], operation: str, nth: int, *, after: bool) -> None:
        """Let something happen at the nth call from now to an operation, "" for any."""
        self.planned = Planned(happen, operation, nth, after)

    def _reached(self, operation: str, *, after: bool) -> None:
        planned = self.planned
        if planned is None or planned.after is not after or planned.operation not in ("", operation):
            return
        planned.nth -= 1
        if planned.nth <= 0:
            self.planned = None
            planned.happen()

    def _befall(self, when: Literal["before", "after"]) -> None:
        event = getattr(self, when)
        if event is None:
            return
        left, happen = event
        setattr(self, when, (left - 1, happen) if left else None)
        if not left:
            happen()

    @property
    def instances(self) -> list[Instance]:
        self.cloud.settle()
        return list(self.cloud.state.instances.values())

    def live(self) -> list[Live]:
        self.cloud.settle()
        return [thing for thing in self.cloud.live() if thing.kind != "workspace"]

    def billed(self) -> list[Live]:
        return [thing for thing in self.live() if thing.billed]

    def unguarded_ms(self) -> int:
        return sum(thing.unguarded_ms for thing in self.live())

    def console(self, operation: str, instance_id: str, **body: Any) -> None:
        """What somebody does in the PAI console: the same operation, past all faults."""
        self.console_of(REGION, operation, instance_id, **body)

    def console_of(self, region: str, operation: str, instance_id: str, **body: Any) -> None:
        """The same in the console of a region."""
        self.cloud.settle()
        call = Call(self.cloud, operation, region, self.cloud.now(), {"InstanceId": instance_id})
        call.query = call.body = Fields(body)
        _OPERATIONS[operation].handler(call)
        self.cloud.commit()


class DirectClient(DswClient):
    """A client whose calls go straight to the emulated account."""

    def __init__(self, world: World, region: str) -> None:
        super().__init__(Connection("http://127.0.0.1:9"), region)
        self.world = world
        self._workspaces = DirectWorkspaces(world, region)

    async def call(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        return await cloud_call(operation, lambda: self.world.send(operation, request, path, self.region))


class DirectWorkspaces(WorkspaceClient):
    """The same for the workspaces."""

    def __init__(self, world: World, region: str) -> None:
        super().__init__(Connection("http://127.0.0.1:9"), region)
        self.world = world

    async def call(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        return await cloud_call(operation, lambda: self.world.send(operation, request, path, self.region))


class DirectClock:
    def __init__(self, world: World) -> None:
        self._cloud = world.cloud

    async def now(self) -> float:
        return self._cloud.now() / 1000

    async def sleep(self, seconds: float) -> None:
        self._cloud.advance(seconds)


class _Engine(Engine):
    def __init__(self, fake: FakeEngine) -> None:
        super().__init__(None)
        self._fake = fake

    async def show(self, severity: Severity, message: str, urn: str, *, passing: bool) -> None:
        self._fake.lines.append((0, message, passing))


class _Servicer(PaiDswServicer):
    def __init__(self, engine: Engine, world: World) -> None:
        super().__init__(engine)
        self._world = world
        self.clock = DirectClock(world)
        self.journal = Journal(world.home)

    def client(self, region: str) -> DswClient:
        return DirectClient(self._world, region)


class _Abort(Exception):
    def __init__(self, code: grpc.StatusCode, details: str, metadata: Any = ()) -> None:
        super().__init__(details)
        self._parts = code, details, metadata

    def code(self) -> grpc.StatusCode:
        return self._parts[0]

    def details(self) -> str:
        return self._parts[1]

    def trailing_metadata(self) -> Any:
        return self._parts[2]


class _Context:
    async def abort(self, code: grpc.StatusCode, details: str = "", metadata: Any = ()) -> NoReturn:
        raise _Abort(code, details, metadata)


class Direct(Plugin):
    """A provider process on a world. After a Crash make another one: nothing of this one lives on."""

    def __init__(self, world: World) -> None:
        self.engine = FakeEngine()
        self.world = world
        self.servicer = _Servicer(_Engine(self.engine), world)

    @property
    def ledger(self) -> Ledger:
        """What this provider's process knows."""
        assert isinstance(self.servicer, PaiDswServicer)
        return self.servicer.ledger

    def call(self, method: str, request: Any) -> Any:
        try:
            return LOOP.run_until_complete(self._handle(method, request))
        except _Abort as abort:
            raise Failure.of(abort) from None

    async def _handle(self, method: str, request: Any) -> Any:
        handler: Callable[[Any, Any], Coroutine[Any, Any, Any]] = getattr(self.servicer, method)
        return await handler(request, _Context())

    def crash_in(self, calls: int, *, after: bool) -> None:
        """Die before or after the call that comes after so many others."""

        def die() -> None:
            raise Crash

        self.world.after, self.world.before = ((calls, die), None) if after else (None, (calls, die))

    def cancel_in(self, calls: int) -> None:
        self.world.before = (calls, self.servicer.cancelled.set)


def _read(answer: Answer) -> Reply:
    """What the SDK makes of an answer."""
    if answer.cut:
        raise ConnectionResetError
    body = json.loads(answer.body)  # ValueError for what is not JSON, as in the SDK
    if answer.status >= 400:
        raise _Refusal(answer.status, body)
    return Reply(body)
