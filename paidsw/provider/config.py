"""Configuration of the provider: `paidsw:emulator`, nothing else. Credentials are never configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Connection
from paidsw.core.validation import Problem
from paidsw.provider.messages import Text

EMULATOR = "emulator"
# Sent along by the engine and by SDKs.
_IGNORED = frozenset({"version", "pluginDownloadURL", "__internal"})


def failures(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a configuration."""
    found = [
        Problem(key, Text.NOT_A_KEY(key=key, only=EMULATOR))
        for key in values
        if key != EMULATOR and key not in _IGNORED
    ]
    emulator = values.get(EMULATOR)
    if emulator is not None and not isinstance(emulator, str):
        found.append(Problem(EMULATOR, Text.EMULATOR_NO_TEXT(key=EMULATOR)))
    elif isinstance(emulator, str):
        try:
            Connection(emulator)
        except ValueError as error:
            found.append(Problem(EMULATOR, Text.VERBATIM(sentence=error)))
    return found


def connection(values: Mapping[str, Any]) -> Connection:
    """The cloud that a valid configuration names."""
    return Connection(values.get(EMULATOR) or None)


def moves(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a changed configuration means another cloud, so that every instance would have to be replaced."""
    # Another port of an emulator is the same emulator.
    return bool(old.get(EMULATOR)) != bool(new.get(EMULATOR))
