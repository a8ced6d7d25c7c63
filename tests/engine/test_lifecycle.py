"""Program, provider and pack together: provision, change and release."""

from __future__ import annotations

import pytest

from tests.support.engine import UNCHANGED, WORKSPACE, Stack

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]


def test_up_change_and_destroy(stack: Stack) -> None:
    stack.up()
    assert stack.live() == BOTH
    first = stack.instance_id()

    again = stack.up()
    assert UNCHANGED in again
    assert stack.live() == BOTH

    stack.configure(instanceName="renamed")
    renamed = stack.up()
    assert "1 updated" in renamed
    assert stack.instance_id() == first
    assert [i.name for i in stack.emulator.instances] == ["renamed"]

    stack.configure(ecsSpec="ecs.gn6v-c8g1.2xlarge")
    assert "1 updated" in stack.up()
    assert stack.instance_id() == first
    assert [i.ecs_spec for i in stack.emulator.instances] == ["ecs.gn6v-c8g1.2xlarge"]
    assert stack.live() == BOTH

    refreshed = stack.refresh()
    assert UNCHANGED in refreshed

    destroyed = stack.destroy()
    assert "7 deleted" in destroyed
    assert destroyed.index("Instance notebook deleted") < destroyed.index(
        "Workspace notebook-cn-wulanchabu deleting"
    )
    assert stack.live() == []
    assert stack.nothing_billed()


def test_another_workspace_replaces_the_instance_when_it_is_asked_for(stack: Stack) -> None:
    stack.up()
    first, workspace = stack.instance_id(), stack.resources()[WORKSPACE]["id"]

    stack.configure(workspaceName="another", replaceId=first)
    stack.up()

    assert stack.resources()[WORKSPACE]["id"] != workspace
    assert stack.instance_id() != first
    assert stack.live() == BOTH
    # Name and quota are single: the old instance was gone before the new one was made.
    order = [
        call.operation
        for call in stack.emulator.calls
        if call.operation in ("CreateInstance", "DeleteInstance")
    ]
    assert order == ["CreateInstance", "DeleteInstance", "CreateInstance"]
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_what_a_guard_stopped_is_started_again(stack: Stack) -> None:
    stack.up()
    stack.emulator.clock.advance(hours=5)
    assert stack.live() == [("instance", "Stopped"), ("workspace", "ENABLED")]

    seen = stack.preview()
    assert "~ " in seen
    assert "1 to update" in seen
    stack.up()

    assert stack.live() == BOTH
    assert stack.instance()["outputs"]["shutdownTime"] > ""
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_deleted_in_the_console_is_made_again(stack: Stack) -> None:
    stack.up()
    first = stack.instance_id()
    stack.emulator.do(lambda cloud: cloud.state.instances.clear())

    stack.up()

    assert stack.instance_id() != first
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
