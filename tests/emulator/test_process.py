"""The emulator in the background: started, found, killed, stopped, and in the way of others."""

from __future__ import annotations

import http.server
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from darabonba.exceptions import DaraException

from paidsw.core.record import FILE
from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.lock import FILE as LOCK_FILE
from paidsw.emulator.lock import FolderLock, is_held
from paidsw.emulator.store import FILE as STATE_FILE
from tests.support.cloud import sdk
from tests.support.command import free_port
from tests.support.processes import processes_of
from tests.support.waiting import PATIENCE, until

forked = pytest.mark.usefixtures("forked_emulator")
ROOT = Path(__file__).resolve().parents[2]


SECRETS = (
    *("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_X", "ALICLOUD_SECRET_KEY", "ALIYUN_KEY"),
    *("alicloud_secret_key", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "HTTPS_PROXY"),
    *("PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN", "HOMEBREW_GITHUB_API_TOKEN"),
    *("LANGFUSE_SECRET_KEY", "PATH_TOKEN", "PYTHON_KEYRING", "LC_TOKEN"),
)


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


@forked
def test_starting_twice_is_one(folder: Path) -> None:
    first = process.start(folder, free_port())
    assert process.start(folder, free_port()).status.pid == first.status.pid


def test_starts_that_race_come_to_one(folder: Path) -> None:
    port = free_port()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: process.start(folder, port), range(4)))
    assert len({running.status.pid for running in found}) == 1
    # The slower ones are gone: none takes over when the quickest is stopped.
    assert set(processes_of(str(folder))) == {found[0].status.pid}
    process.stop(folder)
    assert not is_held(folder)


def test_it_survives_kill(folder: Path) -> None:
    port = free_port()
    first = process.start(folder, port, frozen=True)
    made = sdk(first.url).create()
    os.kill(first.status.pid, signal.SIGKILL)
    until(lambda: not is_held(folder))
    assert process.status(folder) is None
    second = process.start(folder, port)
    assert second.status.pid != first.status.pid
    assert second.status.frozen
    assert second.status.now_ms == first.status.now_ms + 5_000
    assert sdk(second.url).status(made) == "Creating"


@forked
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
            f"port {port} is in use by another program; stop that, or choose another port with --port"
        )
        record = {"pid": os.getpid(), "port": port, "nonce": "n"}
        (folder / FILE).write_text(json.dumps(record))
        assert process.status(folder) is None
        assert process.stop(folder) is False
    finally:
        server.shutdown()
        server.server_close()


@forked
def test_the_emulator_of_another_folder_is_a_stranger_too(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    process.start(folder, port)
    with pytest.raises(EmulatorError, match=f"port {port} is in use"):
        process.start(tmp_path / "other", port)


@forked
class TestAccount:
    """What a folder's emulator holds, without a start."""

    def test_it_is_the_same_whether_it_runs_or_not(self, folder: Path) -> None:
        assert process.account(folder).live == []
        assert not folder.exists()
        sdk(process.start(folder, frozen=True).url).workspace()
        running = process.account(folder)
        assert [thing.kind for thing in running.live] == ["workspace"]
        process.stop(folder)
        assert process.account(folder) == running

    def test_one_that_hangs_is_a_sentence(self, folder: Path) -> None:
        process.start(folder)
        process.stop(folder)
        with FolderLock(folder), pytest.raises(EmulatorError, match="another emulator uses the folder"):
            process.account(folder)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_it_gets_nothing_secret_of_its_starter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "planted"
    for name in SECRETS:
        monkeypatch.setenv(name, secret)
    found = process.start(folder)
    environment = Path(f"/proc/{found.status.pid}/environ").read_text()
    assert secret not in environment
    names = {entry.partition("=")[0] for entry in environment.split("\0") if entry}
    assert names <= process.PASSED_ON | {process.NONCE}
    assert "PATH" in names


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
@forked
def test_all_that_it_writes_is_its_owners_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        sdk(process.start(folder).url).workspace()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == dict.fromkeys((FILE, process.LOG, STATE_FILE, LOCK_FILE), 0o600)


@forked
def test_a_damaged_state_is_reported_by_start(folder: Path) -> None:
    folder.mkdir()
    (folder / "state.json").write_text("{")
    with pytest.raises(EmulatorError, match="is damaged"):
        process.start(folder, free_port())
    process.reset(folder)
    assert process.start(folder, free_port()).status.version == 1


@forked
def test_reset_of_a_running_one(folder: Path) -> None:
    found = process.start(folder, free_port(), frozen=True)
    sdk(found.url).workspace()
    assert len(Control(found.url).live()) == 1
    process.reset(folder)
    assert Control(found.url).live() == []


@forked
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
        _, errors = child.communicate(timeout=PATIENCE)
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
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert done.stderr == f"the emulator listens on loopback only, and {host} is not; use 127.0.0.1\n"


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
    with pytest.raises(EmulatorError, match="can't use the folder"):
        process.start(tmp_path / "file" / "emulator", free_port())


def test_the_lock_is_free_after_its_block(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(EmulatorError, match="another emulator uses the folder"), FolderLock(tmp_path):
            pass
    assert not is_held(tmp_path)
