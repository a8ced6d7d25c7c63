"""Create, over real gRPC and the official SDK: what the state holds and what lives and bills."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.emulator.state import DURATIONS
from paidsw.emulator.testing import Emulator
from paidsw.provider.values import encode
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import PLANTED, InstanceStack, assert_clean, differences
from tests.support.plugin import URN, Failure, Plugin
from tests.support.samples import inputs
from tests.support.waiting import PATIENCE

OTHER_URN = URN.replace("::notebook", "::other")


def operations(cloud: Emulator) -> list[str]:
    return [call.operation for call in cloud.calls]


def machines(cloud: Emulator) -> list[Any]:
    return [thing for thing in cloud.live() if thing.kind != "workspace"]


def fails(plugin: Plugin, values: dict[str, Any], **more: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        plugin.create(values, **more)
    assert_clean(caught.value.message, *caught.value.reasons)
    return caught.value


def test_a_created_instance_runs_guarded_and_free(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    instance_id, state = plugin.create(inputs(workspaceId=workspace))
    (alive,) = machines(cloud)
    assert (alive.id, alive.status, alive.billed, alive.unguarded_ms) == (instance_id, "Running", False, 0)
    assert state["instanceId"] == instance_id
    assert (state["status"], state["shutdownTime"]) == ("Running", alive.timer_due)
    assert alive.culler_minutes == 30
    assert state["jupyterlabUrl"].startswith("https://")
    assert cloud.billed() == []


def test_the_order_is_look_stock_trial_create_timer_culler_wait(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    plugin.create(inputs(workspaceId=workspace))
    called = operations(cloud)
    assert called[:9] == [
        "ListInstances",
        "ListInstances",
        "GetWorkspace",
        "ListImages",
        "ListEcsSpecs",
        "GetUserConfig",
        "CreateInstance",
        "CreateInstanceShutdownTimer",
        "CreateIdleInstanceCuller",
    ]
    assert set(called[9:]) == {"GetInstance", "UpdateInstanceLabels"}
    assert called[-2:] == ["UpdateInstanceLabels", "GetInstance"]


@pytest.mark.parametrize("spec", ["ecs.gn7i-c8g1.2xlarge", "ecs.g6.xlarge"])
def test_a_create_takes_at_most_ten_calls_without_its_polls(
    plugin: Plugin, cloud: Emulator, workspace: str, spec: str
) -> None:
    culler = {"maxIdleTimeInMinutes": 30, "cpuPercentThreshold": 5}
    values = inputs(workspaceId=workspace, ecsSpec=spec, idleInstanceCuller=culler, allowBilling=True)
    plugin.create(values)
    assert len([name for name in operations(cloud) if name != "GetInstance"]) <= 10


def test_polls_back_off_to_a_bound(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.settings(durations=DURATIONS)
    plugin.create(inputs(workspaceId=workspace))
    polls = [call.at / 1000 for call in cloud.calls if call.operation == "GetInstance"]
    gaps = [later - before for before, later in pairwise(polls)]
    assert len(polls) <= 20  # three minutes of the cloud's time
    assert max(gaps) <= 15
    assert gaps[0] <= 2 < gaps[-2]


def test_secrets_are_marked_in_the_state(plugin: Plugin, workspace: str) -> None:
    request = provider_pb2.CreateRequest(urn=URN, properties=encode(inputs(workspaceId=workspace, **PLANTED)))
    secrets = plugin.raw(plugin.call("Create", request)).secrets
    assert secrets >= {
        "imageAuth",
        "environmentVariables",
        "terminalUrl",
        "jupyterlabUrl",
        "instanceUrl",
        "webIdeUrl",
    }


def test_a_preview_only_asks(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    assert plugin.create(inputs(workspaceId=workspace), preview=True)[0] == ""
    assert set(operations(cloud)) == {
        "ListInstances", "GetWorkspace", "ListImages", "ListEcsSpecs", "GetUserConfig", "ListProducts"
    }  # fmt: skip
    assert len(operations(cloud)) <= 7


def test_a_strangers_name_is_refused_and_left_alone(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    stranger, _ = plugin.create(inputs(workspaceId=workspace, ownerId="theirs"))
    failure = fails(plugin, inputs(workspaceId=workspace))
    assert failure.message == (
        f"an instance named LLM_Finetune_01 exists already ({stranger}, Running) and belongs to a resource of "
        "the stack 'dev' of the project 'dsw-free-tier' in another state (owner theirs); choose another "
        "instanceName, or destroy it there, or, if that state is lost, take its place: pulumi config set ownerId "
        "theirs (in a program of your own ownerId of the Owner)"
    )
    assert failure.instance_id == ""
    assert [thing.id for thing in machines(cloud)] == [stranger]


def test_a_longer_name_is_somebody_elses(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    other, _ = plugin.create(inputs(workspaceId=workspace, instanceName="LLM_Finetune_01_v2"), urn=OTHER_URN)
    made, _ = plugin.create(inputs(workspaceId=workspace))
    assert made != other
    assert len(machines(cloud)) == 2


def test_two_creates_of_one_name_at_once_make_one_instance(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    ends: list[str] = []

    def create(urn: str, owner_id: str) -> None:
        try:
            ends.append(plugin.create(inputs(workspaceId=workspace, ownerId=owner_id), urn=urn)[0])
        except Failure as failure:
            ends.append(failure.message)

    threads = [threading.Thread(target=create, args=each) for each in ((URN, "a"), (OTHER_URN, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    (alive,) = machines(cloud)
    refused = next(end for end in ends if end != alive.id)
    assert "exists already" in refused
    assert alive.id in ends


def test_a_lost_reply_is_answered_by_looking_and_never_by_a_second_create(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("cut-after", "CreateInstance")
    instance_id, state = plugin.create(inputs(workspaceId=workspace))
    (alive,) = machines(cloud)
    assert (alive.id, alive.unguarded_ms, state["status"]) == (instance_id, 0, "Running")
    assert operations(cloud).count("CreateInstance") == 1


def test_a_lost_request_leaves_nothing_and_the_next_run_creates(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("cut-before", "CreateInstance")
    failure = stack.up(inputs(workspaceId=workspace))
    assert failure is not None
    assert "takes it over" in failure.message
    assert machines(cloud) == []
    assert stack.up(inputs(workspaceId=workspace)) is None
    assert len(machines(cloud)) == 1


def test_a_killed_run_is_taken_over_and_brought_to_what_is_declared_now(world: World, direct: Direct) -> None:
    direct.crash_in(7, after=True)  # after the timer's call
    with pytest.raises(Crash):
        direct.create(world.inputs())
    left = world.instances[0].id
    now = world.inputs(instanceName="renamed", ecsSpec="ecs.gn6v-c8g1.2xlarge", sessionHours=2)
    fresh = Direct(world)
    stack = InstanceStack(fresh)
    assert stack.up(now) is None
    assert stack.instance_id == left
    assert differences(world, now) == []
    assert "was left by an interrupted run; it is taken over" in " ".join(fresh.engine.messages)


def test_a_left_over_that_is_going_is_waited_for(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    first, _ = stack.plugin.create(inputs(workspaceId=workspace))
    cloud.control("POST", "settings", durations={"Deleting": 100})
    with pytest.raises(Failure, match="still there"):
        stack.plugin.delete(first, inputs(workspaceId=workspace), timeout=5)
    assert stack.up(inputs(workspaceId=workspace)) is None
    assert stack.instance_id != first
    assert [thing.id for thing in machines(cloud)] == [stack.instance_id]


def test_two_left_overs_are_named(world: World, direct: Direct) -> None:
    first, _ = direct.create(world.inputs())
    second, _ = direct.create(world.inputs(instanceName="second"), urn=OTHER_URN)
    both = {instance.id: instance for instance in world.instances}
    both[second].labels = dict(both[first].labels)
    world.cloud.commit()
    taken, _ = direct.create(world.inputs())
    assert taken == first
    assert f"instance {second} named second" in " ".join(direct.engine.messages)


def test_a_type_that_is_sold_out_is_refused_before_anything_is_made(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.settings(sold_out=["ecs.gn7i-c8g1.2xlarge"])
    assert "sold out" in fails(plugin, inputs(workspaceId=workspace)).message
    assert "CreateInstance" not in operations(cloud)


def test_a_type_that_the_region_has_not_is_refused(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    values = inputs(workspaceId=workspace, ecsSpec="ecs.none", allowBilling=True)
    assert "doesn't offer" in fails(plugin, values).message
    assert machines(cloud) == []


def test_a_wait_in_the_queue_without_end_leaves_nothing_behind(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("sold-out", "CreateInstance")
    failure = stack.up(inputs(workspaceId=workspace))
    assert failure is not None
    assert "an hour that nobody chose" in failure.message
    assert "deleted" in failure.message
    cloud.clock.advance(60)
    assert machines(cloud) == []
    assert stack.destroy() is None


def test_a_failed_start_carries_id_and_reason_and_can_be_destroyed(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("failed", "CreateInstance", code="ImagePullBackOff", message="cannot pull")
    failure = stack.up(inputs(workspaceId=workspace, **PLANTED))
    assert failure is not None
    assert failure.code is grpc.StatusCode.UNKNOWN
    assert failure.instance_id == machines(cloud)[0].id
    assert "ImagePullBackOff: cannot pull" in failure.reasons[0]
    assert failure.state["instanceName"] == "LLM_Finetune_01"
    assert failure.secrets >= {"imageAuth", "environmentVariables"}
    assert cloud.billed() == []
    assert stack.destroy() is None
    assert machines(cloud) == []


def test_a_timeout_keeps_the_id_and_the_next_run_waits_on(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    cloud.settings(durations={"Creating": 100})
    with pytest.raises(Failure) as caught:
        stack.plugin.create(inputs(workspaceId=workspace), timeout=20)
    failure = caught.value
    assert "not Running after 20 s, last seen Creating" in failure.message
    stack.instance_id, stack.outputs, stack.reasons = failure.instance_id, failure.state, failure.reasons
    stack.inputs = inputs(workspaceId=workspace)
    assert stack.up(inputs(workspaceId=workspace)) is None
    (alive,) = machines(cloud)
    assert (alive.id, alive.status, alive.unguarded_ms) == (failure.instance_id, "Running", 0)
    assert operations(cloud).count("CreateInstance") == 1
    assert "StartInstance" not in operations(cloud)


GUARDS = ("CreateInstanceShutdownTimer", "CreateIdleInstanceCuller")


@pytest.mark.parametrize(
    "kind", ["validation", "permission", "http-500", "throttling", "success-false", "cut-before"]
)
@pytest.mark.parametrize("struck", [*[(guard,) for guard in GUARDS], GUARDS])
def test_what_cannot_be_guarded_does_not_live(
    world: World, direct: Direct, kind: str, struck: tuple[str, ...]
) -> None:
    stack = InstanceStack(direct)
    for operation in struck:
        world.strike(kind, operation, times=0)
    failure = stack.up(world.inputs())
    assert failure is not None
    assert "guards could not all be set" in failure.message
    assert failure.instance_id
    assert "it was deleted, it held nothing yet" in failure.message
    most = max([thing.unguarded_ms for thing in world.live()], default=0)
    # Passing trouble ends the machine before it runs; a refusal may mean "not yet", until it runs.
    assert most <= (20_000 if kind == "validation" else 8_000 if len(struck) == 2 else 0)
    world.cloud.advance(60)
    assert world.live() == []
    world.cloud.faults.clear()
    assert stack.up(world.inputs()) is None
    assert stack.destroy() is None
    assert world.cloud.bill().total == 0


def test_a_machine_that_can_neither_be_guarded_nor_ended_is_reported_in_capitals(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    for operation in (*GUARDS, "DeleteInstance", "StopInstance"):
        cloud.faults.add("permission", operation, times=0)
    failure = stack.up(inputs(workspaceId=workspace))
    assert failure is not None
    assert "COULD NOT BE STOPPED" in failure.message
    assert f"stop or delete instance {failure.instance_id} in the PAI console" in failure.message


def test_guards_that_need_a_running_instance_are_set_at_the_first_look_at_one(
    world: World, direct: Direct
) -> None:
    world.cloud.state.settings.guards_need_running = True
    world.cloud.state.settings.durations = {}
    direct.create(world.inputs())
    found = world.instances[0]
    running = next(phase.start for phase in found.phases if phase.status == "Running")
    assert found.timer is not None
    assert found.timer.created - running <= 2_000
    assert differences(world, world.inputs()) == []


def test_reads_that_lag_behind_the_create_are_waited_for(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("stale", "CreateInstance", reads=4)
    instance_id, _ = plugin.create(inputs(workspaceId=workspace))
    (alive,) = machines(cloud)
    assert (alive.id, alive.unguarded_ms) == (instance_id, 0)
    missed = [c for c in cloud.calls if c.operation == "GetInstance" and c.status == 404]
    assert len(missed) == 4


@pytest.mark.parametrize("kind", ["credentials-expired", "permission", "clock-skew", "wrong-region"])
def test_a_refused_create_is_one_sentence_and_makes_nothing(
    plugin: Plugin, cloud: Emulator, workspace: str, kind: str
) -> None:
    cloud.faults.add(kind, "CreateInstance", times=0)
    failure = fails(plugin, inputs(workspaceId=workspace))
    assert failure.message.startswith("CreateInstance: ")
    assert "request id" in failure.message
    assert failure.instance_id == ""
    assert machines(cloud) == []
