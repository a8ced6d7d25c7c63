"""What one create, read, update or delete needs: its deadline, its cancellation, its display."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from paidsw.cloud import CloudError, DswClient, Instance
from paidsw.cloud.client import Listing
from paidsw.cloud.clock import Clock
from paidsw.cloud.polling import FIRST_PAUSE, Deadline, poll, poll_with_retries, retry, sleep_unless
from paidsw.core.messages import Message
from paidsw.provider.journal import NO_JOURNAL, Journal
from paidsw.provider.messages import Text
from paidsw.trial.entitlement import Plan

if TYPE_CHECKING:
    from paidsw.provider.engine import Engine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grant:
    """What an operation may use of the trial: a type, until its timer ends (seconds since the epoch).

    `owner_id` is empty for an instance without an owner.
    """

    instance_type: str
    ends: float
    owner_id: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """What an instance may use: `longest`, the seconds that its shutdown timer may have at most.

    `plan` is what the trial pays for, None where that wasn't asked or the trial doesn't pay; `billed` is whether it
    runs all the same, since allowBilling says so.
    """

    longest: float
    plan: Plan | None = None
    billed: bool = False

    def timer(self, hours: float) -> float:
        """The seconds of a timer for a session of so many hours."""
        return min(hours * 3600, self.longest)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An instance that the engine's state has: where, under which URN, and what the cloud shows of it."""

    urn: str
    region: str
    name: str
    status: str = ""
    workspace_id: str = ""
    workspace_name: str = ""


@dataclass
class Ledger:
    """What one run of the engine has let this provider know."""

    # What may run, by URN.
    granted: dict[str, Grant] = field(default_factory=dict)
    # Whether a program declares anything: there is none in a destroy.
    has_program: bool = False
    # The owners' ids that the engine has named: those of this stack.
    owners: set[str] = field(default_factory=set)
    # The instances that the engine has read and that aren't being deleted, by their ids.
    recorded: dict[str, Recorded] = field(default_factory=dict)
    # The URNs of the owners that the state has.
    compared: set[str] = field(default_factory=set)
    # The names of components, former ones too, that the program has declared so far.
    named: set[str] = field(default_factory=set)
    # The instances that an owner's replaceId gives up.
    given_up: set[str] = field(default_factory=set)
    # The secret inputs of what is going to be imported, by the resource's id.
    secret_imports: dict[str, frozenset[str]] = field(default_factory=dict)
    # The instances that kept another one from being created.
    in_the_way: set[str] = field(default_factory=set)
    # The ids of the instances that the program keeps in the engine's state.
    in_state: set[str] = field(default_factory=set)
    # What was created: the ids of cleanups, and by the URN of an owner where its instances are.
    cleanups: set[str] = field(default_factory=set)
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # The sentences that diffs have said.
    said: set[str] = field(default_factory=set)
    # The workspaces of the cleanups that were deleted: those that the engine's state had.
    workspaces: set[str] = field(default_factory=set)


@dataclass
class Operation:
    """One operation on one resource. `timeout` is in seconds."""

    urn: str
    api: DswClient
    clock: Clock
    engine: Engine
    cancelled: asyncio.Event
    timeout: float
    ledger: Ledger = field(default_factory=Ledger)
    journal: Journal = NO_JOURNAL
    # Where the instance is known to be.
    workspace_id: str = ""

    def __post_init__(self) -> None:
        self.api = self.api.until(self.cancelled)
        self.deadline = Deadline(self.clock, self.timeout)
        self._shown: Message | None = None

    async def listing(self) -> Listing:
        """The region's instances, those of the operation's own workspace by two lists, and whether all were seen."""
        return await self.api.listing(self.workspace_id)

    async def all_instances(self) -> list[Instance]:
        """The instances of `listing`."""
        return (await self.listing()).instances

    async def report(self, text: Message) -> None:
        """Show progress beside the resource, once per change."""
        if text != self._shown:
            self._shown = text
            await self.engine.log("info", text, self.urn, passing=True)

    async def tell(self, text: Message | str) -> None:
        """Show a line that stays."""
        await self.engine.log("info", text, self.urn)

    async def warn(self, text: Message | str) -> None:
        """Show a warning that stays."""
        await self.engine.log("warning", text, self.urn)

    async def poll(
        self, look: Callable[[], Awaitable[T | None]], *, urgent: Callable[[], bool] = lambda: False
    ) -> T:
        """Look until there is a result, the time is up, or the operation is cancelled."""
        return await poll(
            look, clock=self.clock, deadline=self.deadline, cancelled=self.cancelled, urgent=urgent
        )

    async def poll_with_retries(self, look: Callable[[], Awaitable[T | None]]) -> T:
        """Look until there is a result, past transient errors."""
        return await poll_with_retries(
            look, clock=self.clock, deadline=self.deadline, cancelled=self.cancelled, tell=self._retried
        )

    async def retry(self, send: Callable[[], Awaitable[T]]) -> T:
        """Repeat a harmless call past transient errors."""
        return await retry(
            send, clock=self.clock, deadline=self.deadline, cancelled=self.cancelled, tell=self._retried
        )

    async def pause(self) -> None:
        """Let a moment pass."""
        await sleep_unless(self.cancelled, self.clock, FIRST_PAUSE)

    def within(self, seconds: float) -> Operation:
        """The same operation with a time of its own."""
        return replace(self, timeout=seconds)

    def uncancellable(self, seconds: float) -> Operation:
        """The same operation with a time of its own that no cancel cuts short: for what must still be done."""
        return replace(self, cancelled=asyncio.Event(), timeout=seconds)

    async def _retried(self, error: CloudError) -> None:
        await self.report(Text.RETRIED(operation=error.operation, why=error.brief))
