"""Between Pulumi's wire form of properties and plain values: unknown sentinels and secret wrappers.

Independent of the policy SDK, so that tests and the pack read the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paidsw.core.values import UNKNOWN, SecretValue

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (the wire's marker of a secret, no secret)
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


def decode(value: object) -> object:
    """A value of the wire as a plain one, with `UNKNOWN` and `SecretValue` in their places."""
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWNS else value
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            inner = decode(value.get("value"))
            return inner if inner is UNKNOWN else SecretValue(inner)
        return {key: decode(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [decode(item) for item in value]
    return value


def encode(value: object) -> object:
    """A plain value in the wire's form, the inverse of `decode` (every unknown becomes that of a string)."""
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, SecretValue):
        return {SIGNATURE: SECRET, "value": encode(value.value)}
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [encode(item) for item in value]
    return value
