"""Rest: what was started for a while is stopped, whatever reads and cancels say."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from paidsw.provider.engine import Engine
from paidsw.provider.instance import power
from paidsw.provider.operation import Operation
from tests.support.direct import LOOP, DirectClient, DirectClock, World
from tests.support.instance_stack import InstanceStack
from tests.support.plugin import URN
from tests.support.samples import REGION


class Heard(Engine):
    """Keeps the lines that stay."""

    def __init__(self) -> None:
        super().__init__(None)
        self.lines: list[str] = []

    async def show(self, severity: Any, message: str, urn: str, *, passing: bool) -> None:
        if not passing:
            self.lines.append(message)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def op(world: World, heard: Heard) -> Operation:
    """An operation that was cancelled already: no rest is given up for that."""
    cancelled = asyncio.Event()
    cancelled.set()
    return Operation(URN, DirectClient(world, REGION), DirectClock(world), heard, cancelled, 60.0)


def rest(world: World, op: Operation, instance_id: str) -> list[str]:
    """What lives afterwards, by status."""
    LOOP.run_until_complete(power.stop_again(op, instance_id))
    world.cloud.advance(60)
    return [one.status for one in world.instances]


def stop_and_start(world: World, instance_id: str, reads: int) -> None:
    """Started, with reads that still show it stopped."""
    world.console("StopInstance", instance_id)
    world.cloud.advance(60)
    if reads:
        world.strike("stale", "StartInstance", reads=reads)
    LOOP.run_until_complete(DirectClient(world, REGION).start_instance(instance_id))


@pytest.mark.parametrize("reads", [0, 1, 3, 5])
@pytest.mark.parametrize("kind", [None, "validation", "http-500", "not-found", "cut-before", "cut-after"])
def test_a_started_one_rests(
    world: World, there: InstanceStack, op: Operation, heard: Heard, kind: str | None, reads: int
) -> None:
    stop_and_start(world, there.instance_id, reads)
    if kind:
        world.strike(kind, "StopInstance")
    assert rest(world, op, there.instance_id) == ["Stopped"]
    assert heard.lines == []


def test_stopped_already_it_is_not_a_failure(
    world: World, there: InstanceStack, op: Operation, heard: Heard
) -> None:
    world.console("StopInstance", there.instance_id)
    world.cloud.advance(60)
    assert rest(world, op, there.instance_id) == ["Stopped"]
    assert heard.lines == []


def test_being_deleted_or_gone_it_is_no_failure(
    world: World, there: InstanceStack, op: Operation, heard: Heard
) -> None:
    world.console("DeleteInstance", there.instance_id)
    assert rest(world, op, there.instance_id) == []
    assert rest(world, op, there.instance_id) == []
    assert heard.lines == []


def test_what_cannot_be_stopped_is_reported(
    world: World, there: InstanceStack, op: Operation, heard: Heard
) -> None:
    world.strike("permission", "StopInstance", times=0)
    assert rest(world, op, there.instance_id) == ["Running"]
    assert heard.lines == [
        f"instance {there.instance_id} could not be stopped again; its guards will stop it"
    ]
