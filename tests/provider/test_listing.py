"""Notebooks of all workspaces count: they draw on the same quota, whichever workspace their machine is in."""

from __future__ import annotations

import pytest

from paidsw.emulator.dsw.models import Instance
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack
from tests.support.plugin import Failure

LIST_ALL = "paidsw:ListAllInstances"


def other_workspace(world: World) -> str:
    """A workspace that isn't the region's default one."""
    world.console("CreateWorkspace", "", WorkspaceName="own_space", Description="d", EnvTypes=["prod"])
    world.cloud.advance(5)
    return next(key for key, one in world.cloud.state.workspaces.items() if not one.is_default)


def elsewhere(world: World, **changes: object) -> Instance:
    """Somebody's notebook in another workspace than ours."""
    values = {
        "InstanceName": "elsewhere",
        "WorkspaceId": other_workspace(world),
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "ImageUrl": "registry.example/pai/x:1",
    }
    world.console("CreateInstance", "", **(values | changes))
    world.cloud.advance(60)
    [made] = world.instances
    return made


@pytest.fixture
def stack(world: World) -> InstanceStack:
    return InstanceStack(Direct(world))


def said(failure: Failure | None) -> str:
    assert failure is not None
    return failure.message


def test_a_machine_of_another_workspace_without_a_timer_is_in_the_way(
    world: World, stack: InstanceStack
) -> None:
    elsewhere(world)
    assert "elsewhere runs without a shutdown timer" in said(stack.up(world.inputs()))
    assert [one.name for one in world.instances] == ["elsewhere"]


def test_a_name_taken_in_another_workspace_is_named(world: World, stack: InstanceStack) -> None:
    made = elsewhere(world, InstanceName=world.inputs()["instanceName"])
    assert made.id in said(stack.up(world.inputs()))


def test_a_reply_lost_in_a_workspace_that_is_no_default_is_found(world: World, stack: InstanceStack) -> None:
    workspace = other_workspace(world)
    world.strike("cut-after", "CreateInstance")
    assert stack.up(world.inputs() | {"workspaceId": workspace}) is None
    assert world.calls.count("CreateInstance") == 1
    assert [one.workspace_id for one in world.instances] == [workspace]


def test_what_may_not_be_listed_may_use_up_the_quota(world: World, stack: InstanceStack) -> None:
    world.cloud.state.settings.denied = [LIST_ALL]
    failure = said(stack.up(world.inputs()))
    assert "instances of other workspaces, which use the same quota, can't be listed" in failure
    assert LIST_ALL in failure
    assert "docs/ram" in failure
    assert world.instances == []
    # The advice: the permission, or the setting.
    assert stack.up(world.inputs(allowBilling=True)) is None
    assert any("can't be listed" in line for line in stack.plugin.engine.messages)
    assert stack.destroy() is None
    world.cloud.state.settings.denied = []
    assert stack.up(world.inputs()) is None


def test_a_notebook_is_released_without_that_permission(world: World, stack: InstanceStack) -> None:
    workspace = other_workspace(world)
    assert stack.up(world.inputs() | {"workspaceId": workspace}) is None
    world.cloud.state.settings.denied = [LIST_ALL, "ListWorkspaces"]
    assert stack.destroy() is None
    assert world.live() == []
