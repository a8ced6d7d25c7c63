"""The processes of this machine, as its tests look at them."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def running(pid: int) -> bool:
    """Whether a process is alive (and not a zombie of a container without an init)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or ") Z " not in state.read_text()


def listed() -> dict[int, tuple[int, str]]:
    """All processes: the parent of each, and its command; those that have ended left out."""
    command = ["ps", "-ww", "-eo", "pid,ppid,stat,args"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in shown.stdout.splitlines()[1:]]
    return {int(pid): (int(parent), args) for pid, parent, stat, args in rows if not stat.startswith("Z")}


def processes_of(word: str) -> list[int]:
    """The processes whose command has a word in it."""
    return [pid for pid, (_, command) in listed().items() if word in command]


@contextmanager
def watched(*with_environment: str) -> Iterator[set[str]]:
    """The commands of all that this process starts meanwhile; of those with one of these words their environment, too.

    What others see of a process is looked up again and again, so one that lives for a moment may be missed.
    """
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            for pid in _started_by(os.getpid()):
                command = _read(pid, "cmdline")
                seen.add(command)
                if any(word in command for word in with_environment):
                    seen.add(_read(pid, "environ"))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _started_by(parent: int) -> Iterator[int]:
    """The processes that a process has started, and those that these have."""
    try:
        threads = list(Path(f"/proc/{parent}/task").iterdir())
    except OSError:
        return
    for thread in threads:
        for child in map(int, _read(parent, f"task/{thread.name}/children").split()):
            yield child
            yield from _started_by(child)


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
