"""One set-up at a time, over processes, and whatever way the owner ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from paidsw.setup.console import SetupError
from paidsw.setup.layout import ROOT
from paidsw.setup.locks import only_one
from tests.support.waiting import PATIENCE

HOLD = """
import sys
from pathlib import Path
from paidsw.setup.locks import only_one
with only_one(Path(sys.argv[1]), "set-up") as descriptor:
    if len(sys.argv) > 2:
        import subprocess
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=0, pass_fds=(descriptor,))
        print(child.pid, flush=True)
        child.wait()
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_waits_and_says_for_whom(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    first = start(path)
    assert line(first) == "held"
    second = start(path)
    assert second.stderr is not None
    assert (
        second.stderr.readline() == f"Another set-up is under way (process {first.pid}); waiting for it …\n"
    )
    assert second.poll() is None
    first.communicate("\n", timeout=PATIENCE)
    assert line(second) == "held"
    out, err = second.communicate("\n", timeout=PATIENCE)
    assert (out, err) == ("released\n", "")


def test_a_killed_owner_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lock"
    first = start(path)
    assert line(first) == "held"
    first.kill()
    first.communicate(timeout=PATIENCE)
    with only_one(path, "set-up"):
        assert path.read_text() == f"{os.getpid()}\n"
    assert capsys.readouterr().err == ""


def test_work_that_outlives_its_starter_keeps_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = start(path, "child")
    child = int(line(first))
    first.send_signal(signal.SIGKILL)
    first.wait(PATIENCE)
    second = start(path)
    assert second.stderr is not None
    assert "waiting for it" in second.stderr.readline()
    os.kill(child, signal.SIGKILL)
    assert line(second) == "held"
    second.communicate("\n", timeout=PATIENCE)
    first.communicate(timeout=PATIENCE)


def test_an_error_inside_releases(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ValueError, match="x"), only_one(path, "set-up"):
        raise ValueError("x")
    with only_one(path, "set-up"):
        pass


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="can't be written"), only_one(tmp_path / "file" / "lock", "set-up"):
        pass
