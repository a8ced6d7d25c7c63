"""One at a time: a file lock that the operating system drops when its owner dies, however it dies."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .console import SetupError, say
from .messages import Text

if sys.platform == "win32":
    import msvcrt
    import time

    # Far behind the owner's number, which others must be able to read while the lock is held.
    _BYTE = 1 << 20

    def _take(file: IO[str], *, wait: bool) -> bool:
        while True:
            file.seek(_BYTE)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    return False
                time.sleep(0.2)
            else:
                return True
else:
    import fcntl

    def _take(file: IO[str], *, wait: bool) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


@contextmanager
def only_one(path: Path, what: str) -> Iterator[int]:
    """Hold the lock at `path` for the block; says whom it waits for. Yields the lock's file descriptor.

    A child process that inherits the descriptor keeps the lock for as long as it lives, so that work which outlives
    its starter is not done twice at once. SetupError if the file can't be locked at all.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="ascii")
    except OSError as error:
        raise SetupError(Text.LOCK_NOT_WRITABLE(path=path, why=error.strerror)) from error
    with file:
        if not _take(file, wait=False):
            file.seek(0)
            say(
                f"Another {what} is under way (process {file.read(20).strip() or 'unknown'}); waiting for it …"
            )
            _take(file, wait=True)
        _sign(file.fileno())
        yield file.fileno()


def _sign(lock: int) -> None:
    """Write our process number for those that wait; on a full disk the lock holds without it."""
    with suppress(OSError):
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode("ascii"))
