"""The session of a running instance: its timer is moved, whatever was there and whatever goes wrong meanwhile."""

from __future__ import annotations

import pytest

from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import InstanceStack, differences


def hours_left(world: World) -> float:
    """How long the timer of the only instance has to run."""
    (found,) = world.instances
    return (found.timer.due - world.cloud.now()) / 3_600_000 if found.timer else 0


@pytest.mark.parametrize(("before", "after"), [(8, 1), (1, 6)])
def test_a_session_is_moved_though_the_idle_shutdown_was_missing(
    world: World, direct: Direct, before: int, after: int
) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(sessionHours=before)) is None
    world.console("DeleteIdleInstanceCuller", stack.instance_id)
    assert stack.up(world.inputs(sessionHours=after)) is None
    assert after - 0.1 < hours_left(world) <= after
    assert differences(world, world.inputs(sessionHours=after)) == []


def test_without_an_idle_shutdown_no_session_is_called_moved(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(sessionHours=8)) is None
    world.console("DeleteIdleInstanceCuller", stack.instance_id)
    world.strike("permission", "CreateIdleInstanceCuller", times=0)
    failure = stack.up(world.inputs(sessionHours=1))
    assert failure is not None
    assert "isn't changed, since its idle shutdown is missing" in failure.message
    world.cloud.faults.clear()
    assert stack.up(world.inputs(sessionHours=1)) is None
    assert hours_left(world) <= 1


@pytest.mark.parametrize("running_only", [True, False])
def test_what_makes_it_cheaper_is_done_before_what_is_refused(
    world: World, direct: Direct, *, running_only: bool
) -> None:
    world.cloud.state.settings.guards_need_running = running_only
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(sessionHours=12)) is None
    world.console("DeleteIdleInstanceCuller", stack.instance_id)
    world.cloud.state.settings.sold_out = [world.inputs()["ecsSpec"]]
    assert stack.up(world.inputs(sessionHours=1, environmentVariables={"A": "1"})) is not None
    (found,) = world.instances
    assert found.status == "Running"
    assert found.culler is not None
    assert hours_left(world) <= 1


@pytest.mark.parametrize("calls", range(14))
def test_a_session_that_is_shortened_again_after_a_crash_is_not_cut_to_nothing(
    world: World, direct: Direct, calls: int
) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(sessionHours=6)) is None
    direct.crash_in(calls, after=True)
    try:
        stack.up(world.inputs(sessionHours=2))
    except Crash:
        stack.plugin = Direct(world)
    world.before = world.after = None
    assert stack.up(world.inputs(sessionHours=2)) is None
    assert 1.9 < hours_left(world) <= 2
    assert stack.refresh() is None
    assert stack.inputs["sessionHours"] == 2
    assert differences(world, world.inputs(sessionHours=2)) == []


def test_a_timer_that_was_missing_is_as_long_as_declared_now(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(sessionHours=6)) is None
    world.console("DeleteInstanceShutdownTimer", stack.instance_id)
    assert stack.up(world.inputs(sessionHours=2)) is None
    assert 1.9 < hours_left(world) <= 2


@pytest.mark.parametrize("hours", [4 / 3, 1.123456789, 0.25])
def test_a_length_of_many_digits_is_no_drift(world: World, direct: Direct, hours: float) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(sessionHours=hours)) is None
    world.calls.clear()
    assert stack.up(world.inputs(sessionHours=hours)) is None
    assert world.calls == ["GetInstance"]
