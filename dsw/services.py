"""The neighbours of DSW that bill in their own name, and the service that says what the account is billed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from dsw.sdk import SdkClient

PAGE_SIZE = 100


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
    """All items of a list operation that counts its pages from 1; what is past the first page comes at once."""

    async def page(number: int) -> dict[str, Any]:
        return await call(operation, {"PageNumber": number, "PageSize": PAGE_SIZE, **request})

    first = await page(1)
    items = list(first.get(member) or [])
    total = int(first.get("TotalCount") or 0)
    if items and total > len(items):
        pages = range(2, -(-total // len(items)) + 1)
        for body in await asyncio.gather(*(page(number) for number in pages)):
            items += body.get(member) or []
    return items


async def every_pack(call: Caller) -> list[dict[str, Any]]:
    """QueryResourcePackageInstances, all pages: items as in the API, amounts as texts."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        data = (await call("QueryResourcePackageInstances", {"PageNum": page, "PageSize": PAGE_SIZE})).get(
            "Data"
        ) or {}
        items = (data.get("Instances") or {}).get("Instance") or []
        found += items
        if not items or len(found) >= int(data.get("TotalCount") or 0):
            return found
        page += 1
