"""Starts, finds and stops an emulator in the background.

Its folder holds ``emulator.json`` (process, port, nonce), the lock, the state and the log. The lock says whether
one runs at all; the nonce says whether what answers on the port is that one. The record of a stopped one stays: it
remembers the port.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from paidsw.core.record import FILE, Record, read

from .account import Account, open_account
from .control import Control
from .control_api import Status
from .errors import EmulatorError
from .ledger.bill import Bill
from .ledger.live import Live
from .lock import FolderLock, is_held
from .messages import Text
from .store import FILE as STATE_FILE
from .store import write_atomically

PYTHON = sys.executable
LOG = "emulator.log"
NONCE = "DSW_EMULATOR_NONCE"  # by which a starter knows the process that it has started
# What the emulator gets of its starter's environment, by whole names: a prefix would let other people's keys in.
PASSED_ON = frozenset(
    {
        *("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TMP", "TEMP", "TZ"),
        *("LANG", "LC_ALL", "LC_CTYPE", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT"),
    }
)
START_SECONDS = 60.0  # a busy machine takes its time; an emulator that fails ends at once
STOP_SECONDS = 10.0
ASK_SECONDS = 3.0
_PAUSE = 0.03
# Kept, so that a process that outlives its starter isn't taken for a leak, and a dead one is waited for.
children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Running:
    """An emulator that runs and answers: its address, and what it says of itself."""

    url: str
    status: Status

    def control(self) -> Control:
        """The control interface of this one and no other."""
        return Control(self.url, nonce=self.status.nonce)


@dataclass(frozen=True)
class Holdings:
    """What an emulator holds, and its bill."""

    live: list[Live]
    bill: Bill


def write_record(folder: Path, record: Record) -> None:
    """Leave a record in the folder; EmulatorError when it can't be written."""
    try:
        write_atomically(folder / FILE, record.text())
    except OSError as error:
        raise EmulatorError(Text.CANNOT_WRITE(folder=folder, reason=error.strerror)) from error


def status(folder: Path) -> Running | None:
    """The emulator of a folder, None when none runs or it doesn't answer."""
    record = read(folder)
    if record is None or not record.is_of(folder):
        return None
    try:
        found = Control(record.url, nonce=record.nonce, timeout=ASK_SECONDS).status()
    except (EmulatorError, ValueError):
        return None
    return Running(record.url, found) if found.nonce == record.nonce else None


def account(folder: Path) -> Holdings:
    """What the emulator of a folder holds, whether it runs or not; EmulatorError when that can't be told."""
    if found := status(folder):
        control = found.control()
        return Holdings(control.live(), control.bill())
    if not (folder / STATE_FILE).exists():
        return _holdings(open_account(None))
    with FolderLock(folder):
        return _holdings(open_account(folder))


def _holdings(account: Account) -> Holdings:
    account.settle()
    return Holdings(account.live(), account.bill())


def start(
    folder: Path, port: int | None = None, *, frozen: bool = False, region: str | None = None
) -> Running:
    """Start an emulator, or return the one that runs in this folder already.

    Without a port it takes the one it had last, else the usual one, else any that is free. Waits until it answers.
    EmulatorError says in one sentence why it doesn't: the port is taken, the state is damaged, the folder can't be
    used.
    """
    if found := status(folder):
        return found
    _stop_moved(folder)
    log = _open_log(folder)
    try:
        with log:
            log.seek(0, os.SEEK_END)
            before = log.tell()
            nonce = secrets.token_hex(16)
            options = [] if port is None else ["--port", str(port)]
            options += ["--frozen"] if frozen else []
            options += ["--region", region] if region else []
            child = _spawn(folder, options, nonce, log.fileno())
            children.append(child)
            found = _await_answer(folder, child, before)
            if found.status.nonce != nonce:
                # Another start was quicker. Ours must not take over when that one is stopped.
                child.kill()
                child.wait()
            return found
    except OSError as error:
        raise EmulatorError(Text.CANNOT_START(reason=error.strerror)) from error


