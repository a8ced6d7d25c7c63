"""Workspaces, images and products. A workspace's answers have no Code: some clients take one for an error."""

from __future__ import annotations

import re

from ..catalogue import official_images
from ..clock import iso
from ..errors import ApiError
from ..request import Call, Json, ordered, page
from ..state import Attempt
from .models import Workspace, default_workspace, new_id

PRODUCTS = ("PAI_share", "DataWorks_share", "MaxCompute_share", "OSS_share")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,22}")
_ENV_TYPES = (["prod"], ["dev", "prod"])
_OFFICIAL_SINCE = "2025-06-01T00:00:00Z"


def _refuse(code: str, message: str) -> ApiError:
    return ApiError(400, code, message)


def create_workspace(call: Call) -> Json:
    """Create; it is INITIALIZING for a few seconds."""
    name = _name(call)
    env_types = call.body.texts("EnvTypes")
    if sorted(env_types) not in _ENV_TYPES:
        raise _refuse("InvalidParameter", "EnvTypes must be [prod] or [dev, prod]")
    workspace = Workspace(
        id=new_id(),
        region=call.region,
        name=name,
        description=_description(call),
        env_types=env_types,
        display_name=call.body.text("DisplayName", name),
        resource_group_id=call.body.text("ResourceGroupId"),
        creator=call.user_id,
        created=call.now,
        modified=call.now,
        ready_at=call.now + call.account.state.settings.duration("INITIALIZING"),
    )
    call.account.state.workspaces[workspace.id] = workspace
    return {"WorkspaceId": workspace.id}


def _name(call: Call) -> str:
    name = call.body.text("WorkspaceName")
    if not _NAME.fullmatch(name):
        raise _refuse(
            "InvalidParameter",
            "WorkspaceName must be 3 to 23 letters, digits and underscores and begin with a letter",
        )
    # The same answer whether a workspace lives under the name or nobody can see what has it.
    if call.account.state.has_workspace_name(call.region, name, call.now):
        raise _refuse("100400009", "Workspace exist error")
    return name


def _description(call: Call) -> str:
    text = call.body.text("Description")
    if not 1 <= len(text) <= 80:
        raise _refuse("InvalidParameter", "Description is mandatory and at most 80 characters long")
    return text


def get_workspace(call: Call) -> Json:
    """One workspace."""
    if call.account.state.settings.any_reference:
        workspace_id = call.params["WorkspaceId"]
        if workspace_id not in call.account.state.workspaces:
            return _view(_assumed(call, workspace_id), verbose=call.query.flag("Verbose"))
    workspace = call.account.see_workspace(call.params["WorkspaceId"], call.region)
    return _view(workspace, verbose=call.query.flag("Verbose"))


def _assumed(call: Call, workspace_id: str) -> Workspace:
    found = Workspace(
        id=workspace_id,
        region=call.region,
        name="assumed",
        description="assumed to exist",
        env_types=["prod"],
        display_name="assumed",
        resource_group_id="",
        creator=call.user_id,
        created=call.now,
        modified=call.now,
        ready_at=call.now,
    )
    found.settle(call.now)
    return found


def list_workspaces(call: Call) -> Json:
    """Workspaces of the region; WorkspaceName matches a part."""
    part, status = call.query.text("WorkspaceName"), call.query.text("Status")
    ids = [item for item in call.query.text("WorkspaceIds").split(",") if item]
    found = [
        w
        for w in call.account.see_workspaces(call.region)
        if part in w.name and status in ("", w.status) and (not ids or w.id in ids)
    ]
    found = ordered(
        call.query, found, {"GmtCreateTime": lambda w: w.created, "WorkspaceName": lambda w: w.name}
    )
    verbose = call.query.flag("Verbose")
    return {
        "ResourceLimits": {},
        "TotalCount": len(found),
        "Workspaces": [_list_item(w, verbose=verbose) for w in page(call.query, found, default=20)],
    }


def _of_region(call: Call) -> list[Workspace]:
    return [w for w in call.account.state.workspaces.values() if w.region == call.region]


def update_workspace(call: Call) -> Json:
    """Change description and display name."""
    workspace = call.account.workspace(call.params["WorkspaceId"], call.region)
    if "Description" in call.body:
        workspace.description = _description(call)
    workspace.display_name = call.body.text("DisplayName", workspace.display_name)
    workspace.modified = call.now
    return {}


