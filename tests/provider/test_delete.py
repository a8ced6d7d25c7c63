"""Delete: from any status, confirmed by reads, and never believed too early."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from paidsw.emulator.testing import Emulator
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, recover
from tests.support.plugin import URN, Failure, Plugin
from tests.support.samples import inputs
from tests.support.waiting import PATIENCE

STATUSES = (
    "Creating",
    "ResourceAllocating",
    "Queuing",
    "EnvPreparing",
    "Starting",
    "Running",
    "Recovering",
    "Stopping",
    "Stopped",
    "Failed",
    "Saving",
    "Saved",
    "SaveFailed",
    "Updating",
    "Deleting",
)


def put(world: World, status: str) -> None:
    """Put the instance into a status that it leaves again in a while, as all do."""
    (found,) = world.cloud.state.instances.values()
    found.status, found.pending = status, []
    found.machine_on = status not in {"Stopped", "Failed"}
    if status in {"Deleting", "Stopping", "Updating", "Saving"}:
        recover(world)
    world.cloud.commit()


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("strict", [False, True])
def test_an_instance_is_deleted_from_every_status(
    world: World, there: InstanceStack, status: str, *, strict: bool
) -> None:
    world.cloud.state.settings.strict_delete = strict
    put(world, status)
    assert there.destroy() is None
    assert world.live() == []
    assert world.cloud.bill().total == 0


def test_deleting_the_deleted_is_success(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    instance_id, state = plugin.create(inputs(workspaceId=workspace))
    plugin.delete(instance_id, state)
    before = len(cloud.calls)
    plugin.delete(instance_id, state)
    again = cloud.calls[before:]
    assert again
    assert not any(call.operation == "DeleteInstance" and call.status < 400 for call in again)
    assert [thing.kind for thing in cloud.live()] == ["workspace"]


def test_a_delete_takes_one_delete_call(world: World, there: InstanceStack) -> None:
    assert there.destroy() is None
    written = [name for name in world.calls if name != "GetInstance"]
    assert written == ["DeleteInstance", "ListInstances", "ListInstances"]


def test_a_delete_is_done_when_a_read_confirms_it(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    instance_id, state = plugin.create(inputs(workspaceId=workspace))
    cloud.settings(durations={"Deleting": 90})
    plugin.delete(instance_id, state)
    assert [thing.kind for thing in cloud.live()] == ["workspace"]
    last = [call for call in cloud.calls if call.operation == "GetInstance"][-1]
    assert last.status == 404


def test_an_instance_that_stays_fails_the_delete_and_stays_in_the_state(
    world: World, there: InstanceStack
) -> None:
    world.strike("stuck", "DeleteInstance", status="Deleting", times=0)
    failure = there.destroy()
    assert failure is not None
    assert "still there 600 s after its delete" in failure.message
    assert there.instance_id
    recover(world)
    assert there.destroy() is None
    assert world.live() == []


@pytest.mark.parametrize("kind", ["success-false", "validation", "permission", "http-500"])
def test_a_delete_that_fails_for_good_says_so_and_keeps_the_state(
    world: World, there: InstanceStack, kind: str
) -> None:
    world.strike(kind, "DeleteInstance", times=0)
    failure = there.destroy()
    assert failure is not None
    assert_clean(failure.message)
    assert "DeleteInstance" in failure.message
    assert there.instance_id == world.instances[0].id
    recover(world)
    assert there.destroy() is None
    assert world.live() == []


def test_a_false_not_found_is_not_believed(world: World, there: InstanceStack) -> None:
    world.strike("not-found", "DeleteInstance")
    world.strike("not-found", "GetInstance")
    assert there.destroy() is None
    assert world.live() == []


@pytest.mark.parametrize("kind", ["cut-after", "cut-before", "throttling", "bad-body"])
def test_a_lost_delete_is_repeated(plugin: Plugin, cloud: Emulator, workspace: str, kind: str) -> None:
    instance_id, state = plugin.create(inputs(workspaceId=workspace))
    cloud.faults.add(kind, "DeleteInstance", times=2)
    plugin.delete(instance_id, state)
    assert [thing.kind for thing in cloud.live()] == ["workspace"]


@pytest.mark.parametrize("calls", range(6))
def test_cancel_at_every_call_keeps_the_state(world: World, there: InstanceStack, calls: int) -> None:
    assert isinstance(there.plugin, Direct)
    there.plugin.cancel_in(calls)
    failure = there.destroy()
    assert failure is None or "run pulumi destroy again" in failure.message
    assert bool(there.instance_id) is (failure is not None)
    there.plugin = Direct(world)
    assert there.destroy() is None
    assert world.live() == []


def test_of_sixteen_deleted_at_once_one_fails_and_is_named(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    made: dict[str, dict[str, Any]] = {}
    for number in range(16):
        values = inputs(workspaceId=workspace, instanceName=f"n{number}", allowBilling=True)
        instance_id, state = plugin.create(values, urn=f"{URN}{number}")
        made[instance_id] = state
    cloud.faults.add("permission", "DeleteInstance", nth=7, times=1)
    cloud.faults.add("permission", "StopInstance", times=0)
    failed: dict[str, str] = {}

    def delete(instance_id: str) -> None:
        try:
            plugin.delete(instance_id, made[instance_id])
        except Failure as failure:
            failed[instance_id] = failure.message

    threads = [threading.Thread(target=delete, args=(instance_id,)) for instance_id in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    left = [thing.id for thing in cloud.live() if thing.kind == "instance"]
    assert len(left) == 1
    assert list(failed) == left
    assert left[0] in failed[left[0]]
    cloud.faults.clear()
    plugin.delete(left[0], made[left[0]])
    assert [thing.kind for thing in cloud.live()] == ["workspace"]
