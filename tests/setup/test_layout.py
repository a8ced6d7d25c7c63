"""Where things are, and the variables that keep a rehearsal apart from the user's own Pulumi and cloud."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from paidsw.setup import files, layout
from tests.support.waiting import PATIENCE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".tools" / "bin").mkdir(parents=True)
    return tmp_path


def choose(root: Path, pulumi: Path) -> None:
    (root / ".tools" / "pulumi.json").write_text(json.dumps({"pulumi": str(pulumi)}))


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_places(root: Path) -> None:
    assert layout.python(root) == root / ".venv" / "bin" / "python"
    assert (layout.ROOT / "paidsw" / "setup" / "layout.py").is_file()


def test_nothing_is_found_where_nothing_is(root: Path) -> None:
    assert layout.find_pulumi(root, {"PATH": ""}) is None
    assert layout.find_pulumi(root, {}) is None


def test_the_chosen_cli_wins_over_path(root: Path) -> None:
    other = program(root / "elsewhere" / "pulumi")
    chosen = program(root / ".tools" / "bin" / "pulumi")
    assert layout.find_pulumi(root, {"PATH": str(other.parent)}) == other
    choose(root, chosen)
    assert layout.find_pulumi(root, {"PATH": str(other.parent)}) == chosen
    chosen.unlink()
    assert layout.find_pulumi(root, {"PATH": str(other.parent)}) == other


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pulumi": 5}', "\x00"])
def test_a_broken_record_is_no_record(root: Path, text: str) -> None:
    (root / ".tools" / "pulumi.json").write_text(text)
    assert layout.find_pulumi(root, {"PATH": ""}) is None


def test_the_users_own_pulumi_and_cloud_stay_out(root: Path) -> None:
    base = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "PULUMI_ACCESS_TOKEN": "secret",
        "PULUMI_BACKEND_URL": "https://api.pulumi.com",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/home/me/pass",
        "PULUMI_STACK": "prod",
        "PULUMI_DEBUG_GRPC": "log.json",
        "PULUMI_PARALLEL": "4",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "secret",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
        "ALICLOUD_ACCESS_KEY": "secret",
        "alicloud_secret_key": "secret",
        "ALIYUN_SECURITY_TOKEN": "secret",
        "PYTHONHOME": "/wrong",
        "PYTHONPATH": "/wrong",
    }
    result = layout.engine_environment(root, base)
    assert "secret" not in result.values()
    assert not {"PULUMI_STACK", "PULUMI_CONFIG_PASSPHRASE_FILE"} & set(result)
    assert not set(layout.OTHER_MODULES) & set(result)
    assert result["HOME"] == "/home/me"
    assert (result["PULUMI_DEBUG_GRPC"], result["PULUMI_PARALLEL"]) == ("log.json", "4")
    assert base["PULUMI_STACK"] == "prod", "the given mapping is not changed"


def test_home_and_state_are_the_rehearsals(tmp_path: Path) -> None:
    root = tmp_path / "a folder"
    result = layout.engine_environment(root, {})
    assert result["PULUMI_HOME"] == str(root / ".rehearsal" / "home")
    assert result["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/a%20folder/.rehearsal/state"
    assert result["PULUMI_CONFIG_PASSPHRASE"]
    assert result["PULUMI_SKIP_UPDATE_CHECK"] == "true"
    assert result["VIRTUAL_ENV"] == str(root / ".venv")


def test_path_begins_with_the_chosen_cli_and_the_environment(root: Path) -> None:
    chosen = program(root / ".tools" / "bin" / "pulumi")
    choose(root, chosen)
    result = layout.engine_environment(root, {"PATH": "/usr/bin:/bin"})
    assert result["PATH"].split(os.pathsep) == [
        str(chosen.parent),
        str(root / ".venv" / "bin"),
        "/usr/bin",
        "/bin",
    ]


def test_loopback_bypasses_a_proxy(root: Path) -> None:
    result = layout.engine_environment(
        root, {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "intern, localhost"}
    )
    assert result["NO_PROXY"] == "intern,localhost,127.0.0.1,::1"
    assert result["no_proxy"] == "127.0.0.1,localhost,::1"
    assert result["HTTPS_PROXY"] == "http://proxy:1"


def test_the_credentials_chain_finds_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the user's profiles nor the metadata service of a machine in the cloud."""
    home = root / "home"
    (home / ".aliyun").mkdir(parents=True)
    profile = {"name": "me", "mode": "AK", "access_key_id": "real", "access_key_secret": "real"}
    (home / ".aliyun" / "config.json").write_text(json.dumps({"current": "me", "profiles": [profile]}))
    environ = layout.engine_environment(root, {**os.environ, "HOME": str(home)})
    code = (
        "from alibabacloud_credentials.client import Client\n"
        "try: print(Client().get_credential().access_key_id)\n"
        "except Exception as error: print('none', type(error).__name__)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert told.stdout.startswith("none"), told.stdout


@pytest.mark.parametrize(
    ("system", "environ", "folder"),
    [
        ("linux", {"XDG_CACHE_HOME": "{home}/x"}, "{home}/x/dsw-free-tier"),
        ("linux", {}, "{home}/.cache/dsw-free-tier"),
        ("darwin", {}, "{home}/Library/Caches/dsw-free-tier"),
        ("win32", {"LOCALAPPDATA": "{home}/local"}, "{home}/local/dsw-free-tier"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, environ: dict[str, str], folder: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    given = {name: value.format(home=tmp_path) for name, value in environ.items()}
    assert layout.cache(Path("/project"), given) == Path(folder.format(home=tmp_path))


def test_a_home_that_cannot_be_written_leaves_the_cache_to_the_project(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "file").touch()
    assert layout.cache(root, {"XDG_CACHE_HOME": str(root / "file")}) == root / ".tools" / "cache"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert layout.cache(root, {"XDG_CACHE_HOME": str(root)}) == root / ".tools" / "cache"


def test_a_record_is_found_again_whatever_the_locale(tmp_path: Path) -> None:
    """The name of a folder that isn't ASCII is other text for a Python without UTF-8."""
    root = tmp_path / "\u7b14\u8bb0\u672c"
    chosen = program(root / ".tools" / "bin" / "pulumi")
    (root / ".tools" / "pulumi.json").write_text(json.dumps({"pulumi": files.to_text(chosen)}))
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from paidsw.setup import layout\n"
        "sys.stdout.buffer.write(os.fsencode(layout.find_pulumi(Path(sys.argv[2]), {})))\n"
    )
    for variables in ({}, {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "C.UTF-8"}):
        told = subprocess.run(
            [sys.executable, "-c", code, str(layout.ROOT), str(root)],
            env={"PATH": "/bin", **variables},
            capture_output=True,
            check=True,
        )
        assert told.stdout == os.fsencode(chosen)
