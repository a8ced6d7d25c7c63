"""The launchers, which the engine runs without a language host, and the one version number."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from paidsw import __version__
from paidsw.provider import schema

ROOT = Path(__file__).parent.parent.parent
LAUNCHERS = [
    "provider/pulumi-resource-paidsw",
    "rehearsal/alicloud/pulumi-resource-alicloud",
    "components/pulumi-resource-dsw-free-tier",
]
unix = pytest.mark.skipif(os.name == "nt", reason="the launchers of Windows are batch files")


def first_line(command: list[str], cwd: Path, **variables: str) -> str:
    """What a plugin prints first, which is its port."""
    environment = {"PATH": "/usr/bin:/bin", **variables}
    with subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        line = plugin.stdout.readline()
        plugin.kill()
    return line.strip()


def checkout(folder: Path, *, environment: Path | None) -> Path:
    """The checkout under another path, as a clone there would have it."""
    folder.mkdir()
    for name in ("paidsw", "rehearsal", "provider", "components"):
        (folder / name).symlink_to(ROOT / name)
    if environment is not None:
        (folder / ".venv").symlink_to(environment)
    return folder


@unix
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_launcher_starts_its_plugin_from_any_folder(launcher: str, tmp_path: Path) -> None:
    clone = checkout(tmp_path / "a clone with 空格", environment=Path(sys.prefix))
    assert first_line([str(clone / launcher), "127.0.0.1:1"], tmp_path).isdigit()


@unix
def test_without_an_environment_beside_it_the_active_one_counts(tmp_path: Path) -> None:
    clone = checkout(tmp_path / "clone", environment=None)
    # The folder itself, since a symbolic link would lead back to the checkout's own environment.
    (clone / "provider").unlink()
    (clone / "provider").mkdir()
    for name in ("__main__.py", "pulumi-resource-paidsw"):
        (clone / "provider" / name).write_bytes((ROOT / "provider" / name).read_bytes())
    command = ["/bin/sh", str(clone / "provider" / "pulumi-resource-paidsw"), "127.0.0.1:1"]
    assert first_line(command, tmp_path, VIRTUAL_ENV=sys.prefix).isdigit()

    done = subprocess.run(
        command, env={"PATH": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "run python3 tools setup" in done.stderr


def test_the_installed_command_is_the_same_plugin(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "paidsw.provider", "127.0.0.1:1"]
    assert first_line(command, tmp_path, PYTHONPATH=str(ROOT)).isdigit()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts["pulumi-resource-paidsw"] == "paidsw.provider.__main__:main"


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_launcher_can_be_run_and_has_one_for_windows_beside_it(launcher: str) -> None:
    assert os.access(ROOT / launcher, os.X_OK)
    batch = (ROOT / f"{launcher}.cmd").read_bytes()
    assert batch.count(b"\r\n") == batch.count(b"\n") > 0
    up = "\\".join([".."] * launcher.count("/"))
    assert f"%~dp0{up}\\.venv\\Scripts\\python.exe".encode() in batch


def test_everything_has_the_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == __version__
    assert yaml.safe_load((ROOT / "policies" / "PulumiPolicy.yaml").read_text())["version"] == __version__
    assert schema.package()["version"] == __version__
