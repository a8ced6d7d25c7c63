"""Time as the cloud has it: the system's, or a local emulator's, which moves when somebody waits."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from paidsw.cloud.errors import NotSent, Reason


class Clock(Protocol):
    """Seconds since the epoch, and a wait."""

    async def now(self) -> float:
        """The cloud's time in seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let so many of the cloud's seconds pass."""
        ...


class SystemClock:
    """The clock of this machine."""

    async def now(self) -> float:
        """The system's time."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait really."""
        await asyncio.sleep(seconds)


class EmulatorClock:
    """An emulator's clock: a wait moves it on, so that a rehearsal of minutes takes milliseconds."""

    def __init__(self, url: str) -> None:
        self._control = url.rstrip("/") + "/_emulator/"

    async def now(self) -> float:
        """The emulator's time."""
        return await self._ask("GET", "status", None)

    async def sleep(self, seconds: float) -> None:
        """Move the emulator on."""
        await self._ask("POST", "clock", {"advance": seconds})

    async def _ask(self, method: str, name: str, body: dict[str, float] | None) -> float:
        import aiohttp  # loaded by the SDK anyway, but not before the first wait

        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.request(method, self._control + name, json=body) as answer,
            ):
                answer.raise_for_status()
                return float((await answer.json())["now_ms"]) / 1000
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError):
            raise NotSent(
                "Clock", f"the emulator at {self._control} did not answer", code=Reason.EMULATOR
            ) from None
