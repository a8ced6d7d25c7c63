"""Whose a notebook is, on the real engine: going down looks for what no state knows, and no files are lost."""

from __future__ import annotations

import os
import signal

import pytest

from tests.engine.test_interruptions import UP, providers
from tests.support.engine import Stack
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]


def test_after_a_killed_create_a_destroy_leaves_nothing(stack: Stack) -> None:
    """In a workspace that stays, and where the list doesn't show the machine at first."""
    workspace = stack.emulator.do(lambda cloud: cloud.default_workspace("cn-wulanchabu").id)
    stack.configure(workspaceId=workspace)
    stack.emulator.faults.add("unlisted", "CreateInstance", seconds=60)
    stack.emulator.faults.add("slow", "CreateInstance", hold_ms=300_000)
    process = stack.start(*UP)
    until(lambda: bool(stack.emulator.instances), process)
    for pid in providers(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0

    assert "was left by an interrupted create" in stack.destroy()
    assert stack.emulator.instances == []
    assert stack.resources() == {}
    assert stack.nothing_billed()


def test_what_the_state_lost_is_stopped_and_taken_back_and_doesn_t_move(stack: Stack) -> None:
    stack.up()
    found = stack.instance_id()
    forgotten = stack.run("state", "delete", stack.instance()["urn"], "--yes", "--stack", "dev")
    assert forgotten.code == 0, forgotten.text

    said = stack.destroy(fails=True)
    assert (
        f"instance {found} named LLM_Finetune_01 belongs to this stack, whose state doesn't have it" in said
    )
    assert f"pulumi config set importId {found}" in said
    assert stack.live() == [("instance", "Stopped"), ("workspace", "ENABLED")]

    stack.configure(importId=found)
    stack.up()
    assert stack.instance_id() == found
    assert stack.live() == BOTH

    stack.configure(region="cn-beijing")
    for act in (stack.preview, stack.up):
        refused = act(fails=True)
        assert "alicloud:region changes from cn-wulanchabu to cn-beijing" in refused
        assert "pulumi config set alicloud:region cn-wulanchabu" in refused
    stack.configure(region="cn-wulanchabu")
    stack.do("preview", "--expect-no-changes")
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()
