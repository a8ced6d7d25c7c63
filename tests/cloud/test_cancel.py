"""Calls under way when the operation is cancelled: what they still answer counts, what they don't is uncertain."""

from __future__ import annotations

import asyncio

import pytest

from paidsw.cloud import Refused, Uncertain
from paidsw.cloud.sdk import answered_in_time


def test_a_call_is_answered_as_if_nothing_watched_it() -> None:
    async def body() -> None:
        async def send() -> str:
            return "answer"

        async def fail() -> str:
            raise Refused("X", "no")

        assert await answered_in_time("X", send(), None) == "answer"
        assert await answered_in_time("X", send(), asyncio.Event()) == "answer"
        with pytest.raises(Refused):
            await answered_in_time("X", fail(), asyncio.Event())

    asyncio.run(body())


def test_a_cancelled_call_has_a_moment_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paidsw.cloud.sdk.GRACE_SECONDS", 0.01)

    async def body() -> None:
        cancelled, hanging = asyncio.Event(), asyncio.Event()
        cancelled.set()

        async def soon() -> str:
            await asyncio.sleep(0)
            return "answer"

        async def never() -> str:
            try:
                await asyncio.Event().wait()
            finally:
                hanging.set()
            return ""

        assert await answered_in_time("CreateInstance", soon(), cancelled) == "answer"
        with pytest.raises(Uncertain, match="may have been carried out"):
            await answered_in_time("CreateInstance", never(), cancelled)
        await asyncio.wait_for(hanging.wait(), 5)

    asyncio.run(body())


@pytest.mark.parametrize("error", [Refused("X", "no"), Uncertain("X", "lost"), KeyError("bug")])
def test_a_call_that_fails_while_it_is_watched_fails_as_it_did(error: Exception) -> None:
    async def failing() -> None:
        raise error

    async def body() -> None:
        await answered_in_time("X", failing(), asyncio.Event())

    with pytest.raises(type(error)) as caught:
        asyncio.run(body())
    assert caught.value is error


def test_an_answer_in_the_last_moment_counts() -> None:
    """What was carried out is not called uncertain when it is known."""

    async def body() -> str:
        cancelled = asyncio.Event()

        async def sending() -> str:
            cancelled.set()
            await asyncio.sleep(0.001)
            return "answer"

        return await answered_in_time("X", sending(), cancelled)

    assert asyncio.run(body()) == "answer"
