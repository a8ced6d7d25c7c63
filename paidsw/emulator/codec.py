"""Dataclasses to JSON text and back, checked against their annotations."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

T = TypeVar("T")


# Making one takes a while.
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def encode(value: object) -> str:
    """JSON text of a dataclass or a list of them, members in the order of the class."""
    return to_json(value).decode()


def decode(cls: type[T], text: str | bytes) -> T:
    """The value that JSON text describes; ValueError, in one sentence, where it doesn't fit."""
    adapter = _ADAPTERS.get(cls) or _ADAPTERS.setdefault(cls, TypeAdapter(cls))
    try:
        # Strict: true isn't 1, and a text isn't a number.
        value: T = adapter.validate_json(text, strict=True)
    except ValidationError as error:
        raise ValueError(_sentence(error)) from error
    return value


def _sentence(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False)[0]
    if cause := first.get("ctx", {}).get("error"):
        return str(cause)
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {first['msg']}" if where else str(first["msg"])
