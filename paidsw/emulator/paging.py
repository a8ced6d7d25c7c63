"""Order and pages of the list operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .errors import invalid
from .wire import Fields

T = TypeVar("T")
MAX_PAGE = 100


def ordered(query: Fields, items: list[T], keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """Sort by SortBy and Order, which only go together."""
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
