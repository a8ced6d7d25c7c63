"""Polling: back-off, deadline, cancel and transient errors, on a clock that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.cloud import CredentialsMissing, NotSent, Refused, Throttled, Uncertain
from paidsw.cloud.polling import (
    FIRST_PAUSE,
    Cancelled,
    Deadline,
    TimedOut,
    is_transient,
    pauses,
    poll,
    poll_with_retries,
    retry,
    sleep_unless,
)


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
def test_retry_outlasts_transient_errors(error: Exception) -> None:
    result, _ = run(retry, after(4, "done", error), seconds=600)
    assert result == "done"


def test_retry_takes_none_as_a_result() -> None:
    result, clock = run(retry, after(0, None))
    assert result is None
    assert clock.waits == []


@pytest.mark.parametrize(
    "error", [Refused("X", "no"), CredentialsMissing("none", "set one"), KeyError("bug")]
)
def test_retry_gives_up_at_once_on_what_wont_pass(error: Exception) -> None:
    with pytest.raises(type(error)):
        run(retry, after(4, "done", error))


def test_retry_ends_with_the_last_error() -> None:
    with pytest.raises(Throttled, match="slow"):
        run(retry, after(10_000, "done", Throttled("X", "slow")), seconds=30)


def test_poll_with_retries_keeps_looking_after_errors_and_without_a_result() -> None:
    steps: list[Any] = [Throttled("X", "busy"), None, Uncertain("X", "lost"), "there"]

    async def look() -> Any:
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    result, clock = run(poll_with_retries, look)
    assert result == "there"
    assert len(clock.waits) == 3


def test_poll_with_retries_times_out_without_errors() -> None:
    with pytest.raises(TimedOut):
        run(poll_with_retries, after(10_000, "done"), seconds=30)


def test_each_error_is_reported() -> None:
    told: list[Exception] = []
    clock = HandClock()

    async def tell(error: Exception) -> None:
        told.append(error)

    async def body() -> Any:
        deadline = Deadline(clock, 600)
        send = after(3, "done", Throttled("X", "busy"))
        return await retry(send, clock=clock, deadline=deadline, cancelled=asyncio.Event(), tell=tell)

    assert asyncio.run(body()) == "done"
    assert [str(error) for error in told] == ["X: busy"] * 3


def test_pauses_stay_short_while_it_is_urgent() -> None:
    clock = HandClock()

    async def body() -> Any:
        deadline = Deadline(clock, 600)
        look, cancelled = after(6, "there"), asyncio.Event()
        urgent = iter([True, True, True, False, False, False])
        return await poll(
            look, clock=clock, deadline=deadline, cancelled=cancelled, urgent=lambda: next(urgent)
        )

    asyncio.run(body())
    assert clock.waits[:3] == [FIRST_PAUSE] * 3
    assert clock.waits[3] <= FIRST_PAUSE < clock.waits[5]


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (Throttled("X", "m"), True),
        (Uncertain("X", "m"), True),
        (NotSent("X", "m"), True),
        (CredentialsMissing("m", "a"), False),
        (Refused("X", "m"), False),
    ],
)
def test_what_passes(error: Any, *, passing: bool) -> None:
    assert is_transient(error) is passing


@pytest.mark.parametrize("how", ["the wait", "its task"])
def test_a_wait_that_is_called_off_leaves_nothing_behind(how: str) -> None:
    ended: list[str] = []

    class Patient(HandClock):
        async def sleep(self, seconds: float) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("sleep")

    async def body() -> set[str]:
        stop = asyncio.Event()
        waiting = asyncio.ensure_future(sleep_unless(stop, Patient(), 1e9))
        await asyncio.sleep(0.001)
        if how == "the wait":
            stop.set()
            await waiting
        else:
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}  # type: ignore[union-attr]  # a coroutine that runs is in a task

    assert asyncio.run(body()) == set()
    assert ended == ["sleep"]


def test_a_clock_that_fails_ends_the_wait() -> None:
    class Broken(HandClock):
        async def sleep(self, seconds: float) -> None:
            raise NotSent("Clock", "gone")

    async def body() -> None:
        await sleep_unless(asyncio.Event(), Broken(), 5)

    with pytest.raises(NotSent, match="gone"):
        asyncio.run(body())


@settings(max_examples=40)
@given(seconds=st.floats(0, 5000), looks=st.integers(0, 60), urgent=st.booleans())
def test_a_poll_ends_at_its_result_or_at_its_deadline(seconds: float, looks: int, urgent: bool) -> None:
    clock, asked = HandClock(), 0

    async def look() -> str | None:
        nonlocal asked
        asked += 1
        return "there" if asked > looks else None

    async def body() -> str:
        deadline = Deadline(clock, seconds)
        return await poll(
            look, clock=clock, deadline=deadline, cancelled=asyncio.Event(), urgent=lambda: urgent
        )

    try:
        found = asyncio.run(body())
    except TimedOut:
        found = ""
    # A last look is taken when the time is over, and none after it.
    assert clock.time - 1000 <= seconds + 1e-6
    assert asked <= looks + 1
    assert (found == "there") is (asked == looks + 1)
    assert found or clock.time - 1000 == pytest.approx(seconds)
    assert all(0 <= pause <= (FIRST_PAUSE if urgent else 15) for pause in clock.waits)


@pytest.mark.parametrize("seconds", [0, 0.5, 100])
def test_a_deadline_counts_from_its_first_look(seconds: float) -> None:
    async def body() -> list[float]:
        clock = HandClock()
        deadline = Deadline(clock, seconds)
        clock.time += 1e6
        found = [await deadline.remaining()]
        for step in (seconds / 2, seconds / 2, 7):
            clock.time += step
            found.append(await deadline.remaining())
        return found

    assert asyncio.run(body()) == [seconds, seconds / 2, 0, 0]


def throttled(seconds: float) -> Throttled:
    error = Throttled("X", "busy")
    error.retry_after = seconds
    return error


@pytest.mark.parametrize("function", [retry, poll_with_retries])
def test_a_retry_waits_at_least_as_long_as_the_cloud_says(function: Any) -> None:
    _, clock = run(function, after(2, "done", throttled(40)), seconds=600)
    assert clock.waits == [40, 40]
    _, clock = run(function, after(2, "done", throttled(0.5)), seconds=600)
    assert all(1.6 <= wait <= 3 for wait in clock.waits)


def test_a_wait_that_the_cloud_asks_for_ends_at_the_deadline_with_a_last_call() -> None:
    result, clock = run(retry, after(1, "done", throttled(3600)), seconds=60)
    assert (result, clock.waits) == ("done", [60])
    with pytest.raises(Throttled, match="busy"):
        run(retry, after(2, "done", throttled(3600)), seconds=60)


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_no_more_calls_than_attempts(attempts: int) -> None:
    made, clock = 0, HandClock()

    async def send() -> None:
        nonlocal made
        made += 1
        raise Throttled("X", "busy")

    async def body() -> None:
        deadline = Deadline(clock, 1e9)
        await retry(send, clock=clock, deadline=deadline, cancelled=asyncio.Event(), attempts=attempts)

    with pytest.raises(Throttled):
        asyncio.run(body())
    assert (made, len(clock.waits)) == (attempts, attempts - 1)


def test_a_timeout_names_no_error_that_was_over_before() -> None:
    steps: list[Any] = [Uncertain("X", "lost")]

    async def look() -> None:
        if steps:
            raise steps.pop()

    with pytest.raises(TimedOut):
        run(poll_with_retries, look, seconds=30)
