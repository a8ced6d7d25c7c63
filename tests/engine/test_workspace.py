"""The workspace under the real engine: its name is single in its region, and no plugin takes over another one's.

Each way out that a sentence names is followed as it stands there.
"""

from __future__ import annotations

import re
import shlex

import pytest
from alibabacloud_aiworkspace20210204 import models as ws

from tests.support.cloud import Cloud
from tests.support.engine import UNCHANGED, WORKSPACE, Stack, is_quiet

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]
TAKEN = "100400009"


def follow(stack: Stack, text: str, command: str, **values: str) -> None:
    """Run the command of this beginning that a sentence names, with values for what it leaves open."""
    found = re.search(rf"pulumi ({command}.*?)(?=;| \(in a program|\n)", text)
    assert found, text
    words = [values.get(word, word) for word in shlex.split(found[1])]
    flags = [] if command.startswith("config") else ["--yes"]
    done = stack.run(*words, *flags, "--stack", "dev")
    assert done.code == 0, done.text


def test_after_a_lost_answer_the_workspace_is_imported_and_no_replacement_leaves_a_twin(stack: Stack) -> None:
    stack.emulator.faults.add("cut-after", "CreateWorkspace")
    text = stack.up(pack=False, fails=True)
    [workspace] = stack.emulator.workspaces
    assert TAKEN in text
    assert (
        f"this stack has made workspace {workspace.id} in cn-wulanchabu with the name {workspace.name}"
        in text
    )
    assert is_quiet(text)

    follow(stack, text, "import")
    stack.emulator.clock.advance(minutes=1)
    stack.up(pack=False)
    assert UNCHANGED in stack.up(pack=False)
    assert [one.id for one in stack.emulator.workspaces] == [workspace.id]
    assert stack.resources()[WORKSPACE]["id"] == workspace.id

    first, urn = stack.instance_id(), stack.resources()[WORKSPACE]["urn"]
    text = stack.do("up", "--yes", "--skip-preview", "--replace", urn, fails=True)
    assert f"no other workspace is made: instance {first} named LLM_Finetune_01" in text
    assert "leave --replace out" in text
    assert [one.id for one in stack.emulator.workspaces] == [workspace.id]
    assert UNCHANGED in stack.up(pack=False)
    assert stack.instance_id() == first
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_chosen_name_that_is_taken_leads_to_that_workspace_or_to_another_name(stack: Stack) -> None:
    cloud = Cloud(stack.emulator)
    stack.emulator.settings(recycle_bin_days=14)
    theirs = cloud.workspace("theirs")
    stack.configure(workspaceName="theirs")
    text = stack.up(pack=False, fails=True)
    assert f"workspace {theirs} in cn-wulanchabu has the name theirs already" in text
    assert is_quiet(text)
    assert stack.live() == [("workspace", "ENABLED")]

    follow(stack, text, "config set workspaceId")
    stack.up(pack=False)
    assert [one.workspace_id for one in stack.emulator.instances] == [theirs]
    stack.destroy()
    assert [one.id for one in stack.emulator.workspaces] == [theirs]

    # In the recycle bin it still has its name.
    cloud.aiws().delete_workspace(theirs, ws.DeleteWorkspaceRequest())
    stack.configure(workspaceId=None)
    text = stack.up(pack=False, fails=True)
    assert "no workspace in cn-wulanchabu has the name theirs now" in text
    assert is_quiet(text)
    assert stack.live() == []
    follow(stack, text, "config set workspaceName", NAME="ours")
    stack.up(pack=False)
    assert [one.name for one in stack.emulator.workspaces] == ["ours"]
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_one_that_is_deleted_in_the_console_keeps_its_name_and_a_destroy_frees_the_stack_of_it(
    stack: Stack,
) -> None:
    cloud = Cloud(stack.emulator)
    stack.emulator.settings(recycle_bin_days=14)
    stack.up(pack=False)
    [workspace] = stack.emulator.workspaces
    cloud.delete(stack.instance_id())
    stack.emulator.clock.advance(minutes=2)
    cloud.aiws().delete_workspace(workspace.id, ws.DeleteWorkspaceRequest())
    text = stack.up(pack=False, fails=True)
    assert f"there is no workspace {workspace.id}" in text
    assert "pulumi up --refresh" in text
    assert is_quiet(text)
    text = stack.do("up", "--yes", "--skip-preview", "--refresh", fails=True)
    assert f"no workspace in cn-wulanchabu has the name {workspace.name} now" in text
    stack.destroy()

    # The name of every day is a new one.
    stack.up(pack=False)
    [another] = stack.emulator.workspaces
    assert another.name != workspace.name
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()
