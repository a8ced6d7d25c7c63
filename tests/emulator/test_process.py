"""The emulator in the background: started, found, killed, stopped, and in the way of others."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from darabonba.exceptions import DaraException

from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.lock import FolderLock, is_held
from paidsw.emulator.testing import Emulator

from .cloud import Cloud

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "emulator"
    if is_held(tmp_path / "emulator"):
        process.stop(tmp_path / "emulator")


class Away:
    """An emulator in another process, as far as its clients and its clock go."""

    def __init__(self, url: str) -> None:
        self.proxy = url
        self.secret = Emulator.secret
        self.clock = Control(url)


def sdk(url: str) -> Cloud:
    return Cloud(cast(Emulator, Away(url)))


def test_start_find_stop(folder: Path) -> None:
    assert process.status(folder) is None
    port = free_port()
    found = process.start(folder, port, frozen=True)
    assert found.url == f"http://127.0.0.1:{port}"
    assert found.status.frozen
    assert Path(found.status.folder) == folder
    again = process.status(folder)
    assert again is not None
    assert again.status.pid == found.status.pid != os.getpid()
    assert process.stop(folder) is True
    assert process.status(folder) is None
    assert process.stop(folder) is False


def test_starting_twice_is_one(folder: Path) -> None:
    first = process.start(folder, free_port())
    assert process.start(folder, free_port()).status.pid == first.status.pid


def test_starts_that_race_come_to_one(folder: Path) -> None:
    port = free_port()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: process.start(folder, port), range(4)))
    assert len({running.status.pid for running in found}) == 1
    # The slower ones are gone: none takes over when the quickest is stopped.
    assert [child.pid for child in process._children if child.poll() is None] == [found[0].status.pid]
    process.stop(folder)
    assert not is_held(folder)


def test_it_survives_kill(folder: Path) -> None:
    port = free_port()
    first = process.start(folder, port, frozen=True)
    made = sdk(first.url).create()
    os.kill(first.status.pid, signal.SIGKILL)
    assert process._wait(lambda: not is_held(folder), 10)
    assert process.status(folder) is None
    second = process.start(folder, port)
    assert second.status.pid != first.status.pid
    assert second.status.frozen
    assert second.status.now_ms == first.status.now_ms + 5_000
    assert sdk(second.url).status(made) == "Creating"


def test_a_stranger_on_the_port_is_told_from_the_emulator(folder: Path) -> None:
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        port = server.server_port
        with pytest.raises(EmulatorError) as error:
            process.start(folder, port)
        assert str(error.value) == (
            f"Port {port} is in use by another program: stop that, or choose another port with --port."
        )
        record = {"pid": os.getpid(), "port": port, "nonce": "n"}
        (folder / process.FILE).write_text(json.dumps(record))
        assert process.status(folder) is None
        assert process.stop(folder) is False
    finally:
        server.shutdown()
        server.server_close()


def test_the_emulator_of_another_folder_is_a_stranger_too(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    process.start(folder, port)
    with pytest.raises(EmulatorError, match=f"Port {port} is in use"):
        process.start(tmp_path / "other", port)


def test_a_damaged_state_is_said_by_start(folder: Path) -> None:
    folder.mkdir()
    (folder / "state.json").write_text("{")
    with pytest.raises(EmulatorError, match="is damaged"):
        process.start(folder, free_port())
    process.reset(folder)
    assert process.start(folder, free_port()).status.version == 1


def test_reset_of_a_running_one(folder: Path) -> None:
    found = process.start(folder, free_port(), frozen=True)
    sdk(found.url).workspace()
    assert len(Control(found.url).live()) == 1
    process.reset(folder)
    assert Control(found.url).live() == []


def test_one_that_hangs_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = process.start(folder, free_port())
    os.kill(found.status.pid, signal.SIGSTOP)
    monkeypatch.setattr(process, "STOP_SECONDS", 0.2)
    monkeypatch.setattr(process, "ASK_SECONDS", 0.2)
    with pytest.raises(EmulatorError, match="does not answer"):
        process.reset(folder)
    assert process.stop(folder) is True
    assert not is_held(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_ends_quietly(folder: Path, number: int) -> None:
    command = [sys.executable, "-m", "paidsw.emulator", "--folder", str(folder), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("The emulator listens on http://127.0.0.1:")
        child.send_signal(number)
        _, errors = child.communicate(timeout=20)
    assert (child.returncode, errors) == (0, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::"])
def test_it_listens_on_loopback_only(folder: Path, host: str) -> None:
    command = [
        sys.executable,
        "-m",
        "paidsw.emulator",
        "--folder",
        str(folder),
        "--port",
        "0",
        "--host",
        host,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr == f"The emulator listens on loopback only, and {host} is not: use 127.0.0.1.\n"


def test_a_full_disk_in_a_real_process(folder: Path) -> None:
    """A limit on the size of files makes the operating system refuse the writes, as a full disk does."""
    code = (
        "import resource, sys; from paidsw.emulator.__main__ import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500)); sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "--folder", str(folder), "--port", "0", "--frozen"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        url = child.stdout.readline().split()[-1]
        cloud = sdk(url)
        made: list[str] = []

        def fill() -> None:
            while True:
                made.append(cloud.workspace(f"space_{len(made)}"))

        with pytest.raises(DaraException, match="nothing was changed"):
            fill()
        assert [thing.id for thing in Control(url).live()] == made
        child.terminate()
    kept = json.loads((folder / "state.json").read_text())
    assert list(kept["state"]["workspaces"]) == made
    assert len(made) > 1


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmulatorError, match="cannot use the folder"):
        process.start(tmp_path / "file" / "emulator", free_port())


def test_the_lock_is_free_after_its_block(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(EmulatorError, match="Another emulator uses the folder"), FolderLock(tmp_path):
            pass
    assert not is_held(tmp_path)
