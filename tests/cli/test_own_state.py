"""The state of this project's stack, where it lies on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paidsw.cli.own_state import own_state
from paidsw.cli.states import StackState
from paidsw.cloud import Connection
from paidsw.core.properties import SECRET, SIGNATURE
from paidsw.core.redaction import Secrets, hidden, keeping
from tests.support.audited import OWNER_ID, instance_resource, owner_resource, state

REAL = Connection(None)


def kept(folder: Path, emulator: str = "", **inputs: object) -> Path:
    """A file backend with this project's stack, whose notebook has these inputs too; its folder."""
    notebook = instance_resource("dsw-1")
    notebook["inputs"] |= inputs
    deployment = json.loads(state(owner_resource(), notebook, emulator=emulator))["deployment"]
    path = folder / ".pulumi" / "stacks" / "dsw-free-tier" / "dev.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": deployment}}), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)


def name_by_variable(root: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)


def name_by_project(root: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "Pulumi.yaml").write_text(f"name: x\nbackend:\n  url: {url}\n", encoding="utf-8")


def name_by_login(root: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "pulumi").mkdir()
    (root / "pulumi" / "credentials.json").write_text(json.dumps({"current": url}), encoding="utf-8")


@pytest.mark.parametrize("name", [name_by_variable, name_by_project, name_by_login])
@pytest.mark.parametrize("url", ["file://{folder}", "file://~", "file://./b"])
def test_a_file_backend_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: object, url: str
) -> None:
    folder = kept(tmp_path / "b")
    monkeypatch.setenv("HOME", str(folder))
    assert callable(name)
    name(tmp_path, url.format(folder=folder), monkeypatch)
    found = own_state(tmp_path, REAL)
    assert found is not None
    assert dict(found.instances) == {"dsw-1": "cn-wulanchabu"}
    assert found.owners == {OWNER_ID}


def test_the_variable_counts_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name_by_login(tmp_path, (kept(tmp_path / "b")).as_uri(), monkeypatch)
    name_by_variable(tmp_path, "https://api.pulumi.com", monkeypatch)
    assert own_state(tmp_path, REAL) is None


@pytest.mark.parametrize("url", ["https://api.pulumi.com", "s3://bucket", "", "file:///nowhere"])
def test_another_backend_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    name_by_login(tmp_path, url, monkeypatch)
    assert own_state(tmp_path, REAL) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_damaged_login_names_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    name_by_login(tmp_path, "", monkeypatch)
    (tmp_path / "pulumi" / "credentials.json").write_text(text, encoding="utf-8")
    assert own_state(tmp_path, REAL) is None


def test_a_state_of_an_emulator_says_nothing_of_the_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_by_variable(tmp_path, kept(tmp_path / "b", ".rehearsal/emulator").as_uri(), monkeypatch)
    assert own_state(tmp_path, REAL) is None


def test_a_rehearsal_has_its_own_and_an_emulator_by_its_address_none(tmp_path: Path) -> None:
    kept(tmp_path / ".rehearsal" / "state", ".rehearsal/emulator")
    found = own_state(tmp_path, Connection(str(tmp_path / ".rehearsal" / "emulator")))
    assert found is not None
    assert found.owners == {OWNER_ID}
    assert own_state(tmp_path, Connection("http://127.0.0.1:1")) is None


def test_what_it_keeps_as_a_secret_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = kept(tmp_path / "b", instanceName={SIGNATURE: SECRET, "ciphertext": "v1:a:b"})
    name_by_variable(tmp_path, folder.as_uri(), monkeypatch)
    with keeping(Secrets()):
        own_state(tmp_path, REAL)
        assert hidden("dsw-1") == {"instance_name"}
    with keeping(Secrets()):
        assert StackState(tmp_path, REAL, None, "dev").read() is None
        assert hidden("dsw-1") == {"instance_name"}
