"""A provider of its own on an emulator of its own, for every test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.testing import Emulator, running_emulator
from provider.servicer import PaiDswServicer
from tests.provider.plugin import Plugin, serving


@pytest.fixture
def cloud() -> Iterator[Emulator]:
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def plugin(cloud: Emulator) -> Iterator[Plugin]:
    with serving(PaiDswServicer) as served:
        served.configure({"emulator": cloud.url})
        yield served
