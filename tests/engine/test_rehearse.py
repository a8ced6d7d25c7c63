"""`make up` and `make down` as a stranger runs them, in a copy of the project, in a hostile world."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.emulator.control import Control
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.faults import Fault
from paidsw.emulator.live import Live
from paidsw.setup.layout import ROOT
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine
OUTSIDE = (".git", ".venv", ".tools", ".rehearsal", "*cache*", "__pycache__", "*.egg-info")


class Project:
    """A copy of the project with a port of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.control = Control(f"http://127.0.0.1:{self.port}")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "paidsw.cli", *arguments],
            cwd=self.root,
            env=os.environ | {"DSW_EMULATOR_PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        process = self.start(*arguments)
        text, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == code, text
        return text

    def up(self, code: int = 0) -> str:
        return self.run("rehearse", "up", code=code)

    def down(self) -> str:
        text = self.run("rehearse", "down")
        assert "In the local cloud: nothing." in text
        assert "Bill: 0.00 yuan" in text
        return text

    def up_that_hangs(self) -> subprocess.Popen[str]:
        """An `up` that is held in a read of the instance it has just made."""
        self.run("emulator", "start")
        self.control.add_fault(Fault("slow", "GetInstance", nth=4, times=0, hold_ms=300_000))
        process = self.start("rehearse", "up")
        until(lambda: sum(c.operation == "GetInstance" for c in self.control.calls()) >= 3, process)
        return process

    def billed(self) -> list[Live]:
        """What costs money now: nothing, once `down` has seen an empty cloud and stopped it."""
        try:
            live = self.control.live()
        except EmulatorError:
            return []
        return [thing for thing in live if thing.billed]

    def instances(self) -> list[str]:
        return [thing.id for thing in self.control.live() if thing.kind == "instance"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    root = tmp_path / "project"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*OUTSIDE))
    for name in (".venv", ".tools"):
        (root / name).symlink_to(ROOT / name)
    copy = Project(root)
    yield copy
    copy.run("emulator", "stop")


def quiet(text: str) -> bool:
    return "Traceback" not in text and "KeyboardInterrupt" not in text


def test_up_twice_and_down(project: Project) -> None:
    first = project.up()
    for said in (
        "Notebook    dsw-",
        "JupyterLab  https://",
        "Terminal    https://",
        "6.991 CU an hour",
        "make down",
    ):
        assert said in first
    assert "Billed      0.00 yuan" in first
    again = project.up()
    assert "4 unchanged" in again
    assert len(project.instances()) == 1
    project.down()
    assert "isn't running" in project.run("emulator", "status", code=3)
    project.down()


def test_two_at_once_make_one(project: Project) -> None:
    both = [project.start("rehearse", "up") for _ in range(2)]
    texts = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(texts)
    assert sum("waiting for it" in text for text in texts) == 1
    assert len(project.instances()) == 1
    project.down()


def test_ctrl_c_loses_nothing(project: Project) -> None:
    process = project.up_that_hangs()
    os.killpg(process.pid, signal.SIGINT)
    text, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert quiet(text), text
    project.control.clear_faults()
    assert len(project.instances()) == 1
    project.up()
    assert len(project.instances()) == 1
    project.down()


def test_kill_9_is_cleaned_up_after(project: Project) -> None:
    process = project.up_that_hangs()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    project.control.clear_faults()
    before = project.instances()
    assert len(before) == 1
    text = project.up()
    assert "which was killed" in text
    assert project.instances() == before
    project.down()


def test_an_emulator_that_dies_is_one_sentence(project: Project) -> None:
    process = project.up_that_hangs()
    os.kill(project.control.status().pid, signal.SIGKILL)
    text, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert quiet(text), text
    project.up()
    assert len(project.instances()) == 1
    project.down()


def test_a_strangers_port_is_named(project: Project) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", project.port))
        stranger.listen()
        text = project.up(code=1)
    assert str(project.port) in text
    assert text.startswith("error: ")
    assert len(text.strip().splitlines()) == 1


def test_a_full_disk_loses_nothing(project: Project) -> None:
    small = project.root / ".rehearsal"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs to mount a small file system")
    try:
        filler = small / "filler"
        project.run("emulator", "start")
        fill(filler)
        text = project.up(code=1)
        assert quiet(text), text
        filler.unlink()
        project.up()
        project.down()
    finally:
        project.run("emulator", "stop")
        subprocess.run(["umount", "-l", str(small)], check=False)


def fill(path: Path) -> None:
    """Write until nothing fits any more."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"0" * 4096):
            pass
