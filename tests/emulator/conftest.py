"""An emulator on a free port, and the official SDKs as its clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.emulator import process
from paidsw.emulator.lock import is_held
from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import Cloud


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def cloud(emulator: Emulator) -> Cloud:
    return Cloud(emulator)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where an emulator in the background is kept."""
    yield tmp_path / "emulator"
    if is_held(tmp_path / "emulator"):
        process.stop(tmp_path / "emulator")
