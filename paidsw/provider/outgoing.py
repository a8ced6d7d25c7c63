"""Where every text leaves the provider: what it quotes shows no secret of the call, and no control character."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from google.protobuf import struct_pb2

from paidsw.core.messages import Message, UserError
from paidsw.core.properties import OUTPUT, SECRET, SIGNATURE, UNKNOWN_STRING
from paidsw.core.redaction import MASK, Secrets, is_secret_number
from paidsw.core.text import printable

# The names that lead to a value, those of a list's entries being "".
_Path = tuple[str, ...]


def outgoing(text: Message | UserError | str) -> str:
    """A text for the engine.

    Of a message only the values are looked at, so that its own words stay; of any other text all of it.
    """
    return text.render(show=_shown) if isinstance(text, Message | UserError) else _plain(text)


def learn(secrets: Secrets, request: Any, hidden: Collection[str] = ()) -> None:
    """Add the secrets in a request of the engine: what is marked so, and what stands under a name in `hidden`.

    What is a secret among the new inputs is one among the old ones and in the state, too. What the request says in
    clear elsewhere is none.
    """
    found = [leaf for struct in _structs(request) for leaf in _leaves(struct, ())]
    marked = {path for path, _, is_marked in found if is_marked}
    secret: list[object] = []
    clear: list[object] = []
    for path, value, _ in found:
        above = (path[:length] for length in range(1, len(path) + 1))
        is_secret = not set(hidden).isdisjoint(path) or any(one in marked for one in above)
        (secret if is_secret else clear).append(value)
    secrets.add(secret, clear)


class _Hidden:
    """A number that isn't shown, whatever form it was to have."""

    def __format__(self, form: str) -> str:
        return MASK


def _shown(value: object) -> object:
    if isinstance(value, int | float | Decimal):
        is_secret = not isinstance(value, bool) and is_secret_number(value)
        return _Hidden() if is_secret else value
    return value if isinstance(value, datetime) else _plain(value)


def _plain(value: object) -> str:
    return printable(value, sys.maxsize)


def _structs(request: Any) -> Iterator[struct_pb2.Struct]:
    for field, value in request.ListFields():
        if field.message_type is not None and isinstance(value, struct_pb2.Struct):
            yield value


def _leaves(struct: struct_pb2.Struct, path: _Path) -> Iterator[tuple[_Path, object, bool]]:
    """Each value and name within, with the names that lead to it, and whether it is marked as a secret."""
    members = dict(struct.fields.items())
    signature = members[SIGNATURE].string_value if SIGNATURE in members else ""
    if signature in (SECRET, OUTPUT):
        yield path, None, signature == SECRET or ("secret" in members and members["secret"].bool_value)
        if "value" in members:
            yield from _leaves_of(members["value"], path)
        return
    for name, value in members.items():
        yield (*path, name), {name: None}, False
        yield from _leaves_of(value, (*path, name))


def _leaves_of(value: struct_pb2.Value, path: _Path) -> Iterator[tuple[_Path, object, bool]]:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        yield from _leaves(value.struct_value, path)
    elif kind == "list_value":
        for item in value.list_value.values:
            yield from _leaves_of(item, (*path, ""))
    elif kind == "string_value" and value.string_value != UNKNOWN_STRING:
        yield path, value.string_value, False
    elif kind == "number_value":
        yield path, value.number_value, False
