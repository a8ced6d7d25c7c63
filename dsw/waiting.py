"""Polling with back-off, jitter, a deadline and a way to be cancelled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from dsw.clock import Clock
from dsw.errors import CloudError, NotSent, Throttled, Uncertain

T = TypeVar("T")

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 15.0
_GROWTH = 1.5


class Cancelled(Exception):
    """The wait was called off."""


class TimedOut(Exception):
    """The deadline passed."""


class Deadline:
    """A moment on the cloud's clock, so many seconds from the first look at it."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self.seconds = seconds
        self._end: float | None = None

    async def remaining(self) -> float:
        """Seconds left, at least 0."""
        now = await self._clock.now()
        if self._end is None:
            self._end = now + self.seconds
        return max(0.0, self._end - now)


def pauses(jitter: Callable[[], float] = random.random) -> Iterator[float]:
    """Seconds between polls: growing to a bound, each up to a fifth shorter so that many waits spread out."""
    pause = FIRST_PAUSE
    while True:
        yield pause * (1 - 0.2 * jitter())
        pause = min(LONGEST_PAUSE, pause * _GROWTH)


async def poll(
    look: Callable[[], Awaitable[T | None]], *, clock: Clock, deadline: Deadline, cancelled: asyncio.Event
) -> T:
    """Look until there is a result. Raises Cancelled, TimedOut, or what `look` raises."""
    for pause in pauses():
        if cancelled.is_set():
            raise Cancelled
        result = await look()
        if result is not None:
            return result
        left = await deadline.remaining()
        if left <= 0:
            raise TimedOut
        await sleep_unless(cancelled, clock, min(pause, left))
    raise AssertionError("pauses never end")


async def persist(
    send: Callable[[], Awaitable[T]], *, clock: Clock, deadline: Deadline, cancelled: asyncio.Event
) -> T:
    """Repeat a call that does no harm when repeated, while the cloud is busy, unwell or out of reach.

    Raises Cancelled, the last passing error when the deadline passes, or at once what repeating can't mend.
    """
    last: CloudError | None = None

    async def attempt() -> tuple[T] | None:
        nonlocal last
        try:
            return (await send(),)
        except (Throttled, Uncertain, NotSent) as error:
            if isinstance(error, NotSent) and not error.passing:
                raise
            last = error
            return None

    try:
        return (await poll(attempt, clock=clock, deadline=deadline, cancelled=cancelled))[0]
    except TimedOut:
        if last is not None:
            raise last from None
        raise


async def sleep_unless(cancelled: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Wait, but no longer than until `cancelled` is set."""
    if cancelled.is_set():
        return
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    stopping = asyncio.ensure_future(cancelled.wait())
    done, pending = await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    if sleeping in done:
        sleeping.result()
