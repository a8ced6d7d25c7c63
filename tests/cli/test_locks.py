"""The locks of killed `pulumi` processes go, all others stay."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.cli import locks

PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def lock(state: Path, **owner: object) -> Path:
    folder = state / ".pulumi" / "locks" / "organization" / "dsw-free-tier" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps({"hostname": socket.gethostname(), "username": "me", **owner}))
    return path


@pytest.fixture
def dead() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.fixture
def pulumi(tmp_path: Path) -> Iterator[int]:
    """A process of that name that runs."""
    sleep = shutil.which("sleep")
    assert sleep is not None
    program = tmp_path / "pulumi"
    shutil.copy(sleep, program)
    with subprocess.Popen([program, "300"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def told(state: Path) -> list[str]:
    return [str(one) for one in locks.drop_dead(state)]


def test_a_dead_owners_lock_goes(tmp_path: Path, dead: int) -> None:
    path = lock(tmp_path, pid=dead)
    assert told(tmp_path) == [f"the lock of pulumi process {dead}, which was killed"]
    assert not path.exists()
    assert told(tmp_path) == []


def test_one_of_another_host_goes(tmp_path: Path, dead: int) -> None:
    """A container that was built again."""
    path = lock(tmp_path, pid=dead, hostname="old-box")
    assert told(tmp_path) == [
        f"the lock of pulumi process {dead} on old-box, which this rehearsal isn't on any more"
    ]
    assert not path.exists()


@PROC
@pytest.mark.parametrize("host", [socket.gethostname(), "old-box"])
def test_a_number_that_came_again_is_no_owner(tmp_path: Path, host: str) -> None:
    path = lock(tmp_path, pid=os.getpid(), hostname=host)
    assert len(told(tmp_path)) == 1
    assert not path.exists()


@pytest.mark.parametrize("host", [socket.gethostname(), "renamed-meanwhile"])
def test_a_living_owners_lock_stays(tmp_path: Path, pulumi: int, host: str) -> None:
    path = lock(tmp_path, pid=pulumi, hostname=host)
    assert told(tmp_path) == []
    assert path.exists()


UNREADABLE = ["", "{", '{"pid": 1', "[]", '"x"', "null", '{"pid": "x", "hostname": "y"}', "{}"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_being_written_stays(tmp_path: Path, text: str) -> None:
    path = lock(tmp_path)
    path.write_text(text)
    assert told(tmp_path) == []
    assert path.exists()


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_was_never_written_to_its_end_goes(tmp_path: Path, text: str) -> None:
    path = lock(tmp_path)
    path.write_text(text)
    long_ago = time.time() - 2 * locks.UNREADABLE_SECONDS
    os.utime(path, (long_ago, long_ago))
    assert told(tmp_path) == ["a lock that can't be read (0.json)"]
    assert not path.exists()


def test_only_the_dead_one_of_many_goes(tmp_path: Path, dead: int, pulumi: int) -> None:
    lock(tmp_path, pid=dead)
    mine = lock(tmp_path, pid=pulumi)
    assert len(told(tmp_path)) == 1
    assert locks.found(tmp_path) == [mine]


@pytest.mark.parametrize("pid", [2**40, -(2**40)])
def test_a_number_that_is_none_is_dead(tmp_path: Path, pid: int) -> None:
    lock(tmp_path, pid=pid)
    assert len(told(tmp_path)) == 1


def test_no_state_is_no_lock(tmp_path: Path) -> None:
    assert told(tmp_path / "nothing") == []


@PROC
def test_the_lock_of_a_process_that_nobody_buried_goes(tmp_path: Path, pulumi: int) -> None:
    path = lock(tmp_path, pid=pulumi)
    os.kill(pulumi, 9)
    while Path(f"/proc/{pulumi}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        pass
    assert len(told(tmp_path)) == 1
    assert not path.exists()
