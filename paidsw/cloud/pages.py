"""Lists of the API: all their pages, checked against their documented form."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from paidsw.cloud.errors import Reason, Uncertain
from paidsw.cloud.messages import Text
from paidsw.core.numbers import whole

PAGE_SIZE = 100
# Nobody has that many; an answer that claims more, or a list that never ends, is not believed.
MOST_PAGES = 1000


class Caller(Protocol):
    """Makes one call, as `SdkClient.call` does."""

    def __call__(self, operation: str, request: dict[str, Any], *path: str) -> Awaitable[dict[str, Any]]:
        """The answer's body."""
        ...


async def every_page(
    call: Caller, operation: str, member: str, request: dict[str, Any]
) -> list[dict[str, Any]]:
    """All items of a list operation whose pages count from 1; the pages after the first are fetched concurrently.

    Raises Uncertain for an answer without a list, and for fewer items than it claims.
    """

    async def page(number: int) -> dict[str, Any]:
        return await call(operation, {"PageNumber": number, "PageSize": PAGE_SIZE, **request})

    first = await page(1)
    found, told = items(operation, first, member), first.get("TotalCount")
    if not found and told is None and first.get(member) is None:
        raise unreadable(operation, member)
    count = len(found) if told is None and len(found) < PAGE_SIZE else total(operation, told)
    if found and count > len(found):
        pages = range(2, -(-count // len(found)) + 1)
        if len(pages) >= MOST_PAGES:
            raise unreadable(operation, "TotalCount")
        for body in await asyncio.gather(*(page(number) for number in pages)):
            found += items(operation, body, member)
    if len(found) < count:
        raise Uncertain(operation, Text.SHORT_LIST(), code=Reason.INCOMPLETE_LIST)
    return found


async def every_pack(call: Caller) -> list[dict[str, Any]]:
    """QueryResourcePackageInstances, all pages: items as in the API, amounts as texts."""
    operation = "QueryResourcePackageInstances"
    found: list[dict[str, Any]] = []
    for page in range(1, MOST_PAGES + 1):
        data = inner(operation, await call(operation, {"PageNum": page, "PageSize": PAGE_SIZE}), "Data")
        packs = items(operation, inner(operation, data, "Instances"), "Instance")
        found += packs
        if not packs or len(found) >= total(operation, data.get("TotalCount") or 0):
            return found
    raise unreadable(operation, "TotalCount")


def items(operation: str, body: dict[str, Any], member: str) -> list[dict[str, Any]]:
    """A list of objects in an answer, empty where it is missing; Uncertain when it is anything else."""
    found = body.get(member) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise unreadable(operation, member)
    return list(found)


def inner(operation: str, body: dict[str, Any], member: str) -> dict[str, Any]:
    """An object in an answer, empty where it is missing; Uncertain when it is anything else."""
    found = body.get(member) or {}
    if not isinstance(found, dict):
        raise unreadable(operation, member)
    return found


def total(operation: str, told: object) -> int:
    """A TotalCount, which some services send as text; Uncertain when it isn't a count."""
    count = whole(told)
    if count is None:
        raise unreadable(operation, "TotalCount")
    return count


def unreadable(operation: str, member: str) -> Uncertain:
    """The error for an answer that has something else in place of a member."""
    return Uncertain(operation, Text.UNREADABLE(member=member), code=Reason.UNREADABLE)
