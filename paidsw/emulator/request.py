"""What a handler gets: the call with typed access to query and body; paging and sorting of lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from .account import OWNER, Account
from .clock import Millis, parse_iso
from .errors import ApiError, invalid
from .state import Other

T = TypeVar("T")
Json = dict[str, Any]
MAX_PAGE = 100
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NAMES: dict[type, str] = {str: "a string", list: "a list", dict: "an object"}


class Fields:
    """Members of a body or a query, read with their types; anything else is HTTP 400 that names the member."""

    def __init__(self, values: Json) -> None:
        # The services take null for a member that isn't there.
        self.values = {key: value for key, value in values.items() if value is not None}

    @classmethod
    def of_query(cls, text: str) -> Fields:
        """The parameters of a query, encoded as it came."""
        return cls(dict(parse_qsl(text, keep_blank_values=True)))

    @classmethod
    def of_body(cls, body: bytes) -> Fields:
        """The members of a JSON object; HTTP 400 when the body isn't one."""
        if not body:
            return cls({})
        try:
            value = json.loads(body, parse_constant=_refuse_constant)
            # Half a surrogate pair can be escaped in JSON, and can't be answered or stored.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "InvalidJSON", "the request body is not JSON") from error
        if not isinstance(value, dict):
            raise ApiError(400, "InvalidJSON", "the request body must be a JSON object")
        return cls(value)

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


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@dataclass
class Call:
    """A call in progress: what was asked, where, and when on the emulator's clock."""

    account: Account
    operation: str
    region: str
    now: Millis
    params: dict[str, str] = field(default_factory=dict)
    query: Fields = field(default_factory=lambda: Fields({}))
    body: Fields = field(default_factory=lambda: Fields({}))
    user_id: str = OWNER

    @property
    def target(self) -> str:
        """The id of the instance or workspace that the call is about, empty for none."""
        return self.params.get("InstanceId") or self.params.get("WorkspaceId", "")

    def others(self, kind: str) -> list[Other]:
        """Things of another product in the call's region, newest first."""
        found = [x for x in self.account.state.others.values() if (x.kind, x.region) == (kind, self.region)]
        return sorted(found, key=lambda item: item.created, reverse=True)


def ordered(query: Fields, items: list[T], keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """Sort by SortBy and Order; one without the other is refused."""
    if ("SortBy" in query) != ("Order" in query):
        raise invalid("SortBy and Order must be used together")
    if "SortBy" not in query:
        return items
    key = keys[query.choice("SortBy", tuple(keys), "")]
    descending = query.choice("Order", ("ASC", "DESC"), "") == "DESC"
    return sorted(items, key=key, reverse=descending)


def page(query: Fields, items: Sequence[T], *, default: int) -> Sequence[T]:
    """One page: PageNumber from 1, PageSize up to 100."""
    number = query.integer("PageNumber", 1) or 1
    size = query.integer("PageSize", default, high=MAX_PAGE) or default
    return items[(number - 1) * size : number * size]