def stop(folder: Path) -> bool:
    """Stop the emulator of a folder and wait until it has ended; False when none runs. Its state stays."""
    if not is_held(folder):
        return False
    record = read(folder)
    if record is None:
        raise EmulatorError(Text.NO_RECORD(folder=folder), Text.END_PROCESS())
    with contextlib.suppress(EmulatorError, ValueError):
        Control(record.url, nonce=record.nonce, timeout=ASK_SECONDS).stop(record.nonce)
    if not _wait(lambda: not is_held(folder), STOP_SECONDS):
        _kill(folder, record)
    _forget(record.pid)
    return True


def _kill(folder: Path, record: Record) -> None:
    """End an emulator that hangs. The lock is held, so the process of the record is still the emulator."""
    if record.host != socket.gethostname():
        where = record.host or "another machine"
        raise EmulatorError(Text.ELSEWHERE(folder=folder, where=where), Text.STOP_THERE())
    with contextlib.suppress(ProcessLookupError):
        os.kill(record.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    if not _wait(lambda: not is_held(folder), STOP_SECONDS):
        raise EmulatorError(Text.STILL_RUNS(pid=record.pid), Text.END_IT())


def _stop_moved(folder: Path) -> None:
    """An emulator whose folder was moved still writes to the old place: stop it, so that one can start in the new."""
    record = read(folder)
    if record is not None and not record.is_of(folder) and is_held(folder):
        stop(folder)


def _forget(pid: int) -> None:
    """Wait for a child that has let go of its lock and is about to end."""
    for child in children:
        if child.pid == pid:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
    children[:] = [child for child in children if child.poll() is None]


@atexit.register
def _let_go() -> None:
    """A process in the background outlives its starter on purpose: it isn't a forgotten child."""
    for child in children:
        if child.poll() is None:
            child.returncode = 0


def reset(folder: Path) -> None:
    """Begin again with an empty account, whether the emulator runs or not."""
    if found := status(folder):
        found.control().reset()
        return
    if is_held(folder):
        raise EmulatorError(Text.SILENT(folder=folder), Text.STOP_IT_FIRST())
    try:
        (folder / STATE_FILE).unlink(missing_ok=True)
    except OSError as error:
        raise EmulatorError(Text.STATE_KEPT(folder=folder, reason=error.strerror)) from error


def _open_log(folder: Path) -> TextIO:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(folder / LOG, "a+", encoding="utf-8", opener=partial(os.open, mode=0o600))
    except OSError as error:
        raise EmulatorError(Text.CANNOT_USE(folder=folder, reason=error.strerror)) from error


def _spawn(folder: Path, options: list[str], nonce: str, log: int) -> subprocess.Popen[bytes]:
    command = [PYTHON, "-m", "paidsw.emulator", "--folder", str(folder.absolute()), *options]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=Path(__file__).resolve().parents[2],
        env=_environment() | {NONCE: nonce},
        creationflags=flags,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """What the interpreter needs to start; above all no credentials, of any cloud."""
    return {name: value for name, value in os.environ.items() if name.upper() in PASSED_ON}


def _await_answer(folder: Path, child: subprocess.Popen[bytes], before: int) -> Running:
    found: Running | None = None

    def settled() -> bool:
        nonlocal found
        found = found or status(folder)
        # If our process ended because another start was quicker, that one will answer.
        return found is not None or (child.poll() is not None and not is_held(folder))

    if not _wait(settled, START_SECONDS):
        child.kill()
        raise EmulatorError(Text.NOT_STARTED(seconds=f"{START_SECONDS:.0f}"), Text.SEE(log=folder / LOG))
    if found is None:
        last = _last_line(folder, before)
        raise EmulatorError(last) if last else EmulatorError(Text.ENDED(), Text.SEE(log=folder / LOG))
    return found


def _last_line(folder: Path, before: int) -> str:
    with (folder / LOG).open(encoding="utf-8", errors="replace") as log:
        log.seek(before)
        lines = [line.strip() for line in log if line.strip()]
    return lines[-1] if lines else ""


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(_PAUSE)
    return condition()
