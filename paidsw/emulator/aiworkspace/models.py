"""Workspaces, and the images made by snapshots."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from ..clock import Millis


@dataclass
class Workspace:
    """An AI workspace."""

    id: str
    region: str
    name: str
    description: str
    env_types: list[str]
    display_name: str
    resource_group_id: str
    creator: str
    created: Millis
    modified: Millis
    status: str = "INITIALIZING"
    ready_at: Millis | None = None
    is_default: bool = False

    def settle(self, now: Millis) -> None:
        """Become usable when its time has come."""
        if self.ready_at is not None and self.ready_at <= now:
            self.status, self.ready_at = "ENABLED", None


@dataclass
class TakenName:
    """A workspace's name that no list shows, and that nobody can use until `until`; None is for good.

    PAI keeps the name of a deleted workspace for two weeks, and shares its names with DataWorks. Source:
    aliyun/terraform-provider-alicloud, pull request 10658.
    """

    name: str
    region: str
    until: Millis | None = None


@dataclass
class Image:
    """A private image in the workspace's list, made by a snapshot."""

    id: str
    region: str
    workspace_id: str
    name: str
    uri: str
    created: Millis


def new_id() -> str:
    """The id of a workspace."""
    return str(100_000 + secrets.randbelow(900_000_000))


def default_workspace(workspaces: Iterable[Workspace], region: str) -> Workspace | None:
    """The default one of a region."""
    return next((one for one in workspaces if one.region == region and one.is_default), None)
