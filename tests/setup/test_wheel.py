"""The library as a wheel, installed outside of any checkout: its two commands are there and say what they lack."""

import os
import re
import select
import subprocess
from pathlib import Path

import pytest

from paidsw import __version__
from paidsw.setup import layout, packages, uv
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an empty environment with the wheel and what the lock has for it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    python = folder / "venv" / "bin" / "python"
    tool = uv.obtain(layout.ROOT, os.environ)
    tool.run("build", "--wheel", "--out-dir", str(folder), str(layout.ROOT))
    [wheel] = folder.glob("*.whl")
    assert wheel.name == f"pulumi_paidsw-{__version__}-py3-none-any.whl"
    tool.run("venv", "--python", layout.base_python(), str(folder / "venv"))
    packages.export(tool, folder / "locked.txt", "--no-default-groups")
    constraints = ("--build-constraints", str(packages.build_constraints(layout.ROOT)))
    into = ("--python", str(python))
    tool.install(
        ["sync", *into, "--require-hashes", *constraints, str(folder / "locked.txt")], lambda _: None
    )
    tool.install(["install", *into, "--no-deps", str(wheel)], lambda _: None)
    return python.parent


def run(scripts: Path, cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [scripts / command[0], *command[1:]],
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_dsw_runs_without_a_checkout(scripts: Path, tmp_path: Path) -> None:
    told = run(scripts, tmp_path, "dsw", "--help")
    assert told.returncode == 0, told.stderr
    code = "import pulumi_paidsw as p, importlib.metadata as m; print(p.__file__, m.version('pulumi-paidsw'))"
    place, version = run(scripts, tmp_path, "python", "-c", code).stdout.split()
    assert Path(place).is_relative_to(scripts.parent)
    assert version == __version__


@pytest.mark.parametrize("command", [["check"], ["rehearse", "up"], ["rehearse", "down"]])
def test_what_needs_a_checkout_says_so(scripts: Path, tmp_path: Path, command: list[str]) -> None:
    told = run(scripts, tmp_path, "dsw", *command)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr == (
        f"error: dsw {' '.join(command)} needs a checkout of this project, and this dsw is installed without one; "
        "clone the project, run make setup there, and use its .venv/bin/dsw\n"
    )


def test_the_rehearsals_files_are_kept_where_one_is(scripts: Path, tmp_path: Path) -> None:
    """Not in the environment's folder of packages, beside the library."""
    run(scripts, tmp_path, "dsw", "emulator", "status")
    code = "from paidsw.setup import layout; print(layout.rehearsal())"
    assert run(scripts, tmp_path, "python", "-c", code).stdout.strip() == str(tmp_path / ".rehearsal")


def test_the_provider_starts_and_tells_its_port(scripts: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [scripts / "pulumi-resource-paidsw", "127.0.0.1:1"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as plugin:
        assert plugin.stdout is not None
        assert select.select([plugin.stdout], [], [], PATIENCE)[0]
        assert re.fullmatch(rb"\d+\n", plugin.stdout.readline())
        plugin.kill()
