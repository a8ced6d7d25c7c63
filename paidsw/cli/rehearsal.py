"""The files of a rehearsal, and the start of its emulator."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from paidsw.cli.checkpoint import Checkpoint
from paidsw.cli.errors import CliError, UsageError
from paidsw.cli.messages import Text
from paidsw.core.emulator_name import REHEARSAL
from paidsw.core.redaction import hidden, keep
from paidsw.emulator.control import Control
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.process import Holdings, Running, account, start
from paidsw.setup import layout

T = TypeVar("T")

_NAMES = frozenset({"instance_name", "workspace_name"})
PORT_VARIABLE = "DSW_EMULATOR_PORT"


@dataclass(frozen=True)
class Rehearsal:
    """One project's rehearsal: folders and the environment of its `pulumi`."""

    root: Path

    @property
    def project(self) -> Path:
        """The folder of the rehearsal's Pulumi.yaml."""
        return self.root / "rehearsal"

    @property
    def folder(self) -> Path:
        """All that the rehearsal writes."""
        return layout.rehearsal(self.root)

    @property
    def state(self) -> Path:
        """Pulumi's file backend."""
        return self.folder / "state"

    @property
    def checkpoint(self) -> Checkpoint:
        """The stack as Pulumi keeps it."""
        return Checkpoint(self.state)

    @property
    def emulator(self) -> Path:
        """The emulator's state, record and log."""
        return self.root / REHEARSAL

    def holdings(self) -> Holdings:
        """What its emulator holds, whether it runs or not; names that the state keeps as secrets are shown nowhere."""
        self.checkpoint.declared()
        found = asked(lambda: account(self.emulator))
        keep([thing.name for thing in found.live if _NAMES & hidden(thing.id)])
        return found

    @contextlib.contextmanager
    def private(self) -> Iterator[None]:
        """What the rehearsal has written and what is written within is its owner's alone, whatever the umask is."""
        before = os.umask(0o077)
        try:
            _make(self.folder)
            _close(self.folder)
            yield
        finally:
            os.umask(before)

    def environment(self) -> dict[str, str]:
        """The variables to run `pulumi` with; its folders exist afterwards."""
        for folder in (self.state, self.folder / "home"):
            _make(folder)
        return layout.engine_environment(self.root)

    def pulumi(self) -> str:
        """The CLI to run."""
        found = layout.find_pulumi(self.root)
        if found is None:
            raise CliError(Text.NO_PULUMI(), Text.RUN_SETUP())
        return str(found)

    def start_emulator(self, port: int | None = None) -> tuple[Running, Control]:
        """The emulator of this rehearsal, started if it doesn't run."""
        running = asked(lambda: start(self.emulator, port or wanted_port()))
        return running, running.control()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CliError(Text.NOT_MADE(folder=folder, why=error.strerror), Text.FREE_SPACE()) from None


def _close(folder: Path) -> None:
    """Close to everybody else what an earlier run left open under another umask."""
    for place, folders, files in os.walk(folder):
        for path in (Path(place), *(Path(place, name) for name in (*folders, *files))):
            # A file system without modes, or a file that has just gone: then there is nothing to take.
            with contextlib.suppress(OSError):
                if not path.is_symlink() and path.stat().st_mode & 0o077:
                    path.chmod(path.stat().st_mode & 0o700)


def port_of(name: str, text: str) -> int:
    """A port as somebody writes it in the option or variable `name`. Raises UsageError when it can't be one."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < number < 65536:
        raise UsageError(Text.OPTION_IS(option=name, value=text), Text.GIVE_PORT())
    return number


def wanted_port() -> int | None:
    """The emulator's port that somebody asked for in DSW_EMULATOR_PORT; None when any will do."""
    text = os.environ.get(PORT_VARIABLE)
    return port_of(PORT_VARIABLE, text) if text else None


def asked(question: Callable[[], T]) -> T:
    """An emulator's answer; an error of it ends the command."""
    try:
        return question()
    except EmulatorError as error:
        raise CliError(error.cause, error.advice) from None
