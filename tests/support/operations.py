"""Every call that the clients make, with arguments that are good enough to send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from paidsw.cloud.client import DswClient
from paidsw.cloud.history import Lifecycle
from paidsw.cloud.models import Culler, Instance, Snapshot
from paidsw.cloud.workspaces import WorkspaceClient

Work = Callable[[Any], Awaitable[Any]]
ID, IMAGE = "dsw-1", "r.example/pai/x:1"

# Each reading call: its work, and what it gives when all is well.
READS: dict[str, tuple[Work, type]] = {
    "GetInstance": (lambda c: c.get_instance(ID), Instance),
    "ListInstances": (lambda c: c.all_instances(), list),
    "GetLifecycle": (lambda c: c.whole_lifecycle(ID), Lifecycle),
    "GetInstanceEvents": (lambda c: c.get_events(ID), list),
    "GetInstanceSnapshot": (lambda c: c.get_snapshot(ID, "s-1"), Snapshot),
    "ListInstanceSnapshot": (lambda c: c.list_snapshots(ID), list),
    "ListEcsSpecs": (lambda c: c.list_ecs_specs("GPU"), list),
    "GetUserConfig": (lambda c: c.get_user_config(), dict),
    "ListProducts": (lambda c: c.list_products(), list),
}
# Each changing call: its work, method, path, and what is sent in query or body.
WRITES: dict[str, tuple[Work, str, str, dict[str, Any]]] = {
    "CreateInstance": (
        lambda c: c.create_instance({"InstanceName": "a", "CloudDisks": []}),
        "POST",
        "/api/v2/instances",
        {"InstanceName": "a"},
    ),
    "UpdateInstance": (
        lambda c: c.update_instance(ID, {"InstanceName": "b"}),
        "PUT",
        f"/api/v2/instances/{ID}",
        {"InstanceName": "b"},
    ),
    "StartInstance": (lambda c: c.start_instance(ID), "PUT", f"/api/v2/instances/{ID}/start", {}),
    "StopInstance": (lambda c: c.stop_instance(ID), "PUT", f"/api/v2/instances/{ID}/stop", {}),
    "DeleteInstance": (lambda c: c.delete_instance(ID), "DELETE", f"/api/v2/instances/{ID}", {}),
    "CreateIdleInstanceCuller": (
        lambda c: c.create_culler(ID, Culler(max_idle_time_in_minutes=30, cpu_percent_threshold=5)),
        "POST",
        f"/api/v2/instances/{ID}/idleinstanceculler",
        {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5},
    ),
    "DeleteIdleInstanceCuller": (
        lambda c: c.delete_culler(ID),
        "DELETE",
        f"/api/v2/instances/{ID}/idleinstanceculler",
        {},
    ),
    "CreateInstanceShutdownTimer": (
        lambda c: c.create_timer(ID, 1.5),
        "POST",
        f"/api/v2/instances/{ID}/shutdowntimer",
        {"RemainingTimeInMs": 1500},
    ),
    "DeleteInstanceShutdownTimer": (
        lambda c: c.delete_timer(ID),
        "DELETE",
        f"/api/v2/instances/{ID}/shutdowntimer",
        {},
    ),
    "UpdateInstanceLabels": (
        lambda c: c.put_labels(ID, {"a": "1", "b": ""}),
        "PUT",
        f"/api/v2/instances/{ID}/labels",
        {"Labels": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]},
    ),
    "DeleteInstanceLabels": (
        lambda c: c.delete_labels(ID, ["a", "b"]),
        "DELETE",
        f"/api/v2/instances/{ID}/labels",
        {"LabelKeys": "a,b"},
    ),
    "CreateInstanceSnapshot": (
        lambda c: c.create_snapshot(ID, "s", IMAGE),
        "POST",
        f"/api/v2/instances/{ID}/snapshots",
        {"SnapshotName": "s", "ImageUrl": IMAGE},
    ),
}
# The same of the workspaces' client.
SPACE_READS: dict[str, tuple[Work, type]] = {
    "GetWorkspace": (lambda c: c.get_workspace("1"), dict),
    "ListWorkspaces": (lambda c: c.find_workspaces("w"), list),
    "ListImages": (lambda c: c.list_images(), list),
    "ListProducts": (lambda c: c.list_products("PAI_share"), list),
}
SPACE_WRITES: dict[str, tuple[Work, str, str, dict[str, Any]]] = {
    "CreateWorkspace": (
        lambda c: c.create_workspace({"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]}),
        "POST",
        "/api/v1/workspaces",
        {"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]},
    ),
    "UpdateWorkspace": (
        lambda c: c.update_workspace("1", {"Description": "e"}),
        "PUT",
        "/api/v1/workspaces/1",
        {"Description": "e"},
    ),
    "DeleteWorkspace": (lambda c: c.delete_workspace("1"), "DELETE", "/api/v1/workspaces/1", {}),
}
CLIENTS: dict[str, type[DswClient] | type[WorkspaceClient]] = {
    **dict.fromkeys([*SPACE_READS, *SPACE_WRITES], WorkspaceClient),
    **dict.fromkeys([*READS, *WRITES], DswClient),
}
EVERY: dict[str, Work] = {
    name: entry[0] for table in (SPACE_READS, SPACE_WRITES, READS, WRITES) for name, entry in table.items()
}
