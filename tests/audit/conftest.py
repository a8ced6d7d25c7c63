from __future__ import annotations

from collections.abc import Iterator

import pytest

from paidsw.emulator.testing import running_emulator

from .world import World


@pytest.fixture
def world() -> Iterator[World]:
    with running_emulator() as emulator:
        yield World(emulator)
