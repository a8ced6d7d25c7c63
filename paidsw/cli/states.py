"""The state of a stack, from `pulumi stack export` or from the rehearsal itself, and what it may decide."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from paidsw.audit.declared import Declared, StateError, parse
from paidsw.audit.endings import Endings
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cli.own_state import own_state
from paidsw.cli.rehearsal import Rehearsal
from paidsw.cli.stack import project_file
from paidsw.cloud import CloudError, Connection
from paidsw.cloud.emulated import locate
from paidsw.core.emulator_name import is_url
from paidsw.core.messages import Message
from paidsw.core.stack_file import PROJECT_FILE
from paidsw.core.text import printable


class StackState:
    """Reads the state again each time: a file, standard input ("-", once), or without one the rehearsal's own."""

    def __init__(self, root: Path, connection: Connection, file: str | None, stack: str) -> None:
        self._root, self._connection, self._file, self._stack = root, connection, file, stack
        self._input = _standard_input() if file == "-" else ""
        self._rehearsed = connection.emulator is not None and not is_url(connection.emulator)

    @property
    def shown(self) -> Message:
        """What a sentence calls it."""
        return Text.STATE_FILE(file=self._file) if self._file is not None else Text.STATE_OF_REHEARSAL()

    def read(self) -> Declared | None:
        """What it declares, None where none was given.

        What it keeps as a secret is shown nowhere from then on; where none was given, what the one at hand does.
        Raises CliError for what isn't a state, or of another cloud.
        """
        if self._file is None:
            own_state(self._root, self._connection)
            return None
        try:
            text = self._input if self._file == "-" else Path(self._file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or Text.NOT_TEXT()
            raise CliError(Text.STATE_NOT_READ(file=self._file, why=why), Text.GIVE_EXPORT()) from None
        try:
            found = parse(text, project=_project(self._root), stack=self._stack)
        except StateError as error:
            raise CliError(Text.WRONG_STATE(file=self._file, why=error)) from None
        found.hide()
        if found.clouds:
            self._check_cloud(found)
        if not self._rehearsed:
            return found
        # Its state is at hand: then nothing has to be told from times.
        current = found == self._now()
        return replace(found, current=current, outdated=not current)

    def evidence(self) -> Declared:
        """The same of a state by which instances may be deleted. Raises CliError, which says why it can't be one."""
        found = self.rehearsed() if self._file is None else self.read()
        if found is None or found.empty:
            by_name = Text.NAME_INSTANCES(option=Endings(self._connection.emulator).option)
            raise CliError(Text.STATE_EMPTY(state=self.shown), by_name)
        if found.written is None:
            raise CliError(Text.STATE_UNDATED(state=self.shown), Text.EXPORT_AGAIN())
        project = found.project if self._file is None else _project(self._root)
        wanted = f"{project}/{self._stack}"
        if found.name != wanted:
            other = Text.STATE_OF_STACK(state=self.shown, found=printable(found.name, 150), wanted=wanted)
            raise CliError(other, Text.GIVE_THIS_STACK())
        self._check_cloud(found)
        if found.pending:
            name = printable(found.pending[0].rpartition("::")[2])
            advice = Text.CLEAR_IN_REHEARSAL if self._rehearsed else Text.CLEAR_PENDING
            raise CliError(Text.STATE_PENDING(state=self.shown, name=name), advice())
        if found.outdated:
            raise CliError(Text.STATE_OUTDATED(state=self.shown), Text.LEAVE_STATE_OUT())
        return found

    def rehearsed(self) -> Declared | None:
        """What the rehearsal's stack declares at this moment; None where no rehearsal is asked, or it has no stack."""
        found = self._now()
        return found and replace(found, current=True)

    def _now(self) -> Declared | None:
        return Rehearsal(self._root).checkpoint.declared() if self._rehearsed else None

    def _check_cloud(self, found: Declared) -> None:
        asked = self._connection.emulator or ""
        if found.clouds and all(self._address(name) == self._address(asked) for name in found.clouds):
            return
        others = ", ".join(str(_called(name)) for name in sorted(found.clouds)) or Text.NO_CLOUD()
        other = Text.STATE_OF_CLOUD(state=self.shown, found=others, asked=_called(asked))
        raise CliError(other, Text.GIVE_STATE_THERE())

    def _address(self, name: str) -> str:
        """Where an emulator listens, or its folder if it doesn't run; empty for Alibaba Cloud."""
        if not name:
            return ""
        full = name if is_url(name) else str((self._root / name).resolve())
        try:
            return locate(full).url
        except CloudError:
            return full


def _called(emulator: str) -> Message:
    return Text.THE_EMULATOR(name=printable(emulator, 150)) if emulator else Text.THE_CLOUD()


def _standard_input() -> str:
    """What `pulumi` wrote there, which is UTF-8 whatever this machine's encoding is."""
    buffer = getattr(sys.stdin, "buffer", None)
    try:
        return sys.stdin.read() if buffer is None else buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise CliError(Text.STATE_NOT_READ(file="-", why=Text.NOT_TEXT()), Text.GIVE_EXPORT()) from None


def _project(root: Path) -> str:
    name = project_file(root / PROJECT_FILE).project_name
    if not name:
        raise CliError(Text.NO_PROJECT_NAME(file=root / PROJECT_FILE), Text.CORRECT_IT())
    return name
