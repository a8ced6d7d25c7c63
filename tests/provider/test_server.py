"""When an interrupted provider may end: once nothing has run for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import grpc
import pytest

from paidsw.provider import server
from paidsw.provider.server import InFlight

ENDLESS = 3600.0


class Call:
    """A call of the engine that runs until it is let go."""

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._free = asyncio.Event()
        self.fails = False

    async def handle(self, request: Any, context: Any) -> Any:
        await self._free.wait()
        if self.fails:
            raise ValueError(request)
        return request

    async def begin(self) -> None:
        async def handler(_: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(self.handle)

        wrapped = await self._in_flight.intercept_service(handler, None)
        self._task = asyncio.ensure_future(wrapped.unary_unary("asked", None))
        await settled()

    async def end(self) -> Any:
        self._free.set()
        return (await asyncio.gather(self._task, return_exceptions=True))[0]


async def settled() -> None:
    """Let everything run that can, until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def run(test: Callable[[InFlight], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        await asyncio.wait_for(test(InFlight()), 20)

    asyncio.run(main())


def test_it_ends_when_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.0)
    run(InFlight.idle)


@pytest.mark.parametrize("fails", [False, True])
def test_a_running_call_holds_it_up(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.0)

    async def test(in_flight: InFlight) -> None:
        first, second = Call(in_flight), Call(in_flight)
        first.fails = fails
        await first.begin()
        await second.begin()
        waiting = asyncio.ensure_future(in_flight.idle())
        answer = await first.end()
        assert isinstance(answer, ValueError) if fails else answer == "asked"
        await settled()
        assert not waiting.done()
        assert in_flight.count == 1
        await second.end()
        await waiting
        assert in_flight.count == 0

    run(test)


def test_a_call_that_follows_at_once_holds_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", ENDLESS)

    async def test(in_flight: InFlight) -> None:
        waiting = asyncio.ensure_future(in_flight.idle())
        await settled()
        follower = Call(in_flight)
        await follower.begin()
        monkeypatch.setattr(server, "IDLE_SECONDS", 0.0)
        await settled()
        assert not waiting.done()
        await follower.end()
        await waiting

    run(test)


def test_it_waits_the_moment_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", ENDLESS)

    async def test(in_flight: InFlight) -> None:
        call = Call(in_flight)
        await call.begin()
        waiting = asyncio.ensure_future(in_flight.idle())
        await settled()
        await call.end()
        await settled()
        assert not waiting.done()
        waiting.cancel()

    run(test)


def test_what_is_no_call_of_the_protocol_passes_uncounted() -> None:
    async def test(in_flight: InFlight) -> None:
        async def nothing(_: Any) -> Any:
            return None

        assert await in_flight.intercept_service(nothing, None) is None
        assert in_flight.count == 0

    run(test)
