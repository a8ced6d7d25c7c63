"""The thread's event loop, which the SDK asks for and which an `asyncio.run` elsewhere takes away."""

from __future__ import annotations

import asyncio

import pytest

# Kept to the end of the process, as the thread's own loop is.
_KEPT: list[asyncio.AbstractEventLoop] = []


@pytest.fixture(autouse=True)
def event_loop() -> None:
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        _KEPT.append(asyncio.new_event_loop())
        asyncio.set_event_loop(_KEPT[-1])
