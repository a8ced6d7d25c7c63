"""Backup of what doesn't run: started for it and stopped again, stopped for it, or never run at all."""

from __future__ import annotations

import pytest

from paidsw.emulator.dsw.lifecycle import plan
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import InstanceStack, differences
from tests.support.saving import BACKUP, declared_saved, failed, images, said


@pytest.fixture
def there(world: World, direct: Direct) -> InstanceStack:
    return declared_saved(world, direct)


@pytest.mark.parametrize("calls", range(40))
def test_a_machine_started_for_its_backup_is_deleted_or_stopped_again(
    world: World, there: InstanceStack, calls: int
) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    there.plugin.cancel_in(calls)  # type: ignore[attr-defined]  # a Direct
    there.destroy()
    world.cloud.advance(60)
    assert [one.status for one in world.instances if one.status != "Stopped"] == []


def test_cancelled_before_its_delete_is_not_called_being_deleted(world: World, there: InstanceStack) -> None:
    def stop() -> None:
        there.plugin.servicer.cancelled.set()

    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.calls.clear()
    assert there.destroy() is None
    last = world.calls.index("DeleteInstance")
    assert there.up(world.inputs(backup=BACKUP)) is None
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.before = (last, stop)
    assert "cancelled" in failed(there.destroy())
    assert "StopInstance" in world.calls[-10:]


def test_reads_that_lag_do_not_keep_a_started_machine_up(world: World, there: InstanceStack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.strike("permission", "CreateInstanceSnapshot", nth=2, times=0)
    world.strike("stale", "CreateIdleInstanceCuller", reads=5, times=0)
    world.strike("stale", "StartInstance", reads=5)
    text = failed(there.destroy())
    assert "NoPermissionError" in text
    world.cloud.advance(60)
    assert [one.status for one in world.instances] == ["Stopped"]


def test_one_without_guards_of_its_own_gets_the_usual_ones_for_its_backup(
    world: World, direct: Direct
) -> None:
    stack = InstanceStack(direct)
    declared = world.inputs(backup=BACKUP, running=False)
    assert stack.up(declared) is None
    bare = {
        name: value for name, value in declared.items() if name not in {"idleInstanceCuller", "sessionHours"}
    }
    world.cloud.state.instances[stack.instance_id].culler = None
    world.cloud.commit()
    stack.inputs, stack.outputs = (
        bare,
        {k: v for k, v in stack.outputs.items() if k in bare or k not in declared},
    )
    world.calls.clear()
    assert stack.destroy() is None
    assert {"CreateInstanceShutdownTimer", "CreateIdleInstanceCuller"} < set(world.calls)
    assert len(images(world)) == 1


def test_a_culler_of_its_own_stays_through_a_backup(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    own = {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 7}
    declared = world.inputs(backup=BACKUP, running=False, idleInstanceCuller=own)
    assert stack.up(declared) is None
    stack.inputs = {name: value for name, value in declared.items() if name != "idleInstanceCuller"}
    stack.outputs.pop("idleInstanceCuller")
    world.calls.clear()
    assert stack.destroy() is None
    assert "DeleteIdleInstanceCuller" not in world.calls
    assert len(images(world)) == 1


@pytest.mark.parametrize("end", ["failed", "sold-out"])
def test_what_never_ran_is_deleted_without_a_backup(world: World, direct: Direct, end: str) -> None:
    details = {"code": "ImagePullBackOff", "message": "no such image"} if end == "failed" else {}
    world.strike(end, "CreateInstance", **details)
    stack = InstanceStack(direct)
    declared = world.inputs(backup=BACKUP)
    if end == "sold-out":
        direct.crash_in(11, after=True)
        with pytest.raises(Crash):
            stack.up(declared)
        stack = InstanceStack(Direct(world), world.instances[0].id, declared)
        assert world.instances[0].status == "Queuing"
    else:
        assert stack.up(declared) is not None
    assert stack.destroy() is None
    assert world.instances == []
    assert "it never ran, so there is nothing to save" in said(stack)
    assert images(world) == []


@pytest.mark.parametrize("history", ["not told", "empty", "of a run"])
def test_whether_it_ran_is_not_guessed(world: World, there: InstanceStack, history: str) -> None:
    """What can't be asked counts as a run."""
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.cloud.state.instances[there.instance_id].ran_ms = 0
    if history == "not told":
        world.strike("permission", "GetLifecycle", times=0)
    elif history == "empty":
        world.cloud.state.instances[there.instance_id].phases.clear()
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_one_that_ran_and_queues_is_stopped_and_saved(world: World, there: InstanceStack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.strike("sold-out", "StartInstance")
    world.console("StartInstance", there.instance_id)
    world.cloud.faults.clear()
    world.cloud.state.instances[there.instance_id].pending.clear()
    world.cloud.state.instances[there.instance_id].status = "Queuing"
    assert there.destroy() is None
    assert len(images(world)) == 1
    assert world.instances == []


def test_a_sold_out_type_is_not_started_for_a_backup(world: World, there: InstanceStack) -> None:
    declared = world.inputs(backup=BACKUP, running=False)
    assert there.up(declared) is None
    world.cloud.state.settings.sold_out = [declared["ecsSpec"]]
    world.calls.clear()
    text = failed(there.destroy())
    assert "is sold out" in text
    assert "StartInstance" not in world.calls
    # Advice of another command isn't given inside.
    assert text.count("run pulumi") == 1
    assert differences(world, declared) == []


def test_a_backup_waits_out_one_that_just_ended(world: World, there: InstanceStack) -> None:
    found = world.cloud.state.instances[there.instance_id]
    plan(world.cloud.state, found, world.cloud.now(), "Saving", "Saved", "Running")
    found.pending[-1].at += 60_000
    after: list[tuple[str, str]] = []

    def look() -> None:
        after.append((world.calls[-1], found.status))
        world.after = (0, look)

    world.after = (0, look)
    assert there.destroy() is None
    assert len(images(world)) == 1
    asked = [name for name, _ in after].index("CreateInstanceSnapshot")
    assert after[asked - 1][1] == "Running"


def test_what_is_started_for_a_backup_is_paid_for_as_it_is(world: World, there: InstanceStack) -> None:
    """Not as it is declared: in the console it may have become another type."""
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.console("UpdateInstance", there.instance_id, EcsSpec="ecs.gn7i-c32g1.8xlarge")
    world.cloud.advance(60)
    world.calls.clear()
    text = failed(there.destroy())
    assert "ecs.gn7i-c32g1.8xlarge" in text
    assert "it is stopped; fix that" in text
    assert "StartInstance" not in world.calls
    assert world.cloud.bill().total == 0
