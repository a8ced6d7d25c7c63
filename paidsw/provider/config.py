"""Configuration of the provider: `paidsw:emulator` and `paidsw:caBundle`. Credentials are never part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsw.cloud import Connection
from paidsw.core.messages import Message
from paidsw.core.problems import Problem, nearest
from paidsw.core.provider_settings import OF_ENGINE
from paidsw.provider.errors import ProviderError
from paidsw.provider.messages import Text

EMULATOR = "emulator"
CA_BUNDLE = "caBundle"
KEYS = (EMULATOR, CA_BUNDLE)
_NAMED = " and ".join(f"paidsw:{key}" for key in KEYS)


def failures(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a configuration."""
    found = [Problem(key, _unknown(key)) for key in values if key not in (*KEYS, *OF_ENGINE)]
    emulator = values.get(EMULATOR)
    if emulator is not None and not isinstance(emulator, str):
        found.append(Problem(EMULATOR, Text.EMULATOR_NO_TEXT(key=EMULATOR)))
    elif isinstance(emulator, str):
        try:
            Connection(emulator)
        except ValueError as error:
            found.append(Problem(EMULATOR, Text.VERBATIM(sentence=error)))
    bundle = values.get(CA_BUNDLE)
    if bundle is not None and not isinstance(bundle, str):
        found.append(Problem(CA_BUNDLE, Text.CA_BUNDLE_NO_TEXT(key=CA_BUNDLE)))
    return found


def _unknown(key: str) -> Message:
    meant = nearest(key, KEYS)
    if meant is None:
        return Text.NOT_A_KEY(key=key, named=_NAMED)
    return Text.MISSPELT_KEY(key=key, meant=meant)


def connection(values: Mapping[str, Any]) -> Connection:
    """The cloud that a valid configuration names."""
    return Connection(values.get(EMULATOR) or None, values.get(CA_BUNDLE) or "")


def refuse_other_cloud(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Refuse a configuration that means another cloud: a stack's resources stay in theirs.

    The engine would replace every resource without asking for a diff. Raises ProviderError.
    """
    # A rehearsal's emulator was named by its URL once, and by its folder now.
    if bool(old.get(EMULATOR)) == bool(new.get(EMULATOR)):
        return
    key = f"paidsw:{EMULATOR}"
    if old.get(EMULATOR):
        raise ProviderError(Text.STACK_IN_EMULATOR(key=key), Text.SET_EMULATOR(key=key, value=old[EMULATOR]))
    raise ProviderError(Text.STACK_IN_CLOUD(key=key), Text.REMOVE_EMULATOR(key=key))
