"""The neighbours of DSW that bill in their own name, and the service that says what the account is billed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from dsw.errors import Uncertain
from dsw.sdk import SdkClient

PAGE_SIZE = 100
_MOST_PAGES = 1000


class Caller(Protocol):
    """Makes one call, as `SdkClient.call` does."""

    def __call__(self, operation: str, request: dict[str, Any], *path: str) -> Awaitable[dict[str, Any]]:
        """The answer's body."""
        ...


class EasClient(SdkClient):
    """One region of PAI-EAS 2021-07-01. The SDK's own rule for its host is wrong in most regions."""

    module = "alibabacloud_eas20210701"
    product = "pai-eas"


class DlcClient(SdkClient):
    """One region of PAI-DLC 2020-12-03."""

    module = "alibabacloud_pai_dlc20201203"
    product = "pai-dlc"


class BillingClient(SdkClient):
    """BssOpenApi 2017-12-14. Bills are hours late, so they tell what was and not what runs."""

    module = "alibabacloud_bssopenapi20171214"
    product = "business"
    host = "business.aliyuncs.com"


async def every_page(
    call: Caller, operation: str, member: str, request: dict[str, Any]
) -> list[dict[str, Any]]:
    """All items of a list operation that counts its pages from 1; what is past the first page comes at once.

    Raises Uncertain for an answer without a list, and for fewer items than it says there are.
    """

    async def page(number: int) -> dict[str, Any]:
        return await call(operation, {"PageNumber": number, "PageSize": PAGE_SIZE, **request})

    first = await page(1)
    items, told = _items(operation, first, member), first.get("TotalCount")
    if not items and told is None and first.get(member) is None:
        raise _unreadable(operation)
    total = len(items) if told is None and len(items) < PAGE_SIZE else _total(operation, told)
    if items and total > len(items):
        pages = range(2, -(-total // len(items)) + 1)
        if len(pages) > _MOST_PAGES:
            raise _unreadable(operation)
        for body in await asyncio.gather(*(page(number) for number in pages)):
            items += _items(operation, body, member)
    if len(items) < total:
        raise Uncertain(operation, "the list is shorter than it says", code="IncompleteList")
    return items


def _items(operation: str, body: dict[str, Any], member: str) -> list[dict[str, Any]]:
    found = body.get(member) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise _unreadable(operation)
    return list(found)


def _total(operation: str, told: object) -> int:
    try:
        return int(str(told))
    except ValueError:
        raise _unreadable(operation) from None


def _unreadable(operation: str) -> Uncertain:
    return Uncertain(operation, "the cloud's answer can't be read", code="UnreadableAnswer")


async def every_pack(call: Caller) -> list[dict[str, Any]]:
    """QueryResourcePackageInstances, all pages: items as in the API, amounts as texts."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        data = (await call("QueryResourcePackageInstances", {"PageNum": page, "PageSize": PAGE_SIZE})).get(
            "Data"
        ) or {}
        items = _items("QueryResourcePackageInstances", data.get("Instances") or {}, "Instance")
        found += items
        if not items or len(found) >= int(data.get("TotalCount") or 0):
            return found
        page += 1
