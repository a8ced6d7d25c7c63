"""The thread's event loop, which the SDK asks for and which an `asyncio.run` elsewhere takes away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    try:
        # The one that the thread has by itself, unless it is taken away already.
        loop = asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(autouse=True)
def current(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
