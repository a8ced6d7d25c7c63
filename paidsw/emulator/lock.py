"""A lock on the emulator's folder, held by the operating system so that no killed process leaves one behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from .errors import EmulatorError
from .messages import Text

FILE = "emulator.lock"


class FolderLock:
    """Held while the block runs; EmulatorError when another process holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None

    def __enter__(self) -> FolderLock:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self._folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EmulatorError(Text.CANNOT_USE(folder=self._folder, reason=error.strerror)) from error
        try:
            _lock(self._handle)
        except OSError as error:
            os.close(self._handle)
            self._handle = None
            raise EmulatorError(Text.IN_USE(folder=self._folder), Text.STOP_IT()) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_held(folder: Path) -> bool:
    """Whether a live process holds the folder's lock."""
    if not (folder / FILE).exists():
        return False
    try:
        with FolderLock(folder):
            return False
    except EmulatorError:
        return True


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
