"""A stack of its own on an emulator of its own, for every test that asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.emulator.testing import Emulator
from tests.support.engine import Stack

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture
def stack(tmp_path: Path, cloud: Emulator, launch_folder: Path) -> Stack:
    """The project's own program."""
    return Stack(tmp_path, cloud, launch_folder=launch_folder)


@pytest.fixture
def bare(tmp_path: Path, cloud: Emulator, launch_folder: Path) -> Stack:
    """A program without the component: instances straight from its INSTANCES variable."""
    return Stack(tmp_path, cloud, PROGRAMS / "instances", launch_folder=launch_folder)
