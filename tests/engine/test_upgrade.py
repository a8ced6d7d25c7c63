"""A stack of an earlier version stays as it is: the new version changes nothing that nobody asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from paidsw.emulator.testing import Emulator, running_emulator
from paidsw.setup.layout import PASSPHRASE
from tests.engine.states import FOLDER, VERSIONS, addressed
from tests.support import vault
from tests.support.engine import INSTANCE, UNCHANGED, Stack

pytestmark = pytest.mark.engine


@pytest.fixture(params=VERSIONS)
def kept(request: pytest.FixtureRequest) -> Path:
    """The folder of a released version."""
    return FOLDER / str(request.param)


@pytest.fixture
def cloud(kept: Path, tmp_path: Path) -> Iterator[Emulator]:
    """The account of the released version."""
    folder = tmp_path / "cloud"
    folder.mkdir()
    shutil.copy(kept / "account.json", folder / "state.json")
    with running_emulator(folder) as emulator:
        yield emulator


@pytest.fixture
def stack(kept: Path, tmp_path: Path, cloud: Emulator, launch_folder: Path) -> Stack:
    """The stack of the released version, with resource ids of then, under the program and provider of this one."""
    (tmp_path / "stack").mkdir()
    stack = Stack(tmp_path / "stack", cloud, launch_folder=launch_folder)
    address = cloud.url.removeprefix("http://")
    config = addressed((kept / "Pulumi.dev.yaml").read_text(), address)
    document = json.loads(addressed((kept / "stack.json").read_text(), address))
    key = vault.derived(PASSPHRASE, document["deployment"]["secrets_providers"]["state"]["salt"])
    by_vault = {"type": "cloud", "state": {"url": vault.PROVIDER, "encryptedkey": key}}
    document["deployment"]["secrets_providers"] = by_vault
    settings, _, _ = config.partition("encryptionsalt:")
    stack.config_file.write_text(f"{settings}secretsprovider: {vault.PROVIDER}\nencryptedkey: {key}\n")
    exported = tmp_path / "stack.json"
    exported.write_text(json.dumps(document))
    assert stack.run("stack", "import", "--stack", "dev", "--file", str(exported)).code == 0
    return stack


def upgrades(shown: str, what: str) -> bool:
    """Whether a preview, or an update, is that of an upgrade.

    Owner, the region's provider and cleanup are new, and the notebook learns whose it is; its workspace stays the same
    though its resource has another name and another provider.
    """
    resources = shown.partition("Resources:")[2]
    return all(count in resources for count in what.split(", ")) and "replace" not in resources


def test_an_upgrade_changes_nothing_but_labels(stack: Stack) -> None:
    (before,), workspaces = stack.emulator.instances, stack.emulator.workspaces
    assert upgrades(stack.preview(), "3 to create, 1 to update, 3 unchanged")
    assert stack.emulator.instances == [before]

    start = len(stack.emulator.calls)
    assert upgrades(stack.up(), "3 created, 1 updated, 3 unchanged")
    (after,) = stack.emulator.instances
    made = {call.operation for call in stack.emulator.calls[start:]}
    assert {name for name in made if not name.startswith(("Get", "List"))} <= {"UpdateInstanceLabels"}
    assert replace(after, labels=before.labels, modified=before.modified) == before
    assert stack.emulator.workspaces == workspaces
    assert stack.instance_id() == after.id

    assert UNCHANGED in stack.up()
    assert stack.emulator.instances == [after]
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


@pytest.mark.parametrize("recorded", [False, True], ids=["set now", "still set since then"])
def test_an_import_id_of_what_an_earlier_version_made_changes_nothing(
    stack: Stack, tmp_path: Path, *, recorded: bool
) -> None:
    (before,) = stack.emulator.instances
    assert stack.instance()["id"].rpartition("/")[2] == before.id
    if recorded:
        exported = json.loads(stack.run("stack", "export", "--stack", "dev").text)
        (instance,) = (one for one in exported["deployment"]["resources"] if one["type"] == INSTANCE)
        instance["importID"] = f"{instance['inputs']['region']}/{before.id}"
        (tmp_path / "imported.json").write_text(json.dumps(exported))
        arguments = ("stack", "import", "--stack", "dev", "--file", str(tmp_path / "imported.json"))
        assert stack.run(*arguments).code == 0

    stack.configure(importId=before.id)
    assert upgrades(stack.preview(), "3 to create, 1 to update, 3 unchanged")
    assert upgrades(stack.up(), "3 created, 1 updated, 3 unchanged")
    if recorded:
        stack.configure(importId=None)
    assert UNCHANGED in stack.up()
    (after,) = stack.emulator.instances
    assert replace(after, labels=before.labels, modified=before.modified) == before
    assert stack.instance_id() == after.id
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_an_upgrade_together_with_a_move_is_refused_before_the_workspace_is_touched(stack: Stack) -> None:
    before, workspaces = stack.emulator.instances, stack.emulator.workspaces
    for change in ({"region": "cn-beijing"}, {"workspaceName": "another"}):
        stack.configure(**change)
        text = stack.up(pack=False, fails=True)
        assert f"instance {before[0].id} named {before[0].name} (Running) lives there" in text
        assert "WorkspaceWorkspace notebook-" not in text
        stack.configure(region="cn-wulanchabu", workspaceName=None)
    assert upgrades(stack.up(), "3 created, 1 updated")
    assert stack.instance_id() == before[0].id
    assert stack.emulator.workspaces == workspaces
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_what_an_earlier_version_made_is_destroyed_at_once(stack: Stack) -> None:
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_after_an_upgrade_it_can_be_stopped_and_changed(stack: Stack) -> None:
    stack.configure(running=False, sessionHours=2)
    assert "1 updated" in stack.up()
    assert stack.live() == [("instance", "Stopped"), ("workspace", "ENABLED")]
    assert stack.instance()["outputs"]["diskKeptUntil"]
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()
