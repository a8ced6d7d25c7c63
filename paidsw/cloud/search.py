"""The search for instances: ListInstances over all workspaces, or over as many as the caller may list.

Without WorkspaceId the API lists the caller's default workspace only, and without ResourceId pay-as-you-go instances
only; ALL means every one. Whether ALL is refused without the action paidsw:ListAllInstances is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from paidsw.cloud.errors import CloudError
from paidsw.cloud.pages import Caller, every_page

Items = list[dict[str, Any]]
OPERATION = "ListInstances"
ALL = "ALL"
# Whose default workspace: the caller's.
DEFAULT = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Instances as in the API, each once; `refused` says why some workspaces may not have been seen."""

    items: Items
    refused: CloudError | None = None


async def every_instance(
    call: Caller, list_workspaces: Callable[[], Awaitable[Items]], workspace_id: str = ""
) -> Found:
    """The instances of all workspaces, and of a known one by its own list as well, which may lag less.

    Where ALL is refused for lack of a permission: those of the default workspace, of the known one and of all that
    ListWorkspaces gives. Raises CloudError for everything else, and when not even one list may be seen.
    """
    known = [workspace_id] if workspace_id else []
    everything, *others = await _lists(call, [ALL, *known])
    if not isinstance(everything, CloudError):
        return Found(_each_once([everything, *_seen(others)]))
    own = [one for one in await _ids(list_workspaces) if one not in known]
    others += await _lists(call, [DEFAULT, *own])
    lists = _seen(others)
    if not lists:
        raise everything
    return Found(_each_once(lists), everything)


async def _lists(call: Caller, workspace_ids: Iterable[str]) -> list[Items | CloudError]:
    """The list of each workspace, or the permission that it lacks; raises every other error."""

    async def one(workspace_id: str) -> Items:
        request = {"ResourceId": ALL} | ({"WorkspaceId": workspace_id} if workspace_id else {})
        return await every_page(call, OPERATION, "Instances", request)

    results = await asyncio.gather(*(one(item) for item in workspace_ids), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not _lacks_permission(result):
            raise result
    return [result for result in results if isinstance(result, list | CloudError)]


async def _ids(list_workspaces: Callable[[], Awaitable[Items]]) -> list[str]:
    try:
        listed = await list_workspaces()
    except CloudError as error:
        if not error.lacks_permission:
            raise
        return []
    return [str(item["WorkspaceId"]) for item in listed if item.get("WorkspaceId")]


def _lacks_permission(error: BaseException) -> bool:
    return isinstance(error, CloudError) and error.lacks_permission


def _seen(lists: Iterable[Items | CloudError]) -> list[Items]:
    return [one for one in lists if not isinstance(one, CloudError)]


def _each_once(lists: Iterable[Items]) -> Items:
    """An instance created between two pages pushes another one onto the next page too."""
    found: dict[object, dict[str, Any]] = {}
    for item in (item for one in lists for item in one):
        # One without an id can't be told apart from others, and its reader refuses it.
        found[item.get("InstanceId") or id(item)] = item
    return list(found.values())
