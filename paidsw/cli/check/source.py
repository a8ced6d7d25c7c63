"""The folder that is judged, read as data: nothing in it runs, and no file of it leads out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from paidsw.cli.check.messages import Text
from paidsw.core.messages import Message
from paidsw.core.stack_file import PROJECT_FILE, ConfigFile


class RefusedError(Exception):
    """A file that isn't read."""

    def __init__(self, file: str, message: Message) -> None:
        super().__init__(str(message))
        self.file = file


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a folder. Names are relative to it, with slashes."""

    folder: Path

    def project(self) -> ConfigFile:
        """The project file. RefusedError or MalformedError where it isn't one, OSError where it isn't there."""
        return ConfigFile.project(self._file(PROJECT_FILE))

    def stack(self, name: str, project: str) -> ConfigFile:
        """The file of a stack of a project. Raises as `project` does."""
        return replace(ConfigFile.stack(self._file(name), project), name=name)

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not self.has(name):
            raise RefusedError(name, Text.LEADS_OUT(file=name))
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise RefusedError(name, Text.NOT_A_FILE(file=name))
        return path

    def has(self, name: str) -> bool:
        """Whether a name, wherever its links lead, is one within the folder."""
        try:
            return Path(os.path.realpath(self.folder / name)).is_relative_to(os.path.realpath(self.folder))
        except ValueError:
            # No file has such a name.
            return False

    def names(self, folder: str = ".") -> Iterator[str]:
        """The names in a folder, in order; none where there is no such folder."""
        path = self.folder / folder
        if path.is_dir():
            yield from sorted(one.name for one in path.iterdir())
