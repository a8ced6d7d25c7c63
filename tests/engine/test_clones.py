"""Two states of one project and stack in one account, as two clones of the project have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.emulator.testing import Emulator
from tests.engine.test_workspace import follow
from tests.support.engine import UNCHANGED_ELSEWHERE, WORKSPACE, Stack, is_quiet

pytestmark = pytest.mark.engine


@pytest.fixture
def clones(tmp_path: Path, cloud: Emulator, launch_folder: Path) -> tuple[Stack, Stack]:
    """Both are stack dev of the same project, each in its own folder."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (Stack(folder, cloud, launch_folder=launch_folder) for folder in folders)
    return one, two


def test_each_state_has_its_own_notebook_and_touches_no_other(
    clones: tuple[Stack, Stack], cloud: Emulator
) -> None:
    one, two = clones
    for stack in clones:
        stack.configure(workspaceId=cloud.default_workspace("cn-wulanchabu"))
    one.up(pack=False)
    first, before = one.instance_id(), cloud.instances

    for act in (two.preview, two.up):
        text = act(pack=False, fails=True)
        assert first in text
        assert "in another state (owner " in text
        assert is_quiet(text)
    two.destroy()
    assert cloud.instances == before

    two.configure(instanceName="of_two")
    two.up(pack=False)
    second = two.instance_id()
    assert {instance.id for instance in cloud.instances} == {first, second}
    one.destroy()
    assert [instance.id for instance in cloud.instances] == [second]
    assert UNCHANGED_ELSEWHERE in two.up(pack=False)
    two.destroy()
    assert cloud.instances == []
    assert cloud.billed() == []


def test_a_stack_whose_state_is_lost_gets_its_notebook_back_by_what_the_errors_say(
    clones: tuple[Stack, Stack], cloud: Emulator
) -> None:
    lost, found = clones
    lost.up(pack=False)
    before, workspaces = cloud.instances, cloud.workspaces
    # Without a preview, which would be refused before it makes a workspace.
    follow(found, found.up(pack=False, fails=True), "config set ownerId")
    follow(found, found.up(pack=False, fails=True), "config set workspaceId")
    text = found.up(pack=False, fails=True)
    follow(found, text, "config rm workspaceId")
    follow(found, text, "state delete", URN=found.resources()[WORKSPACE]["urn"])
    # The lost workspace has the owner's name, and is known by the owner's id.
    follow(found, found.up(pack=False, fails=True), "import")
    found.up(pack=False)
    assert found.instance_id() == lost.instance_id()
    assert [instance.id for instance in cloud.instances] == [before[0].id]
    assert cloud.workspaces == workspaces
    assert "unchanged" in found.up(pack=False)
    found.destroy()
    assert cloud.instances == []
    assert cloud.live() == []
    assert found.nothing_billed()
