"""Region and workspace of a notebook that lives, changed under the real engine: refused, or asked for in words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.engine import UNCHANGED, Stack, is_quiet

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]
HOME, ELSEWHERE = "cn-wulanchabu", "cn-beijing"


def changing(stack: Stack, start: int) -> list[str]:
    """The calls since then that aren't reads."""
    made = [call.operation for call in stack.emulator.calls[start:]]
    return [name for name in made if not name.startswith(("Get", "List"))]


def place(stack: Stack) -> tuple[str, str]:
    """Region and workspace of the one notebook that lives."""
    (instance,) = stack.emulator.instances
    return instance.region, instance.workspace_id


def own(stack: Stack) -> list[tuple[str, str, str]]:
    """The workspaces that somebody made: region, id, name."""
    return [(one.region, one.id, one.name) for one in stack.emulator.workspaces if not one.is_default]


def test_a_notebook_stays_where_it_is_until_a_move_is_asked_for(stack: Stack) -> None:
    given = stack.emulator.default_workspace(HOME)
    stack.up(pack=False)
    first, before, workspaces = stack.instance_id(), stack.emulator.instances, own(stack)
    changes: list[dict[str, Any]] = [
        {"region": ELSEWHERE},
        {"workspaceName": "another"},
        {"workspaceId": given},
        {"workspaceId": workspaces[0][1]},
    ]
    start = len(stack.emulator.calls)
    for change in changes:
        stack.configure(**change)
        text = stack.up(pack=False, fails=True)
        assert is_quiet(text)
        assert "WorkspaceWorkspace" not in text, "refused before anything of alicloud is declared"
        stack.configure(region=HOME, **{name: None for name in change if name != "region"})
    kept = stack.config_file.read_text()
    stack.do("config", "rm", "paidsw:emulator")
    assert "alicloud:protocol can send signed requests without TLS" in stack.up(pack=False, fails=True)
    stack.leave_emulator()
    assert "what this stack has is in that emulator" in stack.up(pack=False, fails=True)
    stack.config_file.write_text(kept)
    assert changing(stack, start) == []
    assert stack.emulator.instances == before
    assert own(stack) == workspaces
    assert UNCHANGED in stack.up(pack=False)
    assert changing(stack, start) == []

    # Asked for, the workspace moves along, and nothing stays behind.
    stack.configure(region=ELSEWHERE, replaceId=first)
    stack.up(pack=False)
    assert stack.instance_id() != first
    [(region, workspace, name)] = own(stack)
    assert place(stack) == (region, workspace) == (ELSEWHERE, workspace)
    assert name != workspaces[0][2]

    given = stack.emulator.default_workspace(ELSEWHERE)
    stack.configure(workspaceId=given, replaceId=stack.instance_id())
    stack.up(pack=False)
    assert place(stack) == (ELSEWHERE, given)
    assert own(stack) == []

    stack.configure(workspaceId=None, workspaceName="mine", replaceId=stack.instance_id())
    stack.up(pack=False)
    [(_, workspace, name)] = own(stack)
    assert (place(stack), name) == ((ELSEWHERE, workspace), "mine")
    stack.destroy()
    assert own(stack) == []
    assert stack.emulator.instances == []
    assert stack.nothing_billed()


def test_a_move_that_fails_and_is_given_up_keeps_the_notebook(stack: Stack) -> None:
    stack.up(pack=False)
    first, workspaces = stack.instance_id(), own(stack)
    stack.emulator.faults.add("permission", "CreateWorkspace", times=0)
    stack.configure(region=ELSEWHERE, replaceId=first)
    assert is_quiet(stack.up(pack=False, fails=True))
    stack.emulator.faults.clear()
    stack.configure(region=HOME, replaceId=None)
    stack.up(pack=False)
    assert stack.instance_id() == first
    assert own(stack) == workspaces
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()
