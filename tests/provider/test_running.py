"""`running`: stopped and started as declared, whatever a guard, the console or the cloud does meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.emulator.dsw.lifecycle import enter
from paidsw.emulator.dsw.models import Step
from paidsw.emulator.testing import Emulator
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences, unguarded
from tests.support.plugin import Failure, Plugin
from tests.support.samples import IMAGE, inputs


@pytest.fixture
def resting(world: World, there: InstanceStack) -> InstanceStack:
    """A stack whose instance was stopped as declared."""
    assert there.up(world.inputs(running=False)) is None
    world.calls.clear()
    return there


def force(world: World, status: str) -> None:
    """The cloud puts the instance into a status by itself."""
    (instance,) = world.instances
    instance.pending = []
    enter(world.cloud.state, instance, Step(status, world.cloud.now()), world.cloud.now())
    world.cloud.commit()


def writes(world: World) -> list[str]:
    return [name for name in world.calls if not name.startswith(("Get", "List"))]


def test_false_stops_and_true_starts_with_a_new_timer(world: World, there: InstanceStack) -> None:
    instance_id = there.instance_id
    assert there.up(world.inputs(running=False)) is None
    assert writes(world) == ["StopInstance"]
    assert there.outputs["status"] == "Stopped"
    assert there.outputs["shutdownTime"] == ""
    assert differences(world, world.inputs(running=False)) == []

    world.cloud.advance(3 * 86_400)
    world.calls.clear()
    assert there.up(world.inputs()) is None
    assert writes(world) == ["StartInstance", "CreateInstanceShutdownTimer"]
    assert differences(world, world.inputs()) == []
    assert there.instance_id == instance_id
    assert unguarded(world) == []
    assert world.billed() == []


def test_stopped_and_unchanged_calls_nothing_but_reads(world: World, resting: InstanceStack) -> None:
    assert resting.up(world.inputs(running=False)) is None
    assert writes(world) == []
    assert resting.refresh() is None
    assert resting.inputs == world.inputs(running=False)


@pytest.mark.parametrize("strict", [True, False])
def test_changes_while_stopped_need_neither_stop_nor_start(
    world: World, resting: InstanceStack, *, strict: bool
) -> None:
    world.cloud.state.settings.strict_update = strict
    declared = world.inputs(
        running=False,
        driver="550.54.15",
        instanceName="renamed",
        sessionHours=2,
        idleInstanceCuller={"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 5},
    )
    assert resting.up(declared) is None
    assert not {"StopInstance", "StartInstance"} & set(world.calls)
    assert world.calls.count("UpdateInstance") == 1
    assert differences(world, declared) == []
    world.calls.clear()
    assert resting.up(declared) is None
    assert writes(world) == []


@pytest.mark.parametrize("strict", [True, False])
def test_a_stop_with_changes_is_one_stop(world: World, there: InstanceStack, *, strict: bool) -> None:
    world.cloud.state.settings.strict_update = strict
    declared = world.inputs(running=False, ecsSpec="ecs.gn6v-c8g1.2xlarge", labels={"a": "b"})
    assert there.up(declared) is None
    assert [world.calls.count(name) for name in ("StopInstance", "UpdateInstance", "StartInstance")] == [
        1,
        1,
        0,
    ]
    assert differences(world, declared) == []


NO_IMAGE = IMAGE.rpartition(":")[0] + ":none"


def test_what_is_sure_to_be_refused_is_refused_before_a_declared_stop(
    world: World, there: InstanceStack
) -> None:
    failed = there.up(world.inputs(running=False, imageUrl=NO_IMAGE))
    assert failed is not None
    assert "no official image" in failed.message
    assert writes(world) == []
    assert there.up(world.inputs(running=False)) is None
    assert differences(world, world.inputs(running=False)) == []


def test_a_cloud_that_cannot_be_asked_keeps_no_machine_running(world: World, there: InstanceStack) -> None:
    world.strike("http-500", "ListImages", times=0)
    assert there.up(world.inputs(running=False, imageUrl=NO_IMAGE)) is not None
    assert [one.status for one in world.instances] == ["Stopped"]


def test_one_without_a_timer_is_stopped_before_all_else(world: World, there: InstanceStack) -> None:
    world.console("DeleteInstanceShutdownTimer", there.instance_id)
    assert there.up(world.inputs(running=False, imageUrl=NO_IMAGE)) is not None
    assert [one.status for one in world.instances] == ["Stopped"]


def test_a_stop_asks_nothing_of_the_trial(world: World, there: InstanceStack) -> None:
    world.strike("http-500", "GetUserConfig", times=0)
    assert there.up(world.inputs(running=False)) is None
    assert "GetUserConfig" not in world.calls


def test_a_preview_of_a_stop_says_so_and_only_looks_at_the_instance(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    instance_id, _ = plugin.create(inputs(workspaceId=workspace))
    before = len(cloud.calls)
    old, new = inputs(workspaceId=workspace), inputs(workspaceId=workspace, running=False)
    plugin.update(instance_id, old, new, preview=True)
    assert [call.operation for call in cloud.calls[before:]] == ["GetInstance"]
    (said,) = (line for line in plugin.engine.messages if "as declared" in line)
    assert said.endswith("what runs in it ends; its disk is kept for 15 days from then on")


def test_a_cloud_that_takes_guards_from_running_machines_only(world: World, resting: InstanceStack) -> None:
    world.cloud.state.settings.guards_need_running = True
    culler = {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 5}
    declared = world.inputs(running=False, idleInstanceCuller=culler)
    assert resting.up(declared) is None
    # The old one is gone; the new one comes with the start. Until then nothing is missing.
    assert resting.refresh() is None
    assert resting.inputs == declared
    assert resting.up(world.inputs(idleInstanceCuller=culler)) is None
    assert differences(world, world.inputs(idleInstanceCuller=culler)) == []


def test_started_in_the_console_it_is_stopped_again(world: World, resting: InstanceStack) -> None:
    world.console("StartInstance", resting.instance_id)
    world.cloud.advance(60)
    assert resting.refresh() is None
    assert resting.inputs["running"] is True
    assert resting.up(world.inputs(running=False)) is None
    assert differences(world, world.inputs(running=False)) == []


def test_on_its_way_up_it_is_stopped_as_well(world: World, resting: InstanceStack) -> None:
    world.console("StartInstance", resting.instance_id)
    assert resting.up(world.inputs(running=False)) is None
    assert differences(world, world.inputs(running=False)) == []


def test_a_new_one_declared_stopped_is_stopped_once_it_is_there(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    declared = world.inputs(running=False)
    assert stack.up(declared) is None
    assert differences(world, declared) == []
    assert unguarded(world) == []
    assert any("a new instance always starts" in text for text in direct.engine.messages)
    assert stack.up(declared) is None


def test_what_an_interrupted_run_left_is_taken_over_and_stopped(world: World, direct: Direct) -> None:
    assert InstanceStack(direct).up(world.inputs()) is None
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(running=False)) is None
    assert len(world.instances) == 1
    assert differences(world, world.inputs(running=False)) == []


@pytest.mark.parametrize("status", ["Stopped", "Stopping", "Failed", "ArrearStopping"])
def test_what_stopped_by_itself_is_drift(world: World, there: InstanceStack, status: str) -> None:
    force(world, status)
    assert there.refresh() is None
    assert there.inputs["running"] is False
    assert {key for key in there.inputs if there.inputs[key] != world.inputs().get(key)} == {"running"}


def test_an_image_being_saved_in_the_console_is_no_drift(world: World, there: InstanceStack) -> None:
    there_url = f"registry.{world.inputs()['region']}.aliyuncs.com/mine/notebooks:one"
    world.console("CreateInstanceSnapshot", there.instance_id, SnapshotName="one", ImageUrl=there_url)
    assert there.refresh() is None
    assert there.inputs == world.inputs()
    # A change waits for it; the machine is guarded all the while.
    assert there.up(world.inputs(driver="550.54.15")) is None
    assert differences(world, world.inputs(driver="550.54.15")) == []
    assert unguarded(world) == []


def test_arrears_are_named_and_nothing_starts_before_they_are_settled(
    world: World, there: InstanceStack
) -> None:
    force(world, "Arrearge")
    world.cloud.state.settings.account_sufficient = False
    with pytest.raises(Failure) as caught:
        there.plugin.read(there.instance_id, there.inputs, there.outputs)
    assert "the account owes money; settle it" in caught.value.reasons[0]
    assert_clean(*caught.value.reasons)

    failure = there.up(world.inputs())
    assert failure is not None
    assert failure.instance_id == there.instance_id
    assert "the account owes money; settle it" in failure.message
    assert world.billed() == []

    world.cloud.state.settings.account_sufficient = True
    force(world, "Stopped")
    assert there.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_a_stop_that_fails_keeps_the_id_and_the_guards(world: World, there: InstanceStack) -> None:
    world.strike("validation", "StopInstance", times=0)
    failure = there.up(world.inputs(running=False))
    assert failure is not None
    assert failure.instance_id == there.instance_id
    assert_clean(failure.message, *failure.reasons)
    assert unguarded(world) == []
    world.cloud.faults.clear()
    assert there.up(world.inputs(running=False)) is None
    assert differences(world, world.inputs(running=False)) == []


def test_a_stop_that_hangs_says_what_it_waited_for(world: World, there: InstanceStack) -> None:
    world.strike("stuck", "StopInstance", status="Stopping", times=0)
    failure = there.up(world.inputs(running=False))
    assert failure is not None
    assert "was not Stopped after" in failure.reasons[0]


@pytest.mark.parametrize("inputs_of", [{}, {"running": True}])
def test_declared_before_there_was_such_a_setting(direct: Direct, inputs_of: dict[str, Any]) -> None:
    old = {key: value for key, value in inputs().items() if key not in {"running", "accessibility"}}
    new = inputs()
    found = direct.diff({**old, **inputs_of}, new)
    assert list(found.diffs) == []
