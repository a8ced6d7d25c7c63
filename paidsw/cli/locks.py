"""The locks that `pulumi` leaves in the rehearsal's state when it is killed, and that would stop every later run.

A lock is dead when its process is gone. One of another host name is dead unless a `pulumi` of that number runs
here: the caller has the rehearsal's own lock
and its emulator runs on this machine, where alone it can be reached, so a `pulumi` elsewhere can't be at work on it.
Such a lock is left by a container that was built again, or by a machine that has got another name.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A lock is written in a moment; one that stays unreadable is left from a crash or a full disk.
UNREADABLE_SECONDS = 60.0


@dataclass(frozen=True)
class DeadLock:
    """A lock without an owner; ``pid`` is 0 and ``host`` empty where it can't be read."""

    path: Path
    pid: int = 0
    host: str = ""

    def __str__(self) -> str:
        if not self.pid:
            return f"a lock that can't be read ({self.path.name})"
        if self.host != socket.gethostname():
            return f"the lock of pulumi process {self.pid} on {self.host}, which this rehearsal isn't on any more"
        return f"the lock of pulumi process {self.pid}, which was killed"


def found(state: Path) -> list[Path]:
    """The lock files of a file backend."""
    return sorted(state.glob(".pulumi/locks/**/*.json"))


def drop_dead(state: Path) -> list[DeadLock]:
    """Remove the dead locks; which they were. For the holder of the rehearsal's lock, once its emulator runs."""
    dead = list(_dead(found(state)))
    for lock in dead:
        lock.path.unlink(missing_ok=True)
    return dead


def _dead(paths: list[Path]) -> Iterator[DeadLock]:
    for path in paths:
        try:
            owner = json.loads(path.read_text(encoding="utf-8"))
            lock = DeadLock(path, int(owner["pid"]), str(owner["hostname"]))
        except (OSError, ValueError, KeyError, TypeError):
            if _age(path) > UNREADABLE_SECONDS:
                yield DeadLock(path)
            continue
        if not _runs(lock.pid):
            yield lock


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _runs(pid: int) -> bool:
    """Whether a process is a `pulumi` that runs on this machine, as far as that can be told."""
    if sys.platform == "win32":
        return True  # there, os.kill would end it: leave the lock to `pulumi cancel`
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # somebody else's process
    return _is_pulumi(pid)


def _is_pulumi(pid: int) -> bool:
    """Whether a live process is `pulumi`: numbers are used again, in a restarted container at once."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # a system without /proc
    name, _, rest = stat.partition("(")[2].rpartition(")")
    ended = rest.split()[:1] == ["Z"]  # its parent hasn't noticed, as in containers without an init
    return name.startswith("pulumi") and not ended
