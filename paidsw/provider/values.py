"""Property values between the Pulumi wire (protobuf) and plain Python.

The SDK's own conversion can't carry unknowns back, refuses integers and compares secretness (see
docs/decisions.md), so the provider works on plain values: None, bool, int or float, str, list, dict, and
UNKNOWN.
Secrecy is kept per top-level property, which is as fine as this provider needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2

from paidsw.core.properties import OUTPUT, SECRET, SIGNATURE, UNKNOWN_STRING
from paidsw.core.values import UNKNOWN


@dataclass(frozen=True)
class Properties:
    """Decoded properties: plain values, and the names of those that hold a secret anywhere inside."""

    values: dict[str, Any]
    secrets: frozenset[str] = field(default=frozenset())


NOTHING = Properties({})


def decode(message: struct_pb2.Struct) -> Properties:
    """Properties from the wire."""
    values: dict[str, Any] = {}
    secrets: set[str] = set()
    for name, value in message.fields.items():
        plain, is_secret = _decode(value)
        values[name] = plain
        if is_secret:
            secrets.add(name)
    return Properties(values, frozenset(secrets))


def encode(values: Mapping[str, Any], secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    """Properties for the wire; those named in `secrets` are marked so."""
    hidden = frozenset(secrets)
    return struct_pb2.Struct(
        fields={
            name: _secret(_encode(value)) if name in hidden else _encode(value)
            for name, value in values.items()
            if value is not None
        }
    )


def contains_unknown(value: Any) -> bool:
    """Whether a value is unknown or holds one."""
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def _decode(value: struct_pb2.Value) -> tuple[Any, bool]:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_struct(value.struct_value)
    if kind == "list_value":
        items = [_decode(item) for item in value.list_value.values]
        return [plain for plain, _ in items], any(is_secret for _, is_secret in items)
    if kind == "string_value":
        return (UNKNOWN if value.string_value == UNKNOWN_STRING else value.string_value), False
    if kind == "number_value":
        # The wire has floats only; 100.0 is 100 to everybody else.
        number = value.number_value
        return (int(number) if number.is_integer() else number), False
    if kind == "bool_value":
        return value.bool_value, False
    return None, False


def _decode_struct(struct: struct_pb2.Struct) -> tuple[Any, bool]:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature == SECRET:
        return _decode(struct.fields["value"])[0], True
    if signature == OUTPUT:
        # An output without a value isn't known yet.
        plain = _decode(struct.fields["value"])[0] if "value" in struct.fields else UNKNOWN
        return plain, "secret" in struct.fields and struct.fields["secret"].bool_value
    items = {name: _decode(item) for name, item in struct.fields.items()}
    return {name: plain for name, (plain, _) in items.items()}, any(s for _, s in items.values())


def _encode(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode_map(value))
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_encode(item) for item in value]))


def encode_map(value: Mapping[str, Any]) -> struct_pb2.Struct:
    """A nested map for the wire."""
    return struct_pb2.Struct(fields={key: _encode(item) for key, item in value.items()})


def _secret(value: struct_pb2.Value) -> struct_pb2.Value:
    fields = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": value}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
