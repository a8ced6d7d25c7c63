"""One region of PAI AIWorkSpace 2021-02-04: the workspaces that instances live in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paidsw.cloud.errors import Uncertain
from paidsw.cloud.messages import Text
from paidsw.cloud.pages import every_page, items
from paidsw.cloud.sdk import SdkClient

if TYPE_CHECKING:
    from paidsw.cloud.models import Image


class WorkspaceClient(SdkClient):
    """The workspace calls. They raise `paidsw.cloud.errors.CloudError` and nothing else, and never retry."""

    module = "alibabacloud_aiworkspace20210204"
    product = "aiworkspace"

    async def create_workspace(self, request: dict[str, Any]) -> str:
        """CreateWorkspace with the API's own names; the new id."""
        body = await self.call("CreateWorkspace", request)
        workspace_id = str(body.get("WorkspaceId") or "")
        if not workspace_id:
            raise Uncertain("CreateWorkspace", Text.NO_WORKSPACE_ID())
        return workspace_id

    async def get_workspace(self, workspace_id: str) -> dict[str, Any]:
        """GetWorkspace; NotFound when there is none."""
        return await self.call("GetWorkspace", {}, workspace_id)

    async def list_workspaces(self) -> list[dict[str, Any]]:
        """ListWorkspaces, all pages: the workspaces of the region that this user may see."""
        return await every_page(self.call, "ListWorkspaces", "Workspaces", {})

    async def find_workspaces(self, name: str) -> list[dict[str, Any]]:
        """The workspaces of exactly this name: the API's own filter is fuzzy."""
        found = await every_page(self.call, "ListWorkspaces", "Workspaces", {"WorkspaceName": name})
        return [item for item in found if item.get("WorkspaceName") == name]

    async def update_workspace(self, workspace_id: str, changes: dict[str, Any]) -> None:
        """UpdateWorkspace."""
        await self.call("UpdateWorkspace", changes, workspace_id)

    async def list_products(self, codes: str) -> list[dict[str, Any]]:
        """ListProducts by their codes, comma-separated: items as in the API, IsPurchased is of this region."""
        body = await self.call("ListProducts", {"ProductCodes": codes})
        return items("ListProducts", body, "Products")

    async def list_images(self) -> list[Image]:
        """ListImages, all pages: the images that this user saved, oldest first."""
        # Loads pydantic, which the rehearsal's alicloud plugin doesn't need.
        from paidsw.cloud.models import Image, read

        listed = await every_page(self.call, "ListImages", "Images", {"Accessibility": "PRIVATE"})
        found = [read("ListImages", item, Image) for item in listed]
        # The filter is documented for custom images only, so official ones may come along.
        return sorted((one for one in found if one.private), key=lambda one: one.gmt_create_time)

    async def get_image(self, image_id: str) -> dict[str, Any]:
        """GetImage; NotFound when there is none."""
        return await self.call("GetImage", {}, image_id)

    async def official_images(self, uri: str = "") -> list[Image]:
        """ListImages, all pages: the images that PAI itself offers in the region, all or those with this address."""
        from paidsw.cloud.models import Image, read

        query = {"Labels": "system.official=true"} | ({"ImageUri": uri} if uri else {})
        listed = await every_page(self.call, "ListImages", "Images", query)
        return [read("ListImages", item, Image) for item in listed]

    async def delete_workspace(self, workspace_id: str) -> None:
        """DeleteWorkspace."""
        await self.call("DeleteWorkspace", {}, workspace_id)
