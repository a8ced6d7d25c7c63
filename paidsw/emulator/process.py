"""Starts, finds and stops an emulator in the background.

Its folder holds ``emulator.json`` (process, port, nonce), the lock, the state and the log. The lock says whether
one runs at all; the nonce says whether what answers on the port is that one.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .codec import decode, encode
from .control import Control
from .control_api import Status
from .errors import EmulatorError
from .lock import is_held
from .store import FILE as STATE_FILE
from .store import write_atomically

DEFAULT_PORT = 8790
FILE = "emulator.json"
LOG = "emulator.log"
NONCE = "DSW_EMULATOR_NONCE"  # by which a starter knows the process that it has started
START_SECONDS = 15.0
STOP_SECONDS = 10.0
ASK_SECONDS = 3.0
_PAUSE = 0.03
# Kept, so that a process that outlives its starter isn't taken for a leak, and a dead one is waited for.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Record:
    """What a running emulator leaves in its folder."""

    pid: int
    port: int
    nonce: str

    @classmethod
    def of(cls, port: int, nonce: str) -> Record:
        """The record of this process."""
        return cls(os.getpid(), port, nonce)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Running:
    """An emulator that runs and answers: its address, and what it says of itself."""

    url: str
    status: Status


def write_record(folder: Path, record: Record) -> None:
    """Leave a record in the folder; EmulatorError when it can't be written."""
    try:
        write_atomically(folder / FILE, encode(record))
    except OSError as error:
        raise EmulatorError(f"The emulator cannot write to {folder}: {error.strerror}.") from error


def status(folder: Path) -> Running | None:
    """The emulator of a folder, None when none runs or it doesn't answer."""
    record = _read(folder)
    if record is None:
        return None
    try:
        found = Control(record.url, timeout=ASK_SECONDS).status()
    except (EmulatorError, ValueError):
        return None
    return Running(record.url, found) if found.nonce == record.nonce else None


def start(
    folder: Path, port: int = DEFAULT_PORT, *, frozen: bool = False, region: str | None = None
) -> Running:
    """Start an emulator, or return the one that runs in this folder already.

    Waits until it answers. EmulatorError says in one sentence why it doesn't: the port is taken, the state is
    damaged, the folder can't be used.
    """
    if found := status(folder):
        return found
    log = _open_log(folder)
    try:
        with log:
            log.seek(0, os.SEEK_END)
            before = log.tell()
            nonce = secrets.token_hex(16)
            options = ["--port", str(port), *(["--frozen"] if frozen else [])]
            options += ["--region", region] if region else []
            child = _spawn(folder, options, nonce, log.fileno())
            _children.append(child)
            found = _await_answer(folder, child, before)
            if found.status.nonce != nonce:
                # Another start was quicker. Ours must not take over when that one is stopped.
                child.kill()
                child.wait()
            return found
    except OSError as error:
        raise EmulatorError(f"The emulator cannot be started: {error.strerror}.") from error


def stop(folder: Path) -> bool:
    """Stop the emulator of a folder and wait until it has ended; False when none runs. Its state stays."""
    if not is_held(folder):
        with contextlib.suppress(OSError):
            (folder / FILE).unlink(missing_ok=True)
        return False
    record = _read(folder)
    if record is None:
        raise EmulatorError(f"An emulator holds {folder} but left no record: end its process by hand.")
    with contextlib.suppress(EmulatorError, ValueError):
        Control(record.url, timeout=ASK_SECONDS).stop(record.nonce)
    if not _wait(lambda: not is_held(folder), STOP_SECONDS):
        # It hangs. The lock is held, so the process of the record is still the emulator.
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        if not _wait(lambda: not is_held(folder), STOP_SECONDS):
            raise EmulatorError(f"The emulator (process {record.pid}) does not end: end it by hand.")
    (folder / FILE).unlink(missing_ok=True)
    _forget(record.pid)
    return True


def _forget(pid: int) -> None:
    """Wait for a child that has let go of its lock and is about to end."""
    for child in _children:
        if child.pid == pid:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
    _children[:] = [child for child in _children if child.poll() is None]


@atexit.register
def _let_go() -> None:
    """A process in the background outlives its starter on purpose: that is no forgotten child."""
    for child in _children:
        if child.poll() is None:
            child.returncode = 0


def reset(folder: Path) -> None:
    """Begin again with an empty account, whether the emulator runs or not."""
    if found := status(folder):
        Control(found.url).reset()
        return
    if is_held(folder):
        raise EmulatorError(
            f"The emulator of {folder} does not answer: stop it with `dsw emulator stop` first."
        )
    try:
        (folder / STATE_FILE).unlink(missing_ok=True)
    except OSError as error:
        raise EmulatorError(
            f"The emulator's state in {folder} cannot be deleted: {error.strerror}."
        ) from error


def _read(folder: Path) -> Record | None:
    try:
        return decode(Record, (folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _open_log(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / LOG).open("a+", encoding="utf-8")
    except OSError as error:
        raise EmulatorError(f"The emulator cannot use the folder {folder}: {error.strerror}.") from error


def _spawn(folder: Path, options: list[str], nonce: str, log: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "paidsw.emulator", "--folder", str(folder.absolute()), *options]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {NONCE: nonce},
        creationflags=flags,
        start_new_session=True,
    )


def _await_answer(folder: Path, child: subprocess.Popen[bytes], before: int) -> Running:
    found: Running | None = None

    def settled() -> bool:
        nonlocal found
        found = found or status(folder)
        # When our process was turned away because another start was quicker, that one will answer.
        return found is not None or (child.poll() is not None and not is_held(folder))

    if not _wait(settled, START_SECONDS):
        child.kill()
        raise EmulatorError(f"The emulator did not answer within {START_SECONDS:.0f} s: see {folder / LOG}.")
    if found is None:
        raise EmulatorError(_last_line(folder, before))
    return found


def _last_line(folder: Path, before: int) -> str:
    with (folder / LOG).open(encoding="utf-8", errors="replace") as log:
        log.seek(before)
        lines = [line.strip() for line in log if line.strip()]
    return lines[-1] if lines else f"The emulator ended at once: see {folder / LOG}."


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(_PAUSE)
    return condition()
