"""The record that a running emulator leaves in its folder, by which its clients find it and tell it from any other.

A port says nothing about who listens there: emulators of other checkouts and other programs come and go. So clients
take the emulator of a folder by its record and check the nonce that it sends with every answer.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "emulator.json"
# The emulator refuses a request with another nonce than its own, and sends its own with every answer.
NONCE_HEADER = "x-emulator-nonce"


@dataclass(frozen=True)
class Record:
    """Process and address of an emulator; ``folder`` (absolute) and ``host`` say where it was started."""

    pid: int
    port: int
    nonce: str
    folder: str = ""
    host: str = ""

    @classmethod
    def of(cls, folder: Path, port: int, nonce: str) -> Record:
        """The record of this process."""
        return cls(os.getpid(), port, nonce, str(folder.resolve()), socket.gethostname())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def text(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self))

    def is_of(self, folder: Path) -> bool:
        """Whether it was left in this very folder: a copied or moved one has the record of another."""
        try:
            return os.path.samefile(self.folder, folder)
        except (OSError, ValueError):
            return False


def read(folder: Path) -> Record | None:
    """The record that lies in a folder; None when there is none that can be read."""
    try:
        values = json.loads((folder / FILE).read_text("utf-8"))
        record = Record(**values)
    except (OSError, ValueError, TypeError):
        return None
    numbers, texts = (record.pid, record.port), (record.nonce, record.folder, record.host)
    whole = all(type(value) is int for value in numbers) and all(type(value) is str for value in texts)
    return record if whole and record.nonce and 0 < record.port < 65536 else None
