"""A provider of its own on an emulator of its own, for every test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paidsw.emulator.testing import Emulator, running_emulator
from paidsw.provider.servicer import PaiDswServicer
from tests.provider.direct import FAST, Direct, World
from tests.provider.plugin import Plugin, serving
from tests.provider.samples import REGION
from tests.provider.stack import Stack


@pytest.fixture
def cloud() -> Iterator[Emulator]:
    with running_emulator(durations=FAST) as emulator:
        yield emulator


@pytest.fixture
def workspace(cloud: Emulator) -> str:
    return cloud.default_workspace(REGION)


@pytest.fixture
def plugin(cloud: Emulator) -> Iterator[Plugin]:
    with serving(PaiDswServicer) as served:
        served.configure({"emulator": cloud.url})
        yield served


@pytest.fixture
def stack(plugin: Plugin) -> Stack:
    """A stack on the provider behind its port."""
    return Stack(plugin)


@pytest.fixture
def world() -> World:
    """An account without ports between it and the provider."""
    return World()


@pytest.fixture
def direct(world: World) -> Direct:
    return Direct(world)


@pytest.fixture
def there(world: World, direct: Direct) -> Stack:
    """A stack whose instance runs, without ports; its calls so far are forgotten."""
    stack = Stack(direct)
    assert stack.up(world.inputs()) is None
    world.calls.clear()
    return stack
