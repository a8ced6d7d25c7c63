"""`make up` and `make down` as a stranger runs them, in a copy of the project, in a hostile world."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.emulator.faults import Fault
from paidsw.emulator.ledger.live import Live
from paidsw.emulator.testing import running_emulator
from paidsw.setup.layout import engine_environment, find_pulumi
from tests.engine.states import FOLDER, VERSIONS, addressed
from tests.support.checkout import checkout
from tests.support.engine import UNCHANGED
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine


class Checkout:
    """A copy of the project."""

    def __init__(self, root: Path) -> None:
        self.root = checkout(root)
        self.environment = dict(os.environ) | {"COLUMNS": "200"}
        self.before: list[str] = []

    def start_from(self, launch_folder: Path) -> None:
        """Let the engine start its plugins and programs from a fork server."""
        for name in (".venv", ".tools"):
            (self.root / name).unlink()
            (self.root / name).symlink_to(launch_folder / name)

    @property
    def emulator(self) -> Path:
        return self.root / ".rehearsal" / "emulator"

    @property
    def running(self) -> process.Running:
        found = process.status(self.emulator)
        assert found is not None
        return found

    @property
    def control(self) -> Control:
        return self.running.control()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.before, sys.executable, "-m", "paidsw.cli", *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        command = self.start(*arguments)
        text, _ = command.communicate(timeout=PATIENCE)
        assert command.returncode == code, text
        return text

    def up(self, *options: str, code: int = 0) -> str:
        return self.run("rehearse", "up", *options, code=code)

    def pulumi(self, *arguments: str) -> str:
        """Straight the engine, as somebody who knows it uses it."""
        found = find_pulumi(self.root)
        assert found is not None
        return subprocess.run(
            [found, *arguments, "--stack", "dev", "--non-interactive", "--color", "never"],
            cwd=self.root / "rehearsal",
            env=engine_environment(self.root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout

    def down(self) -> str:
        text = self.run("rehearse", "down")
        assert "In the emulator: nothing." in text
        assert "Bill: 0.00 yuan" in text
        return text

    def up_that_hangs(self) -> subprocess.Popen[str]:
        """An `up` that is held in a read of the instance it has just made."""
        self.run("emulator", "start")
        self.control.add_fault(Fault("slow", "GetInstance", nth=4, times=0, hold_ms=300_000))
        command = self.start("rehearse", "up")
        until(lambda: sum(c.operation == "GetInstance" for c in self.control.calls()) >= 3, command)
        return command

    def billed(self) -> list[Live]:
        """What costs money now: nothing, once `down` has seen an empty cloud and stopped it."""
        found = process.status(self.emulator)
        return [thing for thing in found.control().live() if thing.billed] if found else []

    def instances(self) -> list[str]:
        return [thing.id for thing in self.control.live() if thing.kind == "instance"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Checkout]:
    copy = Checkout(tmp_path / "project")
    yield copy
    process.stop(copy.emulator)


@pytest.fixture
def quick(project: Checkout, launch_folder: Path) -> Checkout:
    """One where what the engine starts is forked, for tests in which nothing of that is killed."""
    project.start_from(launch_folder)
    return project


def quiet(text: str) -> bool:
    return "Traceback" not in text and "KeyboardInterrupt" not in text


def test_up_twice_and_down(quick: Checkout) -> None:
    first = quick.up()
    for said in (
        "Notebook    dsw-",
        "JupyterLab  https://",
        "Terminal    https://",
        "Stops       at ",
        "make down",
    ):
        assert said in first
    assert "Billed      0.00 yuan" in first
    again = quick.up()
    assert UNCHANGED in again
    (made,) = quick.instances()
    # What the state has lost is stopped and named; what the message says ends it.
    component = "paidsw:index:FreeTierNotebook"
    urn = f"urn:pulumi:dev::dsw-free-tier::{component}$paidsw:index:Instance::notebook"
    quick.pulumi("state", "delete", urn, "--yes")
    left = quick.run("rehearse", "down", code=ExitCode.FOUND)
    listed = left.split("Of this stack, and still there:\n")[1]
    command = f"release {made} --region cn-wulanchabu --emulator"
    assert re.search(rf"instance +{made} .* Stopped +dsw {command}$", listed, re.M)
    assert quick.billed() == []
    assert f"{made}: gone" in quick.run(*command.split(), "--yes")
    quick.down()
    assert "isn't running" in quick.run("emulator", "status", code=3)
    quick.down()


def test_two_at_once_make_one(quick: Checkout) -> None:
    both = [quick.start("rehearse", "up") for _ in range(2)]
    texts = [command.communicate(timeout=PATIENCE)[0] for command in both]
    assert [command.returncode for command in both] == [0, 0], "\n".join(texts)
    assert sum("waiting for it" in text for text in texts) == 1
    assert len(quick.instances()) == 1
    quick.down()


def test_ctrl_c_loses_nothing(project: Checkout) -> None:
    command = project.up_that_hangs()
    os.killpg(command.pid, signal.SIGINT)
    text, _ = command.communicate(timeout=PATIENCE)
    assert command.returncode == ExitCode.INTERRUPTED
    assert quiet(text), text
    project.control.clear_faults()
    assert len(project.instances()) == 1
    project.up()
    assert len(project.instances()) == 1
    project.down()


def test_kill_9_is_cleaned_up_after(project: Checkout) -> None:
    command = project.up_that_hangs()
    os.killpg(command.pid, signal.SIGKILL)
    command.communicate(timeout=PATIENCE)
    project.control.clear_faults()
    before = project.instances()
    assert len(before) == 1
    text = project.up()
    assert "which was killed" in text
    assert "Cleared the pending create of notebook, which a killed run left." in text
    assert "pending operation" not in text
    assert project.instances() == before
    project.down()


def test_an_emulator_that_dies_is_one_sentence(quick: Checkout) -> None:
    command = quick.up_that_hangs()
    os.kill(quick.control.status().pid, signal.SIGKILL)
    text, _ = command.communicate(timeout=PATIENCE)
    assert command.returncode != 0
    assert quiet(text), text
    quick.up()
    assert len(quick.instances()) == 1
    quick.down()


def test_a_strangers_port_is_named_if_it_was_asked_for(project: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        text = project.up("--port", str(port), code=ExitCode.FAILED)
    assert str(port) in text
    assert text.startswith("error: ")
    assert len(text.strip().splitlines()) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_two_checkouts_see_only_their_own(quick: Checkout, tmp_path: Path, launch_folder: Path) -> None:
    """With emulators stopped, ports swapped, a checkout moved and another copied, while both are up."""
    other = Checkout(tmp_path / "other")
    other.start_from(launch_folder)
    try:
        port = free_port()
        quick.up("--port", str(port))
        other.up()
        mine, theirs = quick.instances(), other.instances()
        assert len(mine) == len(theirs) == 1

        quick.run("emulator", "stop")
        other.run("emulator", "stop")
        other.run("emulator", "start", "--port", str(port))
        # The engine by itself finds nobody, and believes nobody.
        with pytest.raises(subprocess.CalledProcessError) as refused:
            quick.pulumi("refresh", "--yes", "--skip-preview")
        assert quiet(refused.value.stdout), refused.value.stdout
        assert other.instances() == theirs

        assert UNCHANGED in quick.up("--port", str(free_port()))
        assert quick.instances() == mine
        quick.pulumi("refresh", "--yes", "--skip-preview")

        shutil.copytree(quick.root, tmp_path / "copy", symlinks=True)
        quick.run("emulator", "stop")
        quick.root = quick.root.rename(tmp_path / "moved")
        quick.down()
        assert other.instances() == theirs

        copied = object.__new__(Checkout)
        copied.__dict__ = quick.__dict__ | {"root": tmp_path / "copy"}
        copied.down()
        assert other.instances() == theirs
        other.down()
    finally:
        process.stop(other.emulator)


@pytest.mark.skipif(os.name == "nt", reason="a shell's way to close a stream")
def test_an_odd_home(tmp_path: Path) -> None:
    """An odd path, no locale, no home, no input, files open to all, and the lock of a container that is gone."""
    odd = Checkout(tmp_path / "Übung 項目 %41 #1 it's?")
    odd.environment |= {"LC_ALL": "C", "HOME": "/dev/null/nothing", "TERM": "dumb"}
    odd.before = ["sh", "-c", 'umask 000; exec "$0" "$@" <&-']
    folder = odd.root / ".rehearsal"
    lock = folder / "state/.pulumi/locks/organization/dsw-free-tier/dev/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": os.getpid(), "hostname": "old-box", "username": "root"}))
    try:
        text = odd.up()
        assert "on old-box, which this rehearsal isn't on any more" in text
        assert len(odd.instances()) == 1
        open_ones = [path for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]
        assert [path for path in open_ones if not path.is_symlink()] == []
        assert "deleted" in odd.down()
    finally:
        process.stop(odd.emulator)


def test_a_state_of_an_earlier_version_asks_its_own_cloud(quick: Checkout, tmp_path: Path) -> None:
    """It names an address, where another checkout's emulator may listen by now."""
    with running_emulator() as stranger:
        _restore(quick, stranger.url.removeprefix("http://"))
        before = len(stranger.calls)
        text = quick.down()
        assert len(stranger.calls) == before
    assert "deleted" in text


