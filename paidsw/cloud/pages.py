"""Parts of an answer that is a list, or part of one: what they are documented to be, or an error."""

from __future__ import annotations

from typing import Any

from paidsw.cloud.errors import Uncertain


def items(operation: str, body: dict[str, Any], member: str) -> list[dict[str, Any]]:
    """A list of objects out of an answer, empty where it is missing; Uncertain when it is anything else."""
    found = body.get(member) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise unreadable(operation, member)
    return list(found)


def inner(operation: str, body: dict[str, Any], member: str) -> dict[str, Any]:
    """An object out of an answer, empty where it is missing; Uncertain when it is anything else."""
    found = body.get(member) or {}
    if not isinstance(found, dict):
        raise unreadable(operation, member)
    return found


def total(operation: str, told: object) -> int:
    """A TotalCount, which some services send as text; Uncertain when it is no count."""
    text = str(told)
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise unreadable(operation, "TotalCount")
    return int(text)


def unreadable(operation: str, member: str) -> Uncertain:
    """For an answer with something else in its place."""
    return Uncertain(operation, f"the cloud's answer has no readable {member}", code="UnreadableAnswer")
