"""The workspace under the real engine: its name is single in its region, and no plugin takes over another one's."""

from __future__ import annotations

import pytest

from tests.support.engine import WORKSPACE, Stack, is_quiet

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]


def test_a_replacement_asked_for_leaves_no_twin_and_blocks_nothing(stack: Stack) -> None:
    stack.up(pack=False)
    before, workspaces = stack.resources()[WORKSPACE], stack.emulator.workspaces
    text = stack.do("up", "--yes", "--skip-preview", "--replace", before["urn"], fails=True)
    assert "100400009" in text
    assert is_quiet(text)
    assert stack.resources()[WORKSPACE]["id"] == before["id"]
    assert stack.emulator.workspaces == workspaces

    assert "unchanged" in stack.up(pack=False)
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()
