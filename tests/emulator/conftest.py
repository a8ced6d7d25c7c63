"""An emulator on a free port, and the official SDKs as its clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import Cloud


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def cloud(emulator: Emulator) -> Cloud:
    return Cloud(emulator)
