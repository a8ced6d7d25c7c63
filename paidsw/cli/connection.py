"""The cloud that a command asks: Alibaba Cloud, or an emulator on this machine."""

from __future__ import annotations

from pathlib import Path

from paidsw.cli.errors import CliError, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.rehearsal import Rehearsal, asked
from paidsw.cloud import Connection
from paidsw.emulator import process


def connect(root: Path, emulator: bool, url: str | None) -> Connection:
    """The cloud that --emulator and --emulator-url choose. Raises CliError where no emulator runs."""
    if url is not None:
        try:
            return Connection(url)
        except ValueError:
            raise UsageError(Text.NOT_LOCAL(url=url), Text.LOCAL_ADDRESS()) from None
    if not emulator:
        return Connection(None)
    folder = Rehearsal(root).emulator.resolve()
    if asked(lambda: process.status(folder)) is None:
        raise CliError(Text.NO_EMULATOR(), Text.START_EMULATOR())
    return Connection(str(folder))
