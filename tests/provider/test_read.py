"""Read: refresh, import, and the look before every update."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from paidsw.emulator.testing import Emulator
from tests.support.direct import World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import Failure, Plugin
from tests.support.samples import inputs

CHANGES_OUTSIDE: list[tuple[str, dict[str, Any]]] = [
    ("instanceName", {"InstanceName": "theirs"}),
    ("ecsSpec", {"EcsSpec": "ecs.gn6v-c8g1.2xlarge"}),
    ("cloudDisks", {"CloudDisks": [{"SubType": "rootfs", "Capacity": "200Gi"}]}),
    ("accessibility", {"Accessibility": "PUBLIC"}),
]


def test_a_refresh_of_the_unchanged_changes_nothing(plugin: Plugin, workspace: str) -> None:
    declared = inputs(workspaceId=workspace)
    instance_id, state = plugin.create(declared)
    found, seen, outputs = plugin.read(instance_id, declared, state)
    assert (found, seen) == (instance_id, declared)
    assert outputs == state


def test_what_is_gone_leaves_the_state(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    assert plugin.read("dsw-0", inputs(workspaceId=workspace))[0] == ""


@pytest.mark.parametrize("kind", ["not-found", "wrong-region"])
def test_one_false_not_found_loses_nothing(
    plugin: Plugin, cloud: Emulator, workspace: str, kind: str
) -> None:
    declared = inputs(workspaceId=workspace)
    instance_id, state = plugin.create(declared)
    cloud.faults.add(kind, "GetInstance", times=0)
    with pytest.raises(Failure) as caught:
        plugin.read(instance_id, declared, state)
    assert_clean(caught.value.message)
    assert "GetInstance" in caught.value.message


@pytest.mark.parametrize("kind", ["http-500", "throttling", "cut-before", "bad-body", "success-false"])
def test_a_refresh_outlasts_passing_trouble(
    plugin: Plugin, cloud: Emulator, workspace: str, kind: str
) -> None:
    declared = inputs(workspaceId=workspace)
    instance_id, state = plugin.create(declared)
    cloud.faults.add(kind, "GetInstance", times=3)
    assert plugin.read(instance_id, declared, state)[0] == instance_id


def test_an_unreachable_cloud_is_one_sentence(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    cloud.faults.add("credentials-expired", "GetInstance", times=0)
    with pytest.raises(Failure) as caught:
        plugin.read("dsw-0", inputs(workspaceId=workspace))
    assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert_clean(caught.value.message)


@pytest.mark.parametrize(("name", "body"), CHANGES_OUTSIDE)
def test_a_change_made_outside_is_shown(
    world: World, there: InstanceStack, name: str, body: dict[str, Any]
) -> None:
    world.cloud.state.settings.strict_update = False
    world.console("UpdateInstance", there.instance_id, **body)
    world.cloud.advance(60)
    assert there.refresh() is None
    assert there.inputs[name] != world.inputs()[name]
    assert list(there.plugin.diff(there.inputs, world.inputs()).diffs) == [name]


@pytest.mark.parametrize(("name", "body"), CHANGES_OUTSIDE[:2])
def test_a_change_made_outside_is_taken_back_by_the_next_run(
    world: World, there: InstanceStack, name: str, body: dict[str, Any]
) -> None:
    world.cloud.state.settings.strict_update = False
    world.console("UpdateInstance", there.instance_id, **body)
    world.cloud.advance(60)
    assert there.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            CHANGES_OUTSIDE[2][1],
            "was grown to 200Gi and can't shrink: its 100 GiB beyond the free ones are billed",
        ),
        (CHANGES_OUTSIDE[3][1], "is PUBLIC and can't be made private again"),
    ],
)
def test_what_the_cloud_cannot_take_back_is_named_and_the_rest_fixed(
    world: World, there: InstanceStack, body: dict[str, Any], said: str
) -> None:
    world.cloud.state.settings.strict_update = False
    world.console("UpdateInstance", there.instance_id, **body)
    world.cloud.advance(60)
    failure = there.up(world.inputs())
    assert failure is not None
    assert failure.instance_id == there.instance_id
    assert_clean(failure.message)
    assert said in failure.reasons[0]
    assert "pulumi up --replace 'urn:pulumi:" in failure.reasons[0]
    assert differences(world, world.inputs()) == []
    # Nor does it keep the rest from being fixed.
    world.console("DeleteInstanceShutdownTimer", there.instance_id)
    assert there.up(world.inputs(instanceName="renamed")) is not None
    assert differences(world, world.inputs(instanceName="renamed")) == []


@pytest.mark.parametrize("status", ["Creating", "Queuing", "Starting", "Failed"])
def test_an_instance_that_is_not_up_is_reported_so_that_the_next_run_resumes(
    world: World, there: InstanceStack, status: str
) -> None:
    found = world.cloud.state.instances[there.instance_id]
    found.status, found.reason_code = status, "SomeReason"
    world.cloud.commit()
    with pytest.raises(Failure) as caught:
        there.plugin.read(there.instance_id, there.inputs, there.outputs)
    assert caught.value.instance_id == there.instance_id
    assert status.lower() in caught.value.reasons[0].lower()
    assert caught.value.inputs["instanceName"] == "LLM_Finetune_01"
    assert caught.value.state["status"] == status
