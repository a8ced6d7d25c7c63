"""The creates that are under way, noted on disk: a run that is killed, or a list that lags, leads to no second one.

One small file each under the Pulumi home, which only this user reads. What can't be written or read doesn't count.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class Note(BaseModel):
    """That CreateInstance was about to be called.

    `made_at` is the label of the resource's URN, and `at` the cloud's time in seconds since the epoch. Nothing that a
    user chose is in it, since that may be secret.
    """

    model_config = ConfigDict(frozen=True)

    made_at: str
    at: float
    # Empty until the cloud answered.
    instance_id: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """The notes of one cloud. A note's key is the owner's id, or its URN's label where there is no owner."""

    folder: Path | None
    cloud: str = ""

    @classmethod
    def at_home(cls, cloud: str = "") -> Journal:
        """The journal of this user; `cloud` names the emulator, if it is one."""
        try:
            home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        except RuntimeError:  # this user has no home
            return cls(None, cloud)
        return cls(home / "paidsw" / "creates", cloud)

    def note(self, region: str, key: str, note: Note) -> None:
        """Note a create, in place of what was noted of this resource."""
        path = self._path(region, key, note.made_at)
        if path is None:
            return
        partial = path.with_suffix(".partial")
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            with open(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(note.model_dump_json())
            partial.replace(path)

    def find(self, region: str, key: str) -> list[Note]:
        """The creates that were under way."""
        pattern = self._path(region, key, "*")
        try:
            files = [] if pattern is None else sorted(pattern.parent.glob(pattern.name))
        except OSError:
            return []
        return [note for file in files if (note := _read(file)) is not None]

    def forget(self, region: str, key: str, made_at: str = "*") -> None:
        """Drop a note, or all, once the instance is in the state or is known not to exist."""
        pattern = self._path(region, key, made_at)
        if pattern is not None:
            with suppress(OSError):
                for path in pattern.parent.glob(pattern.name):
                    path.unlink(missing_ok=True)

    def settle(self, region: str, key: str, instance_id: str) -> None:
        """Drop the note of a create whose instance is in the state."""
        for note in self.find(region, key):
            if note.instance_id == instance_id:
                self.forget(region, key, note.made_at)

    def _path(self, region: str, key: str, made_at: str) -> Path | None:
        if self.folder is None:
            return None
        name = hashlib.sha256("\0".join((self.cloud, region, key)).encode()).hexdigest()[:32]
        return self.folder / f"{name}-{made_at}.json"


def _read(file: Path) -> Note | None:
    try:
        return Note.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


# Where nothing is created.
NO_JOURNAL = Journal(None)
