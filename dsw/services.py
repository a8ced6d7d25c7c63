"""The neighbours of DSW that bill in their own name, and what the account is billed."""

from __future__ import annotations

import asyncio
from typing import Any

from dsw.sdk import SdkClient

PAGE_SIZE = 100


class EasClient(SdkClient):
    """One region of PAI-EAS 2021-07-01. The SDK's own rule for its host is wrong in most regions."""

    module = "alibabacloud_eas20210701"
    product = "pai-eas"

    async def list_services(self) -> list[dict[str, Any]]:
        """ListServices, all pages: items as in the API."""
        return await every_page(self, "ListServices", "Services")

    async def list_resources(self) -> list[dict[str, Any]]:
        """ListResources, all pages: dedicated resource groups, as in the API."""
        return await every_page(self, "ListResources", "Resources")


class DlcClient(SdkClient):
    """One region of PAI-DLC 2020-12-03."""

    module = "alibabacloud_pai_dlc20201203"
    product = "pai-dlc"

    async def list_jobs(self) -> list[dict[str, Any]]:
        """ListJobs of all workspaces and users, all pages: items as in the API, ended jobs too."""
        return await every_page(self, "ListJobs", "Jobs", FromAllWorkspaces=True, ShowOwn=False)


class BillingClient(SdkClient):
    """BssOpenApi 2017-12-14. Bills are hours late, so they tell what was and not what runs."""

    module = "alibabacloud_bssopenapi20171214"
    product = "business"
    host = "business.aliyuncs.com"

    async def balance(self) -> dict[str, Any]:
        """QueryAccountBalance: AvailableAmount and Currency among others, amounts as texts."""
        return dict((await self.call("QueryAccountBalance", {})).get("Data") or {})

    async def bill(self, month: str) -> list[dict[str, Any]]:
        """QueryBillOverview of a month like ``2026-01``: one item per product and kind of bill."""
        data = (await self.call("QueryBillOverview", {"BillingCycle": month})).get("Data") or {}
        return list((data.get("Items") or {}).get("Item") or [])

    async def packs(self) -> list[dict[str, Any]]:
        """QueryResourcePackageInstances, all pages: items as in the API."""
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            query = {"PageNum": page, "PageSize": PAGE_SIZE}
            data = (await self.call("QueryResourcePackageInstances", query)).get("Data") or {}
            items = (data.get("Instances") or {}).get("Instance") or []
            found += items
            if not items or len(found) >= int(data.get("TotalCount") or 0):
                return found
            page += 1


async def every_page(client: SdkClient, operation: str, member: str, **query: Any) -> list[dict[str, Any]]:
    """All items of a list operation that counts its pages from 1; what is past the first page comes at once."""

    async def page(number: int) -> dict[str, Any]:
        return await client.call(operation, {"PageNumber": number, "PageSize": PAGE_SIZE, **query})

    first = await page(1)
    items = list(first.get(member) or [])
    total = int(first.get("TotalCount") or 0)
    if items and total > len(items):
        pages = range(2, -(-total // len(items)) + 1)
        for body in await asyncio.gather(*(page(number) for number in pages)):
            items += body.get(member) or []
    return items
