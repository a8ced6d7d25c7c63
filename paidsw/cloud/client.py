"""One region of PAI-DSW. Every method is one API call of the same name, and never blocks the event loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from paidsw.cloud.connection import Connection
from paidsw.cloud.errors import CloudError, Uncertain
from paidsw.cloud.history import Lifecycle, Session, newest_last, ordered, whole
from paidsw.cloud.messages import Text
from paidsw.cloud.models import Culler, Event, Image, Instance, Phase, Snapshot, read
from paidsw.cloud.pages import PAGE_SIZE, every_page, items, unreadable
from paidsw.cloud.sdk import SdkClient
from paidsw.cloud.search import every_instance
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.core.times import written

# The API's own default.
MOST_EVENTS = 2000


@dataclass(frozen=True, slots=True)
class Listing:
    """Instances of a region; `refused` says why those of some workspaces may not have been seen."""

    instances: list[Instance]
    refused: CloudError | None = None


class DswClient(SdkClient):
    """The calls that the product makes to PAI-DSW 2022-01-01 in one region.

    They raise `paidsw.cloud.errors.CloudError` and nothing else. None of them retries: only the caller knows whether
    a call may be repeated.
    """

    module = "alibabacloud_pai_dsw20220101"
    product = "pai-dsw"

    def __init__(self, connection: Connection, region: str) -> None:
        super().__init__(connection, region)
        self._workspaces = WorkspaceClient(connection, region)

    async def create_instance(self, request: dict[str, Any]) -> str:
        """CreateInstance: creates and starts an instance; returns its id. `request` has the API's own names."""
        body = await self.call("CreateInstance", request)
        instance_id = str(body.get("InstanceId") or "")
        if not instance_id:
            raise Uncertain("CreateInstance", Text.NO_INSTANCE_ID())
        return instance_id

    async def get_instance(self, instance_id: str) -> Instance:
        """GetInstance; NotFound when there is none."""
        return read("GetInstance", await self.call("GetInstance", {}, instance_id), Instance)

    async def all_instances(self, workspace_id: str = "") -> list[Instance]:
        """Every instance of the region that this account may see; a known workspace is also listed by itself."""
        return (await self.listing(workspace_id)).instances

    async def listing(self, workspace_id: str = "") -> Listing:
        """Like `all_instances`, and whether all workspaces were seen."""
        found = await every_instance(self.call, self._all_workspaces, workspace_id)
        return Listing([read("ListInstances", item, Instance) for item in found.items], found.refused)

    async def get_lifecycle(self, instance_id: str, until: datetime | None = None) -> tuple[Session, ...]:
        """GetLifecycle: the newest sessions, or the newest ones until an instant, oldest first; perhaps not all."""
        query = {"Order": "DESC"} | ({"EndTime": written(until)} if until else {})
        body = await self.call("GetLifecycle", query, instance_id)
        sessions = body.get("Lifecycle") or []
        if not isinstance(sessions, list) or not all(isinstance(session, list) for session in sessions):
            raise unreadable("GetLifecycle", "Lifecycle")
        return ordered([read("GetLifecycle", item, Phase) for item in session] for session in sessions)

    async def whole_lifecycle(self, instance_id: str) -> Lifecycle:
        """The whole lifecycle, by as many GetLifecycle calls as it takes."""
        return await whole(partial(self.get_lifecycle, instance_id))

    async def get_events(self, instance_id: str, level: str = "") -> list[Event]:
        """GetInstanceEvents, newest last, at most MOST_EVENTS; `level` as the cloud spells it, empty for all levels."""
        query = {"MaxEventsNum": MOST_EVENTS} | ({"EventLevel": level} if level else {})
        lines = (await self.call("GetInstanceEvents", query, instance_id)).get("Events") or []
        if not isinstance(lines, list):
            raise unreadable("GetInstanceEvents", "Events")
        return newest_last([Event.read(str(line)) for line in lines])

    async def update_instance(self, instance_id: str, changes: dict[str, Any]) -> None:
        """UpdateInstance with the API's own names."""
        await self.call("UpdateInstance", changes, instance_id)

    async def start_instance(self, instance_id: str) -> None:
        """StartInstance."""
        await self.call("StartInstance", {}, instance_id)

    async def stop_instance(self, instance_id: str) -> None:
        """StopInstance, without saving an image."""
        await self.call("StopInstance", {}, instance_id)

    async def delete_instance(self, instance_id: str) -> None:
        """DeleteInstance. That it is gone must be confirmed by a read."""
        await self.call("DeleteInstance", {}, instance_id)

    async def create_culler(self, instance_id: str, culler: Culler) -> None:
        """CreateIdleInstanceCuller; an instance has at most one."""
        await self.call("CreateIdleInstanceCuller", culler.model_dump(by_alias=True), instance_id)

    async def delete_culler(self, instance_id: str) -> None:
        """DeleteIdleInstanceCuller."""
        await self.call("DeleteIdleInstanceCuller", {}, instance_id)

    async def create_timer(self, instance_id: str, seconds: float) -> None:
        """CreateInstanceShutdownTimer, by a duration and not by a time of day, so that no clock of ours counts."""
        request = {"RemainingTimeInMs": int(seconds * 1000)}
        await self.call("CreateInstanceShutdownTimer", request, instance_id)

    async def delete_timer(self, instance_id: str) -> None:
        """DeleteInstanceShutdownTimer."""
        await self.call("DeleteInstanceShutdownTimer", {}, instance_id)

    async def put_labels(self, instance_id: str, labels: dict[str, str]) -> None:
        """UpdateInstanceLabels: adds or overwrites."""
        items = [{"Key": key, "Value": value} for key, value in labels.items()]
        await self.call("UpdateInstanceLabels", {"Labels": items}, instance_id)

    async def delete_labels(self, instance_id: str, keys: list[str]) -> None:
        """DeleteInstanceLabels."""
        await self.call("DeleteInstanceLabels", {"LabelKeys": ",".join(keys)}, instance_id)

    async def create_snapshot(self, instance_id: str, name: str, image_url: str) -> str:
        """CreateInstanceSnapshot: starts saving the environment as the image `image_url`; returns the snapshot's id."""
        request = {"SnapshotName": name, "ImageUrl": image_url}
        body = await self.call("CreateInstanceSnapshot", request, instance_id)
        snapshot_id = str(body.get("SnapshotId") or "")
        if not snapshot_id:
            raise Uncertain("CreateInstanceSnapshot", Text.NO_SNAPSHOT_ID())
        return snapshot_id

    async def get_snapshot(self, instance_id: str, snapshot_id: str) -> Snapshot:
        """GetInstanceSnapshot; NotFound when there is none."""
        body = await self.call("GetInstanceSnapshot", {}, instance_id, snapshot_id)
        return read("GetInstanceSnapshot", body, Snapshot)

    async def list_snapshots(self, instance_id: str) -> list[Snapshot]:
        """ListInstanceSnapshot: the newest hundred of an instance, newest first."""
        query = {"Order": "DESC", "SortBy": "GmtCreateTime", "PageNumber": 1, "PageSize": PAGE_SIZE}
        body = await self.call("ListInstanceSnapshot", query, instance_id)
        found = items("ListInstanceSnapshot", body, "Snapshots")
        return [read("ListInstanceSnapshot", item, Snapshot) for item in found]

    async def list_ecs_specs(self, accelerator: str) -> list[dict[str, Any]]:
        """ListEcsSpecs for ``CPU`` or ``GPU``: items as in the API, with IsAvailable and Price per hour."""
        return await every_page(self.call, "ListEcsSpecs", "EcsSpecs", {"AcceleratorType": accelerator})

    async def get_user_config(self) -> dict[str, Any]:
        """GetUserConfig: the account's trial state, as in the API."""
        return await self.call("GetUserConfig", {})

    async def list_products(self) -> list[dict[str, Any]]:
        """ListProducts of AIWorkSpace in the same region: whether PAI is activated there."""
        return await self._workspace_client().list_products("PAI_share")

    async def get_workspace(self, workspace_id: str) -> dict[str, Any]:
        """GetWorkspace of AIWorkSpace; NotFound when there is none in the region."""
        return await self._workspace_client().get_workspace(workspace_id)

    async def get_image(self, image_id: str) -> dict[str, Any]:
        """GetImage of AIWorkSpace; NotFound when there is none in the region."""
        return await self._workspace_client().get_image(image_id)

    async def official_images(self, uri: str = "") -> list[Image]:
        """ListImages of AIWorkSpace: the region's images of PAI itself, all or those with this address."""
        return await self._workspace_client().official_images(uri)

    async def find_workspaces(self, name: str) -> dict[str, str]:
        """ListWorkspaces of AIWorkSpace in the same region: ids and descriptions of those of exactly this name."""
        found = await self._workspace_client().find_workspaces(name)
        return {str(item.get("WorkspaceId") or ""): str(item.get("Description") or "") for item in found}

    async def delete_workspace(self, workspace_id: str) -> None:
        """DeleteWorkspace of AIWorkSpace in the same region."""
        await self._workspace_client().delete_workspace(workspace_id)

    async def _all_workspaces(self) -> list[dict[str, Any]]:
        return await self._workspace_client().list_workspaces()

    def _workspace_client(self) -> WorkspaceClient:
        return self._workspaces if self._cancelled is None else self._workspaces.until(self._cancelled)
