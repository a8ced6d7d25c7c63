"""The state on disk: one JSON file, replaced atomically."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from .codec import decode, encode
from .errors import EmulatorError
from .messages import Text
from .state import State

FORMAT = 2
FILE = "state.json"


class Store:
    """Keeps the state in a folder; with ``folder`` None not at all."""

    def __init__(self, folder: Path | None) -> None:
        self.path = folder / FILE if folder else None
        self._saved = ""

    def load(self) -> State | None:
        """The saved state, None when there is none; EmulatorError when the file can't be used."""
        if self.path is None or not self.path.exists():
            return None
        try:
            document = json.loads(self.path.read_text("utf-8"))
            self._check_format(document)
            state = decode(State, json.dumps(document["state"]))
        except OSError as error:
            raise EmulatorError(Text.STATE_UNREADABLE(file=self.path, reason=error.strerror)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise EmulatorError(Text.STATE_DAMAGED(file=self.path), Text.START_EMPTY()) from error
        self._saved = encode(state)
        return state

    def _check_format(self, document: object) -> None:
        found = document.get("format") if isinstance(document, dict) else None
        if not isinstance(found, int):
            raise KeyError("format")
        if found > FORMAT:
            cause = Text.STATE_NEWER(file=self.path, found=found, known=FORMAT)
            raise EmulatorError(cause, Text.OTHER_VERSION())

    def save(self, text: str) -> None:
        """Write an encoded state, unless it is there already; OSError, and the file as before, when that fails."""
        if self.path is None or text == self._saved:
            return
        write_atomically(self.path, f'{{"format":{FORMAT},"state":{text}}}')
        self._saved = text


def write_atomically(path: Path, text: str) -> None:
    """Replace a file, readable by its owner only; nothing is left behind when that fails."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            # Before the rename: after a power cut the name must not stand for an empty file.
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
