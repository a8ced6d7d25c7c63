"""The creates that are under way, noted on disk: a run that is killed, or a list that lags, leads to no second one.

One small file each under the Pulumi home, which only this user reads. What can't be written or read doesn't count.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class Note(BaseModel):
    """That CreateInstance was about to be called: for which name, and when by the cloud's clock (seconds)."""

    model_config = ConfigDict(frozen=True)

    name: str
    at: float
    # Empty until the cloud answered.
    instance_id: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """The notes of one cloud. A note's key is the owner's id, or the URN's fingerprint where there is no owner."""

    folder: Path | None
    cloud: str = ""

    @classmethod
    def at_home(cls, cloud: str = "") -> Journal:
        """The journal of this user; `cloud` names the emulator, if it is one."""
        try:
            home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        except RuntimeError:  # nobody's home
            return cls(None, cloud)
        return cls(home / "paidsw" / "creates", cloud)

    def note(self, region: str, key: str, note: Note) -> None:
        """Note a create in place of an earlier one."""
        path = self._path(region, key)
        if path is None:
            return
        partial = path.with_suffix(".partial")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            with open(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(note.model_dump_json())
            partial.replace(path)
        except OSError:
            return

    def find(self, region: str, key: str) -> Note | None:
        """The create that was under way."""
        path = self._path(region, key)
        try:
            return None if path is None else Note.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None

    def forget(self, region: str, key: str) -> None:
        """Drop the note, once its instance is in the state or is known not to exist."""
        path = self._path(region, key)
        if path is not None:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                return

    def settle(self, region: str, key: str, instance_id: str) -> None:
        """Drop the note of a create whose instance is in the state."""
        note = self.find(region, key)
        if note is not None and note.instance_id == instance_id:
            self.forget(region, key)

    def _path(self, region: str, key: str) -> Path | None:
        if self.folder is None:
            return None
        name = hashlib.sha256("\0".join((self.cloud, region, key)).encode()).hexdigest()[:32]
        return self.folder / f"{name}.json"


# Where nothing is created.
NO_JOURNAL = Journal(None)
