"""Polling with back-off, jitter, a deadline and a way to be cancelled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

from paidsw.cloud.clock import Clock
from paidsw.cloud.errors import CloudError, NotSent, Throttled, Uncertain

T = TypeVar("T")
# Hears of an error that is waited out.
Tell = Callable[[CloudError], Awaitable[None]]

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 15.0
_GROWTH = 1.5
# How long a call under way may still answer after a cancel, in real seconds.
LAST_WORD_SECONDS = 1.0


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
    look: Callable[[], Awaitable[T | None]],
    *,
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    urgent: Callable[[], bool] = lambda: False,
) -> T:
    """Look until there is a result. Raises Cancelled, TimedOut, or what `look` raises.

    While it is `urgent` the pauses don't grow.
    """
    growing = pauses()
    while True:
        if cancelled.is_set():
            raise Cancelled
        result = await look()
        if result is not None:
            return result
        left = await deadline.remaining()
        if left <= 0:
            raise TimedOut
        pause = FIRST_PAUSE if urgent() else next(growing)
        await sleep_unless(cancelled, clock, min(pause, left))


async def persist(
    send: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    tell: Tell | None = None,
) -> T:
    """Repeat a call that does no harm when repeated, while the cloud is busy, unwell or out of reach.

    Raises Cancelled, the last passing error when the deadline passes, or at once what repeating can't mend.
    """

    async def look() -> tuple[T]:
        return (await send(),)

    return (await insist(look, clock=clock, deadline=deadline, cancelled=cancelled, tell=tell))[0]


async def insist(
    look: Callable[[], Awaitable[T | None]],
    *,
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    tell: Tell | None = None,
) -> T:
    """Like poll, over passing errors, of which each is told and the last is raised when the deadline passes."""
    last: CloudError | None = None

    async def attempt() -> T | None:
        nonlocal last
        try:
            return await look()
        except CloudError as error:
            if not passes(error):
                raise
            last = error
            if tell is not None:
                await tell(error)
            return None

    try:
        return await poll(attempt, clock=clock, deadline=deadline, cancelled=cancelled)
    except TimedOut:
        if last is not None:
            raise last from None
        raise


def passes(error: CloudError) -> bool:
    """Whether the same call may well succeed a little later."""
    if isinstance(error, NotSent):
        return error.passing
    return isinstance(error, Throttled | Uncertain)


async def answered_in_time(
    operation: str, sending: Coroutine[Any, Any, T], cancelled: asyncio.Event | None
) -> T:
    """The result of a call; Uncertain when it was cancelled and has no answer a moment later."""
    if cancelled is None:
        return await sending
    answer = asyncio.ensure_future(sending)
    stopping = asyncio.ensure_future(cancelled.wait())
    try:
        await asyncio.wait({answer, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await asyncio.wait({answer}, timeout=LAST_WORD_SECONDS)
        if not answer.done():
            raise Uncertain(operation, "cancelled before its reply came, so it may have been carried out")
        return answer.result()
    finally:
        stopping.cancel()
        answer.cancel()


async def sleep_unless(cancelled: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Wait, but no longer than until `cancelled` is set."""
    if cancelled.is_set():
        return
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    stopping = asyncio.ensure_future(cancelled.wait())
    try:
        await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if sleeping.done():
            sleeping.result()
    finally:
        sleeping.cancel()
        stopping.cancel()