def delete_workspace(call: Call) -> Json:
    """Delete an empty workspace, whose name stays taken. That others are refused no source says."""
    workspace = call.account.workspace(call.params["WorkspaceId"], call.region)
    inside = [i.id for i in call.account.state.instances.values() if i.workspace_id == workspace.id]
    if inside:
        raise _refuse(
            "100400033", f"Workspace {workspace.id} still holds instances: {', '.join(sorted(inside))}"
        )
    del call.account.state.workspaces[workspace.id]
    call.account.state.keep_workspace_name(call.region, workspace.name, call.now)
    return {}


def get_default_workspace(call: Call) -> Json:
    """The region's default workspace."""
    found = default_workspace(_of_region(call), call.region)
    if found is None:
        raise ApiError(404, "100400027", f"There is no default workspace in {call.region}")
    return _view(found, verbose=call.query.flag("Verbose")) | {"Conditions": []}


def _list_item(workspace: Workspace, *, verbose: bool) -> Json:
    view = _view(workspace, verbose=verbose)
    view["resourceGroupId"] = view.pop("ResourceGroupId")
    return view


def _view(workspace: Workspace, *, verbose: bool) -> Json:
    view: Json = {
        "AdminNames": [workspace.creator],
        "Creator": workspace.creator,
        "Description": workspace.description,
        "DisplayName": workspace.display_name,
        "EnvTypes": workspace.env_types,
        "ExtraInfos": {"TenantId": "1"},
        "GmtCreateTime": iso(workspace.created),
        "GmtModifiedTime": iso(workspace.modified),
        "IsDefault": workspace.is_default,
        "ResourceGroupId": workspace.resource_group_id,
        "Status": workspace.status,
        "WorkspaceId": workspace.id,
        "WorkspaceName": workspace.name,
    }
    if verbose:
        view["Owner"] = {
            "DisplayName": "rehearsal",
            "UserId": workspace.creator,
            "UserKp": workspace.creator,
            "UserName": "rehearsal",
        }
    return view


# --- images ---


def list_images(call: Call) -> Json:
    """Images that match all filters; labels are shown with Verbose only."""
    found = [image for image in [*_all(call), *_named(call)] if _matches(call, image)]
    shown = page(call.query, found, default=20)
    return {"Images": [_shown(call, image) for image in shown], "TotalCount": len(found)}


def _named(call: Call) -> list[Json]:
    """The image that the call itself names, where any is taken for one that exists."""
    uri, image_id = call.query.text("ImageUri"), call.params.get("ImageId", "")
    known = any(uri == image["ImageUri"] or image_id == image["ImageId"] for image in _all(call))
    if known or not (uri or image_id) or not call.account.state.settings.any_reference:
        return []
    labels = [{"Key": "system.official", "Value": "true"}]
    return [_image(image_id or "image-assumed", "assumed", uri, "PUBLIC", _OFFICIAL_SINCE, labels)]


def get_image(call: Call) -> Json:
    """One image. The answer doesn't repeat the id."""
    for image in [*_all(call), *_named(call)]:
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
        for i in call.account.state.images.values()
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


# --- products ---


def list_products(call: Call) -> Json:
    """Products by their codes; only PAI's own can be switched on here."""
    codes = [code for code in call.query.text("ProductCodes").split(",") if code] or list(PRODUCTS)
    activated = call.account.state.settings.activated
    return {
        "Products": [
            {
                "HasPermissionToPurchase": True,
                "IsPurchased": activated and code == "PAI_share",
                "ProductCode": code,
                "ProductId": code.lower(),
                "PurchaseUrl": "",
            }
            for code in codes
            if code in PRODUCTS
        ],
        "Services": [],
    }


def record_order(call: Call) -> None:
    """Note that someone tried to place an order."""
    products = ", ".join(item.text("ProductCode") for item in call.body.objects("Products"))
    call.account.state.attempts.append(Attempt(call.now, call.operation, call.region, products))


def create_orders(call: Call) -> Json:
    """Refuse, and remember it: an order is money."""
    record_order(call)
    call.account.commit()
    raise ApiError(403, "NoPermission", "The emulator places no orders: this attempt is on the bill's list")
