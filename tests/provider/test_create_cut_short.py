"""A create that is cancelled, hung up on, or met by a mistake of ours: its id survives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.cloud.connection import READ_TIMEOUT_MS
from paidsw.emulator.testing import Emulator
from paidsw.provider.values import encode
from tests.support.direct import Direct, World
from tests.support.instance_stack import PLANTED, InstanceStack, differences, unguarded
from tests.support.plugin import URN, Failure, Plugin
from tests.support.samples import inputs
from tests.support.waiting import PATIENCE, until

GUARDS = ("CreateInstanceShutdownTimer", "CreateIdleInstanceCuller")


def operations(cloud: Emulator) -> list[str]:
    return [call.operation for call in cloud.calls]


def machines(cloud: Emulator) -> list[Any]:
    return [thing for thing in cloud.live() if thing.kind != "workspace"]


def in_background(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    ends: list[Any] = []

    def run() -> None:
        try:
            ends.append(work())
        except Failure as failure:
            ends.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ends


@pytest.mark.parametrize(
    ("operation", "nth"),
    [("CreateInstance", 1), *[(guard, 1) for guard in GUARDS], ("GetInstance", 1), ("GetInstance", 3)],
)
def test_cancel_is_heard_before_the_call_that_hangs_is_given_up(
    plugin: Plugin, cloud: Emulator, workspace: str, operation: str, nth: int
) -> None:
    cloud.faults.add("slow", operation, nth=nth, hold_ms=60_000)
    thread, ends = in_background(lambda: plugin.create(inputs(workspaceId=workspace)))
    until(lambda: operations(cloud).count(operation) >= nth)
    began = time.monotonic()
    plugin.cancel()
    thread.join(PATIENCE)
    assert time.monotonic() - began < READ_TIMEOUT_MS / 1000
    (failure,), (alive,) = ends, machines(cloud)
    assert isinstance(failure, Failure)
    assert failure.instance_id == alive.id
    assert "cancelled" in failure.message
    assert alive.timer_due or alive.culler_minutes


def test_cancel_before_the_create_makes_nothing(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.faults.add("slow", "ListInstances", hold_ms=60_000)
    thread, ends = in_background(lambda: plugin.create(inputs(workspaceId=workspace)))
    until(lambda: "ListInstances" in operations(cloud))
    plugin.cancel()
    thread.join(PATIENCE)
    assert "nothing was made" in ends[0].message
    assert machines(cloud) == []


@pytest.mark.parametrize("calls", range(12))
def test_cancel_at_every_call_keeps_the_id_and_leaves_nothing_unguarded(
    world: World, direct: Direct, calls: int
) -> None:
    direct.cancel_in(calls)
    stack = InstanceStack(direct)
    failure = stack.up(world.inputs())
    assert [instance.id for instance in world.instances] == ([stack.instance_id] if stack.instance_id else [])
    assert unguarded(world) == []
    assert failure is None or "cancelled" in failure.message
    assert InstanceStack(Direct(world)).up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_an_engine_that_hangs_up_leaves_no_machine_without_a_guard(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("slow", "CreateInstance", hold_ms=300)
    request = provider_pb2.CreateRequest(urn=URN, properties=encode(inputs(workspaceId=workspace)))
    call = plugin.stub.Create.future(request)
    until(lambda: "CreateInstance" in operations(cloud))
    call.cancel()
    until(lambda: any(thing.timer_due and thing.culler_minutes for thing in machines(cloud)))
    (alive,) = machines(cloud)
    assert alive.unguarded_ms == 0


# --- mistakes of ours ---


@pytest.mark.parametrize(
    "where",
    [
        "paidsw.provider.instance.state.State.from_instance",
        "paidsw.provider.instance.guards.put",
        "paidsw.provider.instance.guards.complete",
        "paidsw.provider.instance.waiters.read",
        "paidsw.provider.instance.startup.described",
    ],
)
def test_a_bug_of_ours_after_the_create_keeps_the_id(
    world: World, direct: Direct, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("planted-token")

    monkeypatch.setattr(where, broken)
    world.strike("failed", "CreateInstance", code="ImagePullBackOff", message="cannot pull")
    with pytest.raises(Failure) as caught:
        direct.create(world.inputs(**PLANTED))
    monkeypatch.undo()
    assert "planted" not in caught.value.message
    assert caught.value.instance_id == world.instances[0].id
    assert unguarded(world) == []


@pytest.mark.parametrize(
    "where", ["paidsw.provider.servicer.encode", "paidsw.provider.instance.state.State.from_instance"]
)
def test_a_bug_of_ours_at_the_very_end_keeps_the_id(
    world: World, direct: Direct, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("planted-token")

    monkeypatch.setattr(where, broken)
    with pytest.raises(Failure) as caught:
        direct.create(world.inputs(**PLANTED))
    assert caught.value.instance_id == world.instances[0].id
    assert "planted" not in caught.value.message
