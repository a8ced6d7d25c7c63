"""Services and dedicated resource groups of EAS."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import iso
from ..errors import ApiError
from ..request import Call, Json, page
from ..state import Other

SERVICE = "eas-service"
RESOURCE = "eas-resource"


def list_services(call: Call) -> Json:
    """The services of the region, the newest first."""
    status, workspace = call.query.text("ServiceStatus"), call.query.text("WorkspaceId")
    found = [
        item
        for item in call.others(SERVICE)
        if status in ("", item.status) and workspace in ("", item.wire.get("WorkspaceId"))
    ]
    return _paged(call, "Services", found, _service)


def list_resources(call: Call) -> Json:
    """The dedicated resource groups of the region, the newest first."""
    return _paged(call, "Resources", call.others(RESOURCE), _resource)


def delete_service(call: Call) -> Json:
    """Delete one service by its name."""
    name = call.params["ServiceName"]
    for item in call.others(SERVICE):
        if item.name == name and call.params["ClusterId"] == call.region:
            del call.account.state.others[item.id]
            return {"Message": f"Service {name} is deleted"}
    raise ApiError(404, "InvalidService.NotFound", f"service {name} does not exist")


def _paged(call: Call, member: str, found: list[Other], view: Callable[[Other], Json]) -> Json:
    query = call.query
    return {
        member: [view(item) for item in page(query, found, default=100)],
        "PageNumber": query.integer("PageNumber", 1),
        "PageSize": query.integer("PageSize", 100),
        "TotalCount": len(found),
    }


def _service(item: Other) -> Json:
    running = int(item.status == "Running")
    return {
        "ServiceId": item.id,
        "ServiceName": item.name,
        "Status": item.status,
        "Region": item.region,
        "Resource": "public",
        "Cpu": 4,
        "Gpu": 0,
        "Memory": 16_000,
        "RunningInstance": running,
        "TotalInstance": 1,
        "CreateTime": iso(item.created),
        "WorkspaceId": "",
    } | item.wire


def _resource(item: Other) -> Json:
    return {
        "ClusterId": item.region,
        "ResourceId": item.id,
        "ResourceName": item.name,
        "ResourceType": "Dedicated",
        "Status": item.status,
        "InstanceCount": 1,
        "PostPaidInstanceCount": 1,
        "PrePaidInstanceCount": 0,
        "CreateTime": iso(item.created),
    } | item.wire
