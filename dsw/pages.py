"""Lists that come in pages: whole, or an error. A list cut short would pass for the truth."""

from __future__ import annotations

from typing import Any

from dsw.errors import Uncertain

PAGE_SIZE = 100
# Nobody has so many; a cloud that names more, or never ends, is not believed.
MOST_PAGES = 200


def items(operation: str, body: dict[str, Any], member: str) -> list[dict[str, Any]]:
    """A list of objects out of an answer, empty where it is missing; Uncertain when it is anything else."""
    found = body.get(member) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise unreadable(operation, member)
    return found


def inner(operation: str, body: dict[str, Any], member: str) -> dict[str, Any]:
    """An object out of an answer, empty where it is missing; Uncertain when it is anything else."""
    found = body.get(member) or {}
    if not isinstance(found, dict):
        raise unreadable(operation, member)
    return found


def total(operation: str, body: dict[str, Any]) -> int:
    """TotalCount, 0 where it is missing; Uncertain when it is no count, or beyond belief."""
    text = str(body.get("TotalCount") or 0)
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) > MOST_PAGES * PAGE_SIZE:
        raise unreadable(operation, "TotalCount")
    return int(text)


def unreadable(operation: str, member: str) -> Uncertain:
    """For an answer with something else in its place."""
    return Uncertain(operation, f"the cloud's answer has no readable {member}", code="UnreadableAnswer")


def endless(operation: str) -> Uncertain:
    """For a list that doesn't come to its end."""
    return Uncertain(operation, f"the cloud's list did not end within {MOST_PAGES} pages")
