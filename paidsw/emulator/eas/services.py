"""Services and dedicated resource groups of EAS."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import iso
from ..errors import ApiError
from ..models import Json, Other
from ..others import of_kind
from ..paging import page
from ..routing import BARE, Call, operation

SERVICE = "eas-service"
RESOURCE = "eas-resource"


@operation("eas", "GET", "/api/v2/services", "ListServices", BARE)
def list_services(call: Call) -> Json:
    """The services of the region, the newest first."""
    status, workspace = call.query.text("ServiceStatus"), call.query.text("WorkspaceId")
    found = [
        item
        for item in of_kind(call, SERVICE)
        if status in ("", item.status) and workspace in ("", item.wire.get("WorkspaceId"))
    ]
    return _paged(call, "Services", found, _service)


@operation("eas", "GET", "/api/v2/resources", "ListResources", BARE)
def list_resources(call: Call) -> Json:
    """The dedicated resource groups of the region, the newest first."""
    return _paged(call, "Resources", of_kind(call, RESOURCE), _resource)


@operation("eas", "DELETE", "/api/v2/services/{ClusterId}/{ServiceName}", "DeleteService", BARE)
def delete_service(call: Call) -> Json:
    """Delete one service by its name."""
    name = call.params["ServiceName"]
    for item in of_kind(call, SERVICE):
        if item.name == name and call.params["ClusterId"] == call.region:
            del call.cloud.state.others[item.id]
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
