"""Polling and retries with back-off, jitter, a deadline and cancellation."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from paidsw.cloud.clock import Clock
from paidsw.cloud.errors import CloudError, NotSent, Throttled, Uncertain

T = TypeVar("T")
# Called with each error that is retried.
Tell = Callable[[CloudError], Awaitable[None]]

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 15.0
_GROWTH = 1.5


class Cancelled(Exception):
    """The wait was cancelled."""


class TimedOut(Exception):
    """The deadline passed."""


class Deadline:
    """A moment on the cloud's clock, so many seconds after it is first asked for."""

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
    """Seconds between polls: growing to a maximum, each up to a fifth shorter so that many waits spread out."""
    pause = FIRST_PAUSE
    while True:
        yield pause * (1 - 0.2 * jitter())
        pause = min(LONGEST_PAUSE, pause * _GROWTH)


def is_transient(error: CloudError) -> bool:
    """Whether the same call may well succeed a little later."""
    if isinstance(error, NotSent):
        return error.transient
    return isinstance(error, Throttled | Uncertain)


async def poll(
    look: Callable[[], Awaitable[T | None]],
    *,
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    urgent: Callable[[], bool] = lambda: False,
) -> T:
    """Look until there is a result. Raises Cancelled, TimedOut, or what `look` raises.

    While `urgent` is true the pauses don't grow.
    """
    return await _loop(look, clock, deadline, cancelled, urgent=urgent)


async def poll_with_retries(
    look: Callable[[], Awaitable[T | None]],
    *,
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    tell: Tell | None = None,
) -> T:
    """Like `poll`, but transient errors are retried: one that is still there at the deadline is raised."""
    return await _loop(look, clock, deadline, cancelled, retried=is_transient, tell=tell)


async def retry(
    call: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    tell: Tell | None = None,
    retried: Callable[[CloudError], bool] = is_transient,
    attempts: int | None = None,
) -> T:
    """Repeat a call that is safe to repeat while its errors are `retried`, at most `attempts` times.

    Between two calls it waits at least as long as the cloud's Retry-After says, but not past the deadline. Raises
    Cancelled, the last of those errors when the deadline passes, and every other error at once.
    """
    made = 0

    async def look() -> tuple[T]:
        nonlocal made
        made += 1
        return (await call(),)

    def again(error: CloudError) -> bool:
        return retried(error) and made != attempts

    return (await _loop(look, clock, deadline, cancelled, retried=again, tell=tell))[0]


async def _loop(
    look: Callable[[], Awaitable[T | None]],
    clock: Clock,
    deadline: Deadline,
    cancelled: asyncio.Event,
    *,
    urgent: Callable[[], bool] = lambda: False,
    retried: Callable[[CloudError], bool] = lambda _: False,
    tell: Tell | None = None,
) -> T:
    growing = pauses()
    while True:
        if cancelled.is_set():
            raise Cancelled
        failed: CloudError | None = None
        try:
            result = await look()
        except CloudError as error:
            if not retried(error):
                raise
            failed = error
            if tell is not None:
                await tell(error)
        else:
            if result is not None:
                return result
        left = await deadline.remaining()
        pause = FIRST_PAUSE if urgent() else next(growing)
        if isinstance(failed, Throttled):
            pause = max(pause, failed.retry_after)
        if left <= 0:
            raise failed or TimedOut
        await sleep_unless(cancelled, clock, min(pause, left))


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
