"""The trial is asked before every create and start, and no timer outlasts what it pays for."""

from __future__ import annotations

import threading

import pytest

from paidsw.emulator.testing import Emulator
from paidsw.provider.servicer import PaiDswServicer
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, differences, unguarded
from tests.support.plugin import URN, Failure, Plugin, serving
from tests.support.samples import inputs
from tests.support.waiting import PATIENCE

OTHER_URN = f"{URN}2"


def operations(cloud: Emulator) -> list[str]:
    return [call.operation for call in cloud.calls]


def hours(cloud: Emulator, name: str = "LLM_Finetune_01") -> float:
    """Hours until the timer of an instance ends it."""
    timer = next(one for one in cloud.instances if one.name == name).timer
    assert timer is not None
    return (timer.due - cloud.clock.now_ms()) / 3_600_000


def test_a_refused_create_makes_nothing(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.trial(claimed=False)
    with pytest.raises(Failure, match="claim it first") as error:
        plugin.create(inputs(workspaceId=workspace))
    assert error.value.instance_id == ""
    assert "CreateInstance" not in operations(cloud)


@pytest.mark.parametrize("operation", ["GetUserConfig", "ListEcsSpecs"])
def test_what_cannot_be_asked_is_a_no(
    plugin: Plugin, cloud: Emulator, workspace: str, operation: str
) -> None:
    cloud.faults.add("http-500", operation, times=0)
    before = cloud.clock.now_ms()
    with pytest.raises(Failure, match="whether the trial pays can't be checked"):
        plugin.create(inputs(workspaceId=workspace))
    assert cloud.clock.now_ms() - before < 120_000
    assert "CreateInstance" not in operations(cloud)
    cloud.faults.clear()
    assert plugin.create(inputs(workspaceId=workspace))[0]


def test_a_short_error_is_waited_out(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.faults.add("throttling", "GetUserConfig", times=3)
    assert plugin.create(inputs(workspaceId=workspace))[0]


def test_the_override_does_not_reach_what_cannot_be_asked_about_the_type(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("http-500", "ListEcsSpecs", times=0)
    with pytest.raises(Failure, match="can't be checked"):
        plugin.create(inputs(workspaceId=workspace, allowBilling=True))
    assert "CreateInstance" not in operations(cloud)


def test_the_override_reaches_a_trial_that_cannot_be_asked(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("http-500", "GetUserConfig", times=0)
    assert plugin.create(inputs(workspaceId=workspace, allowBilling=True))[0]
    assert "IS BILLED, at 11.6 yuan an hour" in " ".join(plugin.engine.messages)
    assert hours(cloud) > 3.8


def test_with_the_override_a_session_is_not_shortened(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.trial(remaining_cu=40)
    plugin.create(inputs(workspaceId=workspace, allowBilling=True))
    assert hours(cloud) > 3.8
    assert any("doesn't pay for the whole session" in line for line in plugin.engine.messages)


@pytest.mark.parametrize("value", [False, None])
def test_the_override_is_off_unless_it_is_true(
    plugin: Plugin, cloud: Emulator, workspace: str, value: bool | None
) -> None:
    cloud.trial(remaining_cu=0)
    with pytest.raises(Failure, match="too few"):
        plugin.create(inputs(workspaceId=workspace, allowBilling=value))


def test_a_shorter_timer_is_no_drift(stack: InstanceStack, cloud: Emulator, workspace: str) -> None:
    cloud.trial(remaining_cu=40)
    assert stack.up(inputs(workspaceId=workspace)) is None
    assert 2.2 < hours(cloud) < 2.4
    before = len(cloud.calls)
    assert stack.up(inputs(workspaceId=workspace)) is None
    assert set(operations(cloud)[before:]) == {"GetInstance"}
    assert stack.inputs["sessionHours"] == 4


def test_a_start_asks_again(stack: InstanceStack, cloud: Emulator, workspace: str) -> None:
    assert stack.up(inputs(workspaceId=workspace)) is None
    cloud.clock.advance(hours=5)
    cloud.trial(remaining_cu=40)
    assert stack.up(inputs(workspaceId=workspace)) is None
    assert 2.2 < hours(cloud) < 2.4
    cloud.clock.advance(hours=5)
    cloud.trial(remaining_cu=0)
    failure = stack.up(inputs(workspaceId=workspace))
    assert failure is not None
    assert failure.instance_id == stack.instance_id
    assert "too few for a session" in failure.message
    assert [one.status for one in cloud.instances] == ["Stopped"]


def test_a_rename_needs_no_trial(stack: InstanceStack, cloud: Emulator, workspace: str) -> None:
    assert stack.up(inputs(workspaceId=workspace)) is None
    cloud.trial(claimed=False)
    assert stack.up(inputs(workspaceId=workspace, instanceName="renamed")) is None


def test_a_change_that_stops_is_refused_before_it_stops(
    stack: InstanceStack, cloud: Emulator, workspace: str
) -> None:
    assert stack.up(inputs(workspaceId=workspace)) is None
    cloud.trial(remaining_cu=10)
    failure = stack.up(inputs(workspaceId=workspace, ecsSpec="ecs.gn6v-c8g1.2xlarge"))
    assert failure is not None
    assert "StopInstance" not in operations(cloud)
    assert [one.status for one in cloud.instances] == ["Running"]


def test_a_session_grows_within_the_quota_only(stack: InstanceStack, cloud: Emulator, workspace: str) -> None:
    assert stack.up(inputs(workspaceId=workspace)) is None
    cloud.trial(remaining_cu=60)
    assert stack.up(inputs(workspaceId=workspace, sessionHours=10)) is None
    assert 5.1 < hours(cloud) < 5.3
    cloud.trial(remaining_cu=0)
    assert stack.up(inputs(workspaceId=workspace, sessionHours=12)) is not None
    assert 5.1 < hours(cloud) < 5.3
    assert stack.up(inputs(workspaceId=workspace, sessionHours=2)) is None
    assert hours(cloud) < 2


def test_a_second_instance_gets_what_the_first_leaves(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.trial(remaining_cu=100)
    plugin.create(inputs(workspaceId=workspace))
    plugin.create(inputs(workspaceId=workspace, instanceName="second"), urn=OTHER_URN)
    assert hours(cloud, "second") < 4
    with pytest.raises(Failure, match="reserved for others"):
        plugin.create(inputs(workspaceId=workspace, instanceName="third"), urn=f"{URN}3")
    cloud.clock.advance(hours=6)
    assert cloud.bill().total == 0


def test_two_at_once_do_not_both_take_all(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.trial(remaining_cu=75)

    def create(name: str) -> None:
        try:
            plugin.create(inputs(workspaceId=workspace, instanceName=name), urn=f"{URN}{name}")
        except Failure as failure:
            refused.append(failure.message)

    refused: list[str] = []
    threads = [threading.Thread(target=create, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for one in cloud.instances:
        cloud.activity(one.id, cpu=90, gpu=90)
    cloud.clock.advance(days=2)
    assert refused
    assert cloud.bill().total == 0
    assert cloud.bill().cu_left > 0


def test_a_strangers_endless_instance_is_a_no(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    with serving(PaiDswServicer) as other:
        other.configure({"emulator": cloud.url})
        other.create(inputs(workspaceId=workspace, instanceName="endless", sessionHours=None), urn=OTHER_URN)
    with pytest.raises(Failure, match="endless runs without a shutdown timer"):
        plugin.create(inputs(workspaceId=workspace))


def test_an_instance_without_a_timer_and_without_the_trial_gets_little_time(
    world: World, direct: Direct
) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    world.console("DeleteInstanceShutdownTimer", stack.instance_id)
    world.cloud.state.trial.claimed_at = None
    failure = stack.up(world.inputs())
    assert failure is not None
    assert "claim it first" in failure.message
    (left,) = world.instances
    assert left.timer is not None
    assert left.timer.due - world.cloud.now() <= 15 * 60_000
    assert unguarded(world) == []


def test_an_instance_without_a_timer_gets_its_session_once_the_trial_is_asked(
    world: World, direct: Direct
) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    world.console("DeleteInstanceShutdownTimer", stack.instance_id)
    assert stack.up(world.inputs()) is None
    (left,) = world.instances
    assert left.timer is not None
    assert left.timer.due - world.cloud.now() > 3.8 * 3_600_000
    assert differences(world, world.inputs()) == []
    assert world.unguarded_ms() == 0


def test_a_preview_says_what_is_left_and_when_it_stops(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    plugin.create(inputs(workspaceId=workspace), preview=True)
    (line,) = [line for line in plugin.engine.messages if line.startswith("the trial has")]
    assert "250.0 CU left this month, 25.0 h on ecs.gn7i-c8g1.2xlarge after this session" in line
    assert "the timer stops it after 4 hours, at " in line
    assert "China time" in line


def test_a_preview_that_cannot_ask_for_activation_is_a_no(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.faults.add("http-500", "ListProducts", times=0)
    with pytest.raises(Failure, match="whether the trial pays can't be checked"):
        plugin.create(inputs(workspaceId=workspace), preview=True)


def test_a_preview_asks_whether_pai_is_activated(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.settings(activated=False)
    with pytest.raises(Failure, match="PAI is not activated in cn-wulanchabu; activate it"):
        plugin.create(inputs(workspaceId=workspace), preview=True)


def test_a_create_that_was_refused_says_that_pai_is_not_activated(
    plugin: Plugin, cloud: Emulator, workspace: str
) -> None:
    cloud.settings(activated=False)
    with pytest.raises(Failure, match="PAI is not activated in cn-wulanchabu; activate it"):
        plugin.create(inputs(workspaceId=workspace))
    cloud.faults.add("http-500", "ListProducts", times=0)
    with pytest.raises(Failure, match="ServiceNotOpened"):
        plugin.create(inputs(workspaceId=workspace))
    assert cloud.instances == []
