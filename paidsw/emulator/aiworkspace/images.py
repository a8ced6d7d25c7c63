"""Images: the official ones of the region, and those made by snapshots."""

from __future__ import annotations

from ..catalogue import official_images
from ..clock import iso
from ..errors import ApiError
from ..models import Json
from ..paging import page
from ..routing import BARE, Call, operation

_OFFICIAL_SINCE = "2025-06-01T00:00:00Z"


@operation("aiworkspace", "GET", "/api/v1/images", "ListImages", BARE)
def list_images(call: Call) -> Json:
    """Images that match all filters; labels are shown with Verbose only."""
    found = [image for image in _all(call) if _matches(call, image)]
    shown = page(call.query, found, default=20)
    return {"Images": [_shown(call, image) for image in shown], "TotalCount": len(found)}


@operation("aiworkspace", "GET", "/api/v1/images/{ImageId}", "GetImage", BARE)
def get_image(call: Call) -> Json:
    """One image. The answer doesn't repeat the id."""
    for image in _all(call):
        if image["ImageId"] == call.params["ImageId"]:
            return {key: value for key, value in _shown(call, image).items() if key != "ImageId"}
    raise ApiError(404, "100400018", f"Image not exists: {call.params['ImageId']}")


def _shown(call: Call, image: Json) -> Json:
    if call.query.flag("Verbose"):
        return image
    return {key: value for key, value in image.items() if key != "Labels"}


def _matches(call: Call, image: Json) -> bool:
    query = call.query
    labels = {label["Key"]: label["Value"] for label in image["Labels"]}
    wanted = dict(part.partition("=")[::2] for part in query.text("Labels").split(",") if part)
    name = query.text("Name")
    exact = "ExactMatchName" in query.text("Options")
    return (
        wanted.items() <= labels.items()
        and (name == image["Name"] if exact else name in image["Name"])
        and query.text("ImageUri") in ("", image["ImageUri"])
        and query.text("Accessibility") in ("", image["Accessibility"])
        and (not image["WorkspaceId"] or query.text("WorkspaceId") in ("", image["WorkspaceId"]))
        and query.text("Query") in image["Name"]
    )


def _all(call: Call) -> list[Json]:
    official = [
        _image(
            i.id, i.name, i.uri, "PUBLIC", _OFFICIAL_SINCE, [{"Key": key, "Value": v} for key, v in i.labels]
        )
        for i in official_images(call.region)
    ]
    own = [
        _image(i.id, i.name, i.uri, "PRIVATE", iso(i.created), []) | {"WorkspaceId": i.workspace_id}
        for i in call.cloud.state.images.values()
        if i.region == call.region
    ]
    return official + own


def _image(image_id: str, name: str, uri: str, accessibility: str, created: str, labels: list[Json]) -> Json:
    return {
        "Accessibility": accessibility,
        "Description": "",
        "GmtCreateTime": created,
        "GmtModifiedTime": created,
        "ImageId": image_id,
        "ImageUri": uri,
        "Labels": labels,
        "Name": name,
        "Size": 21,
        "SourceType": "",
        "WorkspaceId": "",
    }
