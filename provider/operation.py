"""What surrounds one create, read, update or delete: its time, its end, its display."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from dsw import DswClient
from dsw.clock import Clock
from dsw.waiting import Deadline, persist, poll
from provider.engine import Engine

T = TypeVar("T")


@dataclass
class Operation:
    """One operation on one resource. `timeout` is in seconds."""

    urn: str
    api: DswClient
    clock: Clock
    engine: Engine
    cancelled: asyncio.Event
    timeout: float

    def __post_init__(self) -> None:
        self.deadline = Deadline(self.clock, self.timeout)
        self._shown = ""

    async def report(self, text: str) -> None:
        """Show progress beside the resource, once per change."""
        if text != self._shown:
            self._shown = text
            await self.engine.log("info", text, self.urn, passing=True)

    async def warn(self, text: str) -> None:
        """Show a warning that stays."""
        await self.engine.log("warning", text, self.urn)

    async def poll(self, look: Callable[[], Awaitable[T | None]]) -> T:
        """Look until there is a result, the time is up, or the operation is cancelled."""
        return await poll(look, clock=self.clock, deadline=self.deadline, cancelled=self.cancelled)

    async def persist(self, send: Callable[[], Awaitable[T]]) -> T:
        """Repeat a harmless call over passing trouble."""
        return await persist(send, clock=self.clock, deadline=self.deadline, cancelled=self.cancelled)

    def with_timeout(self, seconds: float) -> Operation:
        """The same operation with a time of its own that no cancel cuts short: for what must still be done."""
        return Operation(self.urn, self.api, self.clock, self.engine, asyncio.Event(), seconds)
