"""A provider of its own on an emulator of its own, for every test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.clones import THEIRS, Clone
from tests.support.direct import FAST, Direct, World
from tests.support.instance_stack import InstanceStack
from tests.support.plugin import Plugin
from tests.support.samples import OWNER_ID, REGION


@pytest.fixture
def cloud() -> Iterator[Emulator]:
    with running_emulator(durations=FAST) as emulator:
        yield emulator


@pytest.fixture
def workspace(cloud: Emulator) -> str:
    return cloud.default_workspace(REGION)


@pytest.fixture
def stack(plugin: Plugin) -> InstanceStack:
    """A stack on the provider behind its port."""
    return InstanceStack(plugin)


@pytest.fixture
def world() -> World:
    """An account without ports between it and the provider."""
    return World()


@pytest.fixture
def direct(world: World) -> Direct:
    return Direct(world)


@pytest.fixture
def there(world: World, direct: Direct) -> InstanceStack:
    """A stack whose instance runs, without ports; its calls so far are forgotten."""
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    world.calls.clear()
    return stack


@pytest.fixture
def mine(world: World) -> Clone:
    return Clone(world, OWNER_ID)


@pytest.fixture
def theirs(world: World) -> Clone:
    return Clone(world, THEIRS)


@pytest.fixture
def program(world: World) -> Clone:
    """A program of somebody's own, without an owner."""
    return Clone(world, None)
