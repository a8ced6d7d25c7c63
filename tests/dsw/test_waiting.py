"""Polling: back-off, deadline, cancel and passing trouble, on a clock that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

import pytest

from dsw import CredentialsMissing, NotSent, Refused, Throttled, Uncertain
from dsw.waiting import Cancelled, Deadline, TimedOut, pauses, persist, poll, sleep_unless


class HandClock:
    """A clock that a wait moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.waits: list[float] = []

    async def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds


class StuckClock(HandClock):
    """A clock on which a wait never ends."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


def run(
    function: Any, send: Callable[[], Awaitable[Any]], *, seconds: float = 60, cancelled: bool = False
) -> tuple[Any, HandClock]:
    clock = HandClock()

    async def body() -> Any:
        stop = asyncio.Event()
        if cancelled:
            stop.set()
        return await function(send, clock=clock, deadline=Deadline(clock, seconds), cancelled=stop)

    return asyncio.run(body()), clock


def after(n: int, result: Any, error: Exception | None = None) -> Callable[[], Awaitable[Any]]:
    left = n

    async def send() -> Any:
        nonlocal left
        left -= 1
        if left >= 0:
            if error is not None:
                raise error
            return None
        return result

    return send


def test_pauses_grow_to_a_bound() -> None:
    steady = list(islice(pauses(lambda: 0.0), 8))
    assert steady[:3] == [2.0, 3.0, 4.5]
    assert steady == sorted(steady)
    assert steady[-1] == 15.0


def test_jitter_only_shortens() -> None:
    shortest = list(islice(pauses(lambda: 1.0), 8))
    longest = list(islice(pauses(lambda: 0.0), 8))
    assert all(0.8 * high == pytest.approx(low) for low, high in zip(shortest, longest, strict=True))


def test_poll_gives_the_first_result() -> None:
    result, clock = run(poll, after(3, "there"))
    assert result == "there"
    assert len(clock.waits) == 3


def test_poll_never_waits_past_the_deadline() -> None:
    clock = HandClock()

    async def never() -> None:
        return None

    async def body() -> None:
        await poll(never, clock=clock, deadline=Deadline(clock, 20), cancelled=asyncio.Event())

    with pytest.raises(TimedOut):
        asyncio.run(body())
    assert sum(clock.waits) == pytest.approx(20)


def test_poll_is_cancelled_before_it_looks() -> None:
    with pytest.raises(Cancelled):
        run(poll, after(0, "there"), cancelled=True)


def test_a_wait_ends_when_it_is_cancelled() -> None:
    async def body() -> None:
        stop = asyncio.Event()
        waiting = asyncio.ensure_future(sleep_unless(stop, StuckClock(), 1e9))
        await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(body())


@pytest.mark.parametrize("error", [Throttled("X", "slow"), Uncertain("X", "lost"), NotSent("X", "off")])
def test_persist_outlasts_passing_trouble(error: Exception) -> None:
    result, _ = run(persist, after(4, "done", error), seconds=600)
    assert result == "done"


def test_persist_takes_none_as_a_result() -> None:
    result, clock = run(persist, after(0, None))
    assert result is None
    assert clock.waits == []


@pytest.mark.parametrize("error", [Refused("X", "no"), CredentialsMissing("X", "none"), KeyError("bug")])
def test_persist_gives_up_at_once_on_what_wont_pass(error: Exception) -> None:
    with pytest.raises(type(error)):
        run(persist, after(4, "done", error))


def test_persist_ends_with_the_last_trouble() -> None:
    with pytest.raises(Throttled, match="slow"):
        run(persist, after(10_000, "done", Throttled("X", "slow")), seconds=30)
