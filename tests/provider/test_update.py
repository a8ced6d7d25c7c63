"""Update: a living instance is brought to what is declared, whatever state it was left in."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.emulator.dsw.lifecycle import plan
from paidsw.emulator.testing import Emulator
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import PLANTED, InstanceStack, assert_clean, differences, unguarded
from tests.support.plugin import Failure, Plugin
from tests.support.samples import inputs

NEW_CULLER = {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 5, "gpuPercentThreshold": 10}


@pytest.fixture
def made(stack: InstanceStack, workspace: str) -> InstanceStack:
    """A stack whose instance runs."""
    assert stack.up(inputs(workspaceId=workspace)) is None
    return stack


def since(cloud: Emulator, before: int) -> list[str]:
    return [call.operation for call in cloud.calls[before:] if call.operation != "GetInstance"]


def machine(cloud: Emulator) -> Any:
    (alive,) = [thing for thing in cloud.live() if thing.kind == "instance"]
    return alive


def test_nothing_changed_calls_nothing_but_a_read(
    made: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    before = len(cloud.calls)
    assert made.up(inputs(workspaceId=workspace)) is None
    assert [call.operation for call in cloud.calls[before:]] == ["GetInstance"]


def test_a_rename_needs_no_stop(made: InstanceStack, cloud: Emulator, workspace: str) -> None:
    before = len(cloud.calls)
    assert made.up(inputs(workspaceId=workspace, instanceName="renamed")) is None
    assert [name for name in since(cloud, before) if name != "ListInstances"] == ["UpdateInstance"]
    assert (machine(cloud).name, machine(cloud).status) == ("renamed", "Running")


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        {"driver": "550.54.15"},
        {"ecsSpec": "ecs.gn6v-c8g1.2xlarge"},
        {"environmentVariables": {"A": "b"}},
        {"driver": "550.54.15", "instanceName": "renamed", "sessionHours": 2, "labels": {"a": "b"}},
    ],
)
def test_other_changes_take_one_stop_and_one_start(
    made: InstanceStack, cloud: Emulator, workspace: str, change: dict[str, Any], *, strict: bool
) -> None:
    cloud.settings(strict_update=strict)
    before = len(cloud.calls)
    instance_id = made.instance_id
    assert made.up(inputs(workspaceId=workspace, **change)) is None
    called = since(cloud, before)
    assert [called.count(name) for name in ("StopInstance", "UpdateInstance", "StartInstance")] == [1, 1, 1]
    alive = machine(cloud)
    assert (alive.id, alive.status, alive.unguarded_ms, alive.billed) == (instance_id, "Running", 0, False)
    assert alive.timer_due
    assert made.up(inputs(workspaceId=workspace, **change)) is None


def test_a_setting_left_out_is_cleared(made: InstanceStack, cloud: Emulator, workspace: str) -> None:
    assert made.up(inputs(workspaceId=workspace, driver="550.54.15", labels={"a": "b"})) is None
    assert made.up(inputs(workspaceId=workspace)) is None
    (found,) = cloud.instances
    assert found.spec.Driver is None
    assert "a" not in found.labels


def test_the_culler_is_changed_under_the_timer_without_a_stop(
    made: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    before = len(cloud.calls)
    assert made.up(inputs(workspaceId=workspace, idleInstanceCuller=NEW_CULLER)) is None
    assert since(cloud, before) == ["DeleteIdleInstanceCuller", "CreateIdleInstanceCuller"]
    alive = machine(cloud)
    assert (alive.culler_minutes, alive.unguarded_ms) == (20, 0)


def test_the_culler_waits_for_a_timer_that_somebody_removed(world: World, there: InstanceStack) -> None:
    world.console("DeleteInstanceShutdownTimer", there.instance_id)
    declared = world.inputs(idleInstanceCuller=NEW_CULLER)
    assert there.up(declared) is None
    guards = [name for name in world.calls if "Culler" in name or "Timer" in name]
    timer, longer = (
        "CreateInstanceShutdownTimer",
        ["DeleteInstanceShutdownTimer", "CreateInstanceShutdownTimer"],
    )
    assert guards == [timer, "DeleteIdleInstanceCuller", "CreateIdleInstanceCuller", *longer]
    assert world.unguarded_ms() == 0
    assert differences(world, declared) == []


@pytest.mark.parametrize(("hours", "left"), [(2, 1), (6, 5), (1, 1 / 12)])
def test_a_session_is_changed_from_its_start_under_the_culler(
    made: InstanceStack, cloud: Emulator, workspace: str, hours: float, left: float
) -> None:
    (before,) = cloud.instances
    assert before.timer is not None
    cloud.do(lambda c: setattr(next(iter(c.state.instances.values())), "cpu_percent", 90))
    cloud.clock.advance(hours=1)
    assert made.up(inputs(workspaceId=workspace, sessionHours=hours)) is None
    (after,) = cloud.instances
    assert after.timer is not None
    assert (after.timer.due - cloud.clock.now_ms()) / 3_600_000 == pytest.approx(left, abs=0.02)
    assert after.unguarded_ms == 0


def test_a_session_change_struck_in_its_middle_is_finished_by_the_next_run(
    world: World, there: InstanceStack
) -> None:
    world.strike("permission", "CreateInstanceShutdownTimer", times=1)
    declared = world.inputs(sessionHours=2)
    failure = there.up(declared)
    assert failure is not None
    assert failure.instance_id == there.instance_id
    assert unguarded(world) == []
    assert there.up(declared) is None
    assert differences(world, declared) == []


@pytest.mark.parametrize("stop", ["StopInstance", "the timer", "the culler"])
def test_a_stopped_instance_is_an_update_and_is_started_with_a_new_timer(
    made: InstanceStack, cloud: Emulator, workspace: str, stop: str
) -> None:
    if stop == "StopInstance":
        cloud.force(made.instance_id, "Stopped")
    else:
        cloud.clock.advance(hours=5 if stop == "the timer" else 0.6)
    assert machine(cloud).status == "Stopped"
    assert made.up(inputs(workspaceId=workspace)) is None
    alive = machine(cloud)
    assert (alive.status, alive.unguarded_ms) == ("Running", 0)
    assert alive.timer_due


@pytest.mark.parametrize("kept", ["keep", "refuse"])
def test_a_stopped_instance_is_an_update_even_if_it_keeps_its_timer(
    made: InstanceStack, cloud: Emulator, workspace: str, kept: str
) -> None:
    cloud.settings(timer_when_stopped=kept)
    due = cloud.clock.now_ms() + 3_600_000

    def stop_with_a_timer(account: Any) -> None:
        found = account.state.instances[made.instance_id]
        timer = found.timer
        found.pending, found.status, found.machine_on, found.timer = [], "Stopped", False, timer
        account.commit()

    cloud.do(stop_with_a_timer)
    assert made.up(inputs(workspaceId=workspace)) is None
    assert machine(cloud).status == "Running"
    assert due


@pytest.mark.parametrize("guard", ["DeleteInstanceShutdownTimer", "DeleteIdleInstanceCuller"])
def test_a_guard_that_somebody_removed_is_shown_and_set_again(
    world: World, there: InstanceStack, guard: str
) -> None:
    world.console(guard, there.instance_id)
    assert there.refresh() is None
    missing = "sessionHours" if "Timer" in guard else "idleInstanceCuller"
    assert missing not in there.inputs
    assert there.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_both_guards_removed_are_set_before_anything_else(world: World, there: InstanceStack) -> None:
    for guard in ("DeleteInstanceShutdownTimer", "DeleteIdleInstanceCuller"):
        world.console(guard, there.instance_id)
    assert there.up(world.inputs(driver="550.54.15")) is None
    writes = [name for name in world.calls if not name.startswith(("Get", "List"))]
    del writes[2:4]  # the timer is made longer once the trial is asked
    assert writes[:3] == ["CreateInstanceShutdownTimer", "CreateIdleInstanceCuller", "StopInstance"]


def test_guards_that_cannot_be_set_again_end_in_a_stop_and_never_in_a_delete(
    world: World, there: InstanceStack
) -> None:
    for guard in ("InstanceShutdownTimer", "IdleInstanceCuller"):
        world.console(f"Delete{guard}", there.instance_id)
        world.strike("permission", f"Create{guard}", times=0)
    failure = there.up(world.inputs())
    assert failure is not None
    assert "so it was stopped" in failure.message
    world.cloud.advance(60)
    assert [instance.status for instance in world.instances] == ["Stopped"]


@pytest.mark.parametrize(
    "operation", ["StopInstance", "StartInstance", "UpdateInstance", "UpdateInstanceLabels"]
)
@pytest.mark.parametrize("kind", ["cut-after", "cut-before", "http-503", "success-false", "stale"])
def test_lost_replies_are_looked_after(
    made: InstanceStack, cloud: Emulator, workspace: str, operation: str, kind: str
) -> None:
    cloud.faults.add(kind, operation)
    declared = inputs(workspaceId=workspace, driver="550.54.15", labels={"a": "b"})
    assert made.up(declared) is None
    (found,) = cloud.instances
    assert (found.status, found.spec.Driver, found.labels["a"]) == ("Running", "550.54.15", "b")
    assert found.timer is not None
    assert found.unguarded_ms == 0


def test_a_failed_update_keeps_the_id_and_marks_secrets(
    made: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("failed", "StartInstance", code="ImagePullBackOff", message="cannot pull")
    failure = made.up(inputs(workspaceId=workspace, driver="550.54.15", **PLANTED))
    assert failure is not None
    assert_clean(failure.message, *failure.reasons)
    assert failure.instance_id == made.instance_id
    assert "ImagePullBackOff" in failure.reasons[0]
    assert failure.secrets >= {"imageAuth", "environmentVariables"}
    assert cloud.billed() == []
    assert made.up(inputs(workspaceId=workspace, driver="550.54.15", **PLANTED)) is None
    assert machine(cloud).status == "Running"


def test_an_instance_stuck_in_the_queue_can_be_moved_to_another_type(world: World, direct: Direct) -> None:
    world.strike("sold-out", "CreateInstance")
    stack = InstanceStack(direct)
    direct.crash_in(11, after=True)
    with pytest.raises(Crash):
        stack.up(world.inputs())
    assert world.instances[0].status == "Queuing"
    stack.plugin = Direct(world)
    declared = world.inputs(ecsSpec="ecs.gn6v-c8g1.2xlarge")
    assert stack.up(declared) is None
    assert differences(world, declared) == []


@pytest.mark.parametrize("reads", range(1, 6))
@pytest.mark.parametrize("operation", ["UpdateInstance", "StartInstance", "StopInstance"])
def test_reads_that_lag_after_a_call_fail_no_update(
    world: World, there: InstanceStack, operation: str, reads: int
) -> None:
    world.strike("stale", operation, reads=reads)
    declared = world.inputs(ecsSpec="ecs.gn6v-c8g1.2xlarge")
    assert there.up(declared) is None
    assert differences(world, declared) == []
    assert (world.calls.count("StopInstance"), world.calls.count("UpdateInstance")) == (1, 1)


def test_a_type_that_is_sold_out_stops_nothing(world: World, there: InstanceStack) -> None:
    other = "ecs.gn6v-c8g1.2xlarge"
    world.cloud.state.settings.sold_out = [other]
    failure = there.up(world.inputs(ecsSpec=other))
    assert failure is not None
    assert f"{other} is sold out in cn-wulanchabu at the moment" in failure.message
    assert not {"StopInstance", "UpdateInstance", "StartInstance"} & set(world.calls)
    assert differences(world, world.inputs()) == []


def test_a_stop_for_a_change_gives_away_no_machine_that_is_sold_out(
    world: World, there: InstanceStack
) -> None:
    declared = world.inputs(environmentVariables={"A": "1"})
    world.cloud.state.settings.sold_out = [declared["ecsSpec"]]
    assert there.up(declared) is not None
    assert "StopInstance" not in world.calls
    # What needs no stop is done.
    assert there.up(world.inputs(instanceName="renamed")) is None
    assert differences(world, world.inputs(instanceName="renamed")) == []


def test_a_stopped_one_that_is_sold_out_is_not_queued(world: World, there: InstanceStack) -> None:
    world.console("StopInstance", there.instance_id)
    world.cloud.advance(60)
    world.cloud.state.settings.sold_out = [world.inputs()["ecsSpec"]]
    failure = there.up(world.inputs())
    assert failure is not None
    assert "sold out" in failure.message
    assert "StartInstance" not in world.calls
    assert [one.status for one in world.instances] == ["Stopped"]


def test_one_that_stopped_on_the_way_is_not_queued_either(world: World, there: InstanceStack) -> None:
    found = world.cloud.state.instances[there.instance_id]
    plan(world.cloud.state, found, world.cloud.now(), "Updating", "Stopped")
    world.cloud.state.settings.sold_out = [world.inputs()["ecsSpec"]]
    failure = there.up(world.inputs(instanceName="renamed"))
    assert failure is not None
    assert "sold out" in failure.message
    assert "StartInstance" not in world.calls


def test_after_a_fault_the_state_is_what_the_cloud_has(world: World, there: InstanceStack) -> None:
    world.strike("validation", "UpdateInstance", times=0)
    failure = there.up(world.inputs(instanceName="n2", ecsSpec="ecs.gn6v-c8g1.2xlarge", labels={"a": "b"}))
    assert failure is not None
    old = world.inputs()
    assert {name: there.outputs[name] for name in ("instanceName", "ecsSpec", "sessionHours")} == {
        name: old[name] for name in ("instanceName", "ecsSpec", "sessionHours")
    }
    assert there.outputs.get("labels") is None
    assert there.outputs["origin"] == "declared"
    assert there.outputs["status"] == "Stopped"
    assert there.outputs["diskKeptUntil"].startswith("2026-01-20T")


def test_an_update_of_what_is_gone_says_so(plugin: Plugin, workspace: str) -> None:
    with pytest.raises(Failure, match="is gone; run pulumi refresh"):
        plugin.update("dsw-0", inputs(workspaceId=workspace), inputs(workspaceId=workspace, driver="1"))


def test_what_was_deleted_outside_is_created_again(
    made: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    old = made.instance_id
    cloud.settings(durations={"Deleting": 0})
    made.plugin.delete(old, made.outputs)
    assert made.up(inputs(workspaceId=workspace)) is None
    assert made.instance_id != old
    assert machine(cloud).id == made.instance_id


@pytest.mark.parametrize("calls", range(24))
def test_cancel_at_every_call_keeps_the_id_and_the_next_run_resumes(
    world: World, there: InstanceStack, calls: int
) -> None:
    assert isinstance(there.plugin, Direct)
    there.plugin.cancel_in(calls)
    declared = world.inputs(driver="550.54.15", sessionHours=2, idleInstanceCuller=NEW_CULLER)
    failure = there.up(declared)
    assert failure is None or "cancelled" in failure.message
    assert there.instance_id == world.instances[0].id
    assert unguarded(world) == []
    there.plugin = Direct(world)
    assert there.up(declared) is None
    assert differences(world, declared) == []
    assert world.unguarded_ms() == 0


def test_a_preview_of_an_update_that_needs_no_stop_only_looks_at_the_instance(
    made: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    before = len(cloud.calls)
    old, new = inputs(workspaceId=workspace), inputs(workspaceId=workspace, labels={"a": "b"})
    old |= made.outputs
    assert made.plugin.update(made.instance_id, old, new, preview=True)["labels"] == {"a": "b"}
    assert [call.operation for call in cloud.calls[before:]] == ["GetInstance"]
