"""The processes of this machine, as its tests look at them."""

from __future__ import annotations

import os
import subprocess
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
