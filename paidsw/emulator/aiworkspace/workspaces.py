"""Workspaces. Their answers carry no Code, Success or Message: some clients take these for an error."""

from __future__ import annotations

import re
import secrets

from ..clock import iso
from ..cloud import Cloud
from ..errors import ApiError
from ..lifecycle import duration
from ..models import Json, Workspace
from ..paging import ordered, page
from ..routing import BARE, OWNER, Call, operation

PATH = "/api/v1/workspaces"
ONE = PATH + "/{WorkspaceId}"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,22}")
_ENV_TYPES = (["prod"], ["dev", "prod"])


def _refuse(code: str, message: str) -> ApiError:
    return ApiError(400, code, message)


@operation("aiworkspace", "POST", PATH, "CreateWorkspace", BARE)
def create_workspace(call: Call) -> Json:
    """Create; it is INITIALIZING for a few seconds."""
    name = _name(call)
    env_types = call.body.texts("EnvTypes")
    if sorted(env_types) not in _ENV_TYPES:
        raise _refuse("InvalidParameter", "EnvTypes must be [prod] or [dev, prod]")
    workspace = Workspace(
        id=_new_id(),
        region=call.region,
        name=name,
        description=_description(call),
        env_types=env_types,
        display_name=call.body.text("DisplayName", name),
        resource_group_id=call.body.text("ResourceGroupId"),
        creator=call.user_id,
        created=call.now,
        modified=call.now,
        ready_at=call.now + duration(call.cloud.state, "INITIALIZING"),
    )
    call.cloud.state.workspaces[workspace.id] = workspace
    return {"WorkspaceId": workspace.id}


def _new_id() -> str:
    return str(100_000 + secrets.randbelow(900_000_000))


def make_default(cloud: Cloud, region: str) -> Workspace:
    """The region's default workspace, made when there is none yet."""
    for workspace in cloud.state.workspaces.values():
        if workspace.region == region and workspace.is_default:
            return workspace
    now = cloud.now()
    made = Workspace(
        id=_new_id(),
        region=region,
        name=f"default_{region.replace('-', '_')}"[:23],
        description="default workspace",
        env_types=["prod"],
        display_name="default",
        resource_group_id="",
        creator=OWNER,
        created=now,
        modified=now,
        status="ENABLED",
        is_default=True,
    )
    cloud.state.workspaces[made.id] = made
    return made


def _name(call: Call) -> str:
    name = call.body.text("WorkspaceName")
    if not _NAME.fullmatch(name):
        raise _refuse(
            "InvalidParameter",
            "WorkspaceName must be 3 to 23 letters, digits and underscores and begin with a letter",
        )
    if any(w.region == call.region and w.name == name for w in call.cloud.state.workspaces.values()):
        raise _refuse("100400009", f"Workspace name already exists: {name}")
    return name


def _description(call: Call) -> str:
    text = call.body.text("Description")
    if not 1 <= len(text) <= 80:
        raise _refuse("InvalidParameter", "Description is mandatory and at most 80 characters long")
    return text


@operation("aiworkspace", "GET", ONE, "GetWorkspace", BARE)
def get_workspace(call: Call) -> Json:
    """One workspace."""
    workspace = call.cloud.see_workspace(call.params["WorkspaceId"], call.region)
    return _view(workspace, verbose=call.query.flag("Verbose"))


@operation("aiworkspace", "GET", PATH, "ListWorkspaces", BARE)
def list_workspaces(call: Call) -> Json:
    """Workspaces of the region; WorkspaceName matches a part."""
    part, status = call.query.text("WorkspaceName"), call.query.text("Status")
    ids = [item for item in call.query.text("WorkspaceIds").split(",") if item]
    found = [
        w
        for w in (call.cloud.workspace(w.id, call.region) for w in _of_region(call))
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
    return [w for w in call.cloud.state.workspaces.values() if w.region == call.region]


@operation("aiworkspace", "PUT", ONE, "UpdateWorkspace", BARE)
def update_workspace(call: Call) -> Json:
    """Change description and display name."""
    workspace = call.cloud.workspace(call.params["WorkspaceId"], call.region)
    if "Description" in call.body:
        workspace.description = _description(call)
    workspace.display_name = call.body.text("DisplayName", workspace.display_name)
    workspace.modified = call.now
    return {}


@operation("aiworkspace", "DELETE", ONE, "DeleteWorkspace", BARE)
def delete_workspace(call: Call) -> Json:
    """Delete an empty workspace. That one with instances is refused is an assumption: no source says it."""
    workspace = call.cloud.workspace(call.params["WorkspaceId"], call.region)
    inside = [i.id for i in call.cloud.state.instances.values() if i.workspace_id == workspace.id]
    if inside:
        raise _refuse(
            "100400033", f"Workspace {workspace.id} still holds instances: {', '.join(sorted(inside))}"
        )
    del call.cloud.state.workspaces[workspace.id]
    return {}


@operation("aiworkspace", "GET", "/api/v1/defaultWorkspaces", "GetDefaultWorkspace", BARE)
def get_default_workspace(call: Call) -> Json:
    """The region's default workspace."""
    for workspace in _of_region(call):
        if workspace.is_default:
            return _view(workspace, verbose=call.query.flag("Verbose")) | {"Conditions": []}
    raise ApiError(404, "100400027", f"There is no default workspace in {call.region}")


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
