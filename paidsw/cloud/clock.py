"""The cloud's time: the system clock, or a local emulator's, which advances whenever somebody waits."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from paidsw.cloud.emulated import ask, locate
from paidsw.cloud.errors import NotSent, Reason
from paidsw.cloud.messages import Text


class Clock(Protocol):
    """Tells the cloud's time and waits on it."""

    async def now(self) -> float:
        """The cloud's time in seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for this many of the cloud's seconds."""
        ...


class SystemClock:
    """This machine's clock."""

    async def now(self) -> float:
        """The system's time."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


class EmulatorClock:
    """An emulator's clock: a wait advances it, so that a rehearsal of minutes takes milliseconds."""

    def __init__(self, emulator: str) -> None:
        self._emulator = emulator

    async def now(self) -> float:
        """The emulator's time."""
        return await self._ask("GET", "status", None)

    async def sleep(self, seconds: float) -> None:
        """Advance the emulator's clock."""
        await self._ask("POST", "clock", {"advance": seconds})

    async def _ask(self, method: str, name: str, body: dict[str, float] | None) -> float:
        address = locate(self._emulator)
        answer = await ask(address, method, name, body)
        try:
            return float(answer["now_ms"]) / 1000
        except (KeyError, TypeError, ValueError):
            raise NotSent("", Text.EMULATOR_SILENT(url=address.url), code=Reason.EMULATOR) from None
