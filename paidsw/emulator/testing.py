"""An emulator in this process, for tests of any Pulumi program or client: a free port, a frozen clock, nothing on disk.

with running_emulator() as emulator:
    client = Client(Config(..., http_proxy=emulator.proxy, protocol="HTTP"))
    emulator.clock.advance(180)
    assert emulator.live() == []
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .account import Account, CallRecord, open_account
from .aiworkspace.models import Workspace
from .codec import decode, encode
from .dsw.models import Instance
from .faults import Fault
from .ledger.bill import Bill
from .ledger.live import Live
from .server import Server
from .signature import REHEARSAL_SECRET
from .state import Settings, State

T = TypeVar("T")


class EmulatorClock:
    """The emulator's clock: it is frozen until it is moved."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def now_ms(self) -> int:
        """The emulator's time, milliseconds since 1970."""
        return self._emulator.do(lambda account: account.now())

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move the clock forward; everything due on the way happens, in order."""
        total = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        self._emulator.control("POST", "clock", advance=total)


class EmulatorFaults:
    """The scripted faults."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def add(self, kind: str, operation: str = "*", **details: Any) -> None:
        """Put a fault in force: see `paidsw.emulator.faults.Fault`."""
        fault = Fault(kind, operation, **details)
        self._emulator.do(lambda account: account.faults.add(fault))

    def clear(self) -> None:
        """End all faults."""
        self._emulator.do(lambda account: account.faults.clear())


class Emulator:
    """A running emulator, used from another thread than its own."""

    secret = REHEARSAL_SECRET

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self.url = f"http://127.0.0.1:{server.port}"
        self.proxy = self.url
        self.clock = EmulatorClock(self)
        self.faults = EmulatorFaults(self)

    def do(self, action: Callable[[Account], T]) -> T:
        """Run something on the account, in the server's thread."""

        async def run() -> T:
            self._server.account.touch()
            return action(self._server.account)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def control(self, method: str, name: str, /, **values: Any) -> str:
        """A control call; the JSON answer. ApiError when it is refused."""
        return self.do(lambda _: self._server.control.handle(method, name, {}, values))

    def live(self) -> list[Live]:
        """Everything that lives, with what it costs now."""
        return self.do(lambda account: (account.settle(), account.live())[1])

    def billed(self) -> list[Live]:
        """What costs money now."""
        return [thing for thing in self.live() if thing.billed]

    def bill(self) -> Bill:
        """The bill up to now."""
        return self.do(lambda account: (account.settle(), account.bill())[1])

    @property
    def calls(self) -> list[CallRecord]:
        """The calls that came in, oldest first."""
        return self.do(lambda account: list(account.calls))

    @property
    def instances(self) -> list[Instance]:
        """The instances, as copies."""
        return list(self.state().instances.values())

    @property
    def workspaces(self) -> list[Workspace]:
        """The workspaces, as copies."""
        return list(self.state().workspaces.values())

    def state(self) -> State:
        """A copy of the whole account."""
        return decode(State, self.do(lambda account: encode(account.state)))

    def settings(self, **changes: Any) -> None:
        """Change settings: see `paidsw.emulator.state.Settings`."""
        self.control("POST", "settings", **changes)

    def trial(self, **changes: Any) -> None:
        """Change the trial: claimed, claimed_at, expires_at, remaining_cu."""
        self.control("POST", "trial", **changes)

    def activity(self, instance_id: str, *, cpu: int, gpu: int = 0) -> None:
        """The load of an instance in percent."""
        self.control("POST", "activity", instance_id=instance_id, cpu=cpu, gpu=gpu)

    def force(self, instance_id: str, status: str, reason_code: str = "", reason_message: str = "") -> None:
        """Put an instance into a status and let it stay there."""
        self.control(
            "POST",
            "force",
            instance_id=instance_id,
            status=status,
            reason_code=reason_code,
            reason_message=reason_message,
        )

    def default_workspace(self, region: str) -> str:
        """Give a region a default workspace; its id."""
        return str(json.loads(self.control("POST", "default_workspace", region=region))["workspace_id"])

    def dataworks(self, region: str, name: str, *, taken: bool = True) -> None:
        """Let a workspace of DataWorks have a name, or not any more."""
        self.control("POST", "dataworks", region=region, name=name, taken=taken)

    def empty_recycle_bin(self, region: str) -> None:
        """Free the names of a region's deleted workspaces."""
        self.control("POST", "empty_recycle_bin", region=region)

    def other(
        self, kind: str, identifier: str, region: str, *, name: str = "", status: str = "Running", **wire: Any
    ) -> None:
        """Put an EAS service or resource group or a DLC job there; further members in wire names."""
        values = {"kind": kind, "id": identifier, "region": region, "name": name or identifier}
        self.control("POST", "other", **values, status=status, wire=wire)

    def reset(self, **settings: Any) -> None:
        """Begin again as `running_emulator` does: an empty account, no faults, no calls, these settings."""
        fresh = Settings(**settings)
        self.do(lambda account: account.reset(frozen=account.state.clock.frozen, settings=fresh))


@contextmanager
def running_emulator(
    folder: Path | None = None, *, frozen: bool = True, port: int = 0, **settings: Any
) -> Iterator[Emulator]:
    """Serve an account until the block ends; with ``folder`` its state is kept there.

    ``settings`` are those of `paidsw.emulator.state.Settings`. EmulatorError when the port is taken.
    """
    loop = asyncio.new_event_loop()
    # A daemon, so that a test run that is interrupted ends.
    thread = threading.Thread(target=loop.run_forever, name="emulator", daemon=True)
    thread.start()

    async def begin() -> Server:
        server = Server(open_account(folder, frozen=frozen, settings=Settings(**settings)), folder)
        await server.start(port)
        return server

    try:
        server = asyncio.run_coroutine_threadsafe(begin(), loop).result(30)
        try:
            yield Emulator(server, loop)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