def _restore(project: Checkout, address: str) -> None:
    """The stack and account that the newest kept version left, with the emulator at an address."""
    kept = FOLDER / VERSIONS[-1]
    project.emulator.mkdir(parents=True)
    shutil.copy(kept / "account.json", project.emulator / "state.json")
    config = project.root / ".rehearsal" / "Pulumi.dev.yaml"
    config.write_text(addressed((kept / "Pulumi.dev.yaml").read_text(), address))
    exported = project.root / "stack.json"
    exported.write_text(addressed((kept / "stack.json").read_text(), address))
    for name in ("state", "home"):
        (project.root / ".rehearsal" / name).mkdir()
    salt = config.read_text()
    project.pulumi("stack", "init")
    project.pulumi("stack", "import", "--file", str(exported))
    config.write_text(salt)


def test_a_full_disk_loses_nothing(quick: Checkout) -> None:
    small = quick.root / ".rehearsal"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs to mount a small file system")
    try:
        filler = small / "filler"
        quick.run("emulator", "start")
        fill(filler)
        text = quick.up(code=ExitCode.FAILED)
        assert "No space left on device; free some space" in text
        assert quiet(text), text
        filler.unlink()
        quick.up()
        quick.down()
    finally:
        quick.run("emulator", "stop")
        subprocess.run(["umount", "-l", str(small)], check=False)


def fill(path: Path) -> None:
    """Write until nothing fits any more."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"0" * 4096):
            pass
