"""A request as it came in, and typed reading of its query and body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .clock import parse_iso
from .errors import ApiError, invalid
from .models import Json, Millis


@dataclass(frozen=True)
class Request:
    """Method, target and headers (names in lower case) of one request."""

    method: str
    host: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, empty when there is none."""
        return self.headers.get(name, "")

    def query(self) -> Fields:
        """The query's parameters."""
        return Fields(dict(parse_qsl(self.raw_query, keep_blank_values=True)))

    def json(self) -> Fields:
        """The body's members; HTTP 400 when it is no JSON object."""
        if not self.body:
            return Fields({})
        try:
            value = json.loads(self.body, parse_constant=_no_number)
            # Half a surrogate pair can be escaped in JSON, and can't be answered or stored.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "InvalidJSON", "the request body is not JSON") from error
        if not isinstance(value, dict):
            raise ApiError(400, "InvalidJSON", "the request body must be a JSON object")
        return Fields(value)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class Fields:
    """Members of a body or a query, read with their types; anything else is HTTP 400 that names the member."""

    def __init__(self, values: Json) -> None:
        self.values = {key: value for key, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return str(self._typed(name, str, default))

    def required(self, name: str) -> str:
        """A text that must be there and not be empty."""
        value = self.text(name)
        if not value:
            raise invalid(f"{name} is mandatory for this action")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of a few texts."""
        value = self.text(name, default)
        if value not in allowed:
            raise invalid(f"{name} must be one of {', '.join(allowed)}")
        return value

    def integer(
        self, name: str, default: int | None = None, *, low: int = 1, high: int = 2**53
    ) -> int | None:
        """A whole number within bounds; a query carries it as text."""
        value = self.values.get(name, default)
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid(f"{name} must be an integer")
        if not low <= value <= high:
            raise invalid(f"{name} must be between {low} and {high}")
        return value

    def moment(self, name: str) -> Millis | None:
        """A time, in its zone; None when there is none."""
        text = self.text(name)
        try:
            return parse_iso(text) if text else None
        except ValueError as error:
            raise invalid(f"{name} must be a time such as 2021-01-12T14:36:01Z") from error

    def flag(self, name: str) -> bool:
        """A boolean; a query carries it as text."""
        value = self.values.get(name, False)
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise invalid(f"{name} must be a boolean")
        return value

    def objects(self, name: str) -> list[Fields]:
        """A list of objects."""
        items = self._typed(name, list, [])
        if not all(isinstance(item, dict) for item in items):
            raise invalid(f"{name} must be a list of objects")
        return [Fields(item) for item in items]

    def nested(self, name: str) -> Fields:
        """An object."""
        return Fields(self._typed(name, dict, {}))

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        items = self._typed(name, list, [])
        if not all(isinstance(item, str) for item in items):
            raise invalid(f"{name} must be a list of strings")
        return list(items)

    def text_map(self, name: str) -> dict[str, str]:
        """An object of texts; in a query it is JSON."""
        value = self.values.get(name, {})
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise invalid(f"{name} must be a JSON object") from error
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise invalid(f"{name} must map strings to strings")
        return value

    def pairs(self, name: str, key: str = "Key", value: str = "Value") -> dict[str, str]:
        """A list of key and value objects as a mapping."""
        return {item.required(key): item.text(value) for item in self.objects(name)}

    def json_pairs(self, name: str) -> dict[str, str]:
        """A query's JSON list of key and value objects as a mapping."""
        try:
            return Fields({name: json.loads(self.text(name))}).pairs(name)
        except (ValueError, RecursionError) as error:
            raise invalid(f"{name} must be a JSON list") from error

    def _typed(self, name: str, kind: type, default: Any) -> Any:
        value = self.values.get(name, default)
        if not isinstance(value, kind):
            raise invalid(f"{name} must be {_NAMES[kind]}")
        return value


_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NAMES: dict[type, str] = {str: "a string", list: "a list", dict: "an object"}
