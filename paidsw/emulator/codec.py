"""Dataclasses to JSON text and back, checked against their annotations."""

from __future__ import annotations

import dataclasses
import json
import types
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def encode(value: Any) -> str:
    """JSON text of a dataclass, members in the order of the class."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else vars(value)


def decode(cls: type[T], value: Any) -> T:
    """The dataclass that parsed JSON describes; ValueError where it doesn't fit."""
    result: T = _decode(cls, value, cls.__name__)
    return result


def _decode(kind: Any, value: Any, where: str) -> Any:
    if kind is Any:
        return value
    origin = get_origin(kind)
    if origin is types.UnionType:
        return None if value is None else _decode(get_args(kind)[0], value, where)
    if origin is list:
        return [_decode(get_args(kind)[0], item, where) for item in _expect(value, list, where)]
    if origin is dict:
        item_kind = get_args(kind)[1]
        return {key: _decode(item_kind, v, where) for key, v in _expect(value, dict, where).items()}
    if dataclasses.is_dataclass(kind):
        return _decode_object(kind, _expect(value, dict, where), where)
    if kind is Decimal and isinstance(value, str):
        return Decimal(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _expect(value, kind, where)


def _decode_object(cls: Any, value: dict[str, Any], where: str) -> Any:
    hints = _hints(cls)
    unknown = value.keys() - hints.keys()
    if unknown:
        raise ValueError(f"{where} has no member {sorted(unknown)[0]!r}")
    try:
        return cls(**{key: _decode(hints[key], v, f"{where}.{key}") for key, v in value.items()})
    except TypeError as error:
        raise ValueError(f"{where} is incomplete") from error


def _expect(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{where} must be {kind.__name__}, not {type(value).__name__}")
    return value
