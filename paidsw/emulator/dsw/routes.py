"""The operations of PAI-DSW: method, path, handler and envelope of the answer."""

from __future__ import annotations

from functools import partial

from ..routing import BARE, NO_HTTP, Operation, Service
from .handlers import account, describe, guards, history, instances, snapshots

SERVICE = Service("dsw", "pai-dsw", "2022-01-01", "paidsw")
operation = partial(Operation, SERVICE)
INSTANCES = "/api/v2/instances"
INSTANCE = INSTANCES + "/{InstanceId}"
TIMER = INSTANCE + "/shutdowntimer"
CULLER = INSTANCE + "/idleinstanceculler"
SNAPSHOTS = INSTANCE + "/snapshots"
SNAPSHOT = SNAPSHOTS + "/{SnapshotId}"

OPERATIONS = (
    operation(
        "CreateInstance",
        "POST",
        INSTANCES,
        instances.create_instance,
        ram_actions=("paidsw:CreateInstance", "paidsw:CreatePostPaidInstance"),
    ),
    operation("GetInstance", "GET", INSTANCE, describe.get_instance),
    operation("ListInstances", "GET", INSTANCES, describe.list_instances),
    operation(
        "UpdateInstance",
        "PUT",
        INSTANCE,
        instances.update_instance,
        ram_actions=("paidsw:UpdatePostPaidInstance",),
    ),
    operation("StartInstance", "PUT", INSTANCE + "/start", instances.start_instance),
    operation("StopInstance", "PUT", INSTANCE + "/stop", instances.stop_instance),
    operation(
        "DeleteInstance",
        "DELETE",
        INSTANCE,
        instances.delete_instance,
        ram_actions=("paidsw:DeleteInstance", "paidsw:DeletePostPaidInstance"),
    ),
    operation("UpdateInstanceLabels", "PUT", INSTANCE + "/labels", instances.update_labels, BARE),
    operation("DeleteInstanceLabels", "DELETE", INSTANCE + "/labels", instances.delete_labels, BARE),
    operation("CreateInstanceShutdownTimer", "POST", TIMER, guards.create_timer),
    operation("GetInstanceShutdownTimer", "GET", TIMER, guards.get_timer),
    operation("DeleteInstanceShutdownTimer", "DELETE", TIMER, guards.delete_timer),
    operation("CreateIdleInstanceCuller", "POST", CULLER, guards.create_culler, NO_HTTP),
    operation("GetIdleInstanceCuller", "GET", CULLER, guards.get_culler, NO_HTTP),
    operation("DeleteIdleInstanceCuller", "DELETE", CULLER, guards.delete_culler, NO_HTTP),
    operation("CreateInstanceSnapshot", "POST", SNAPSHOTS, snapshots.create_snapshot),
    operation("GetInstanceSnapshot", "GET", SNAPSHOT, snapshots.get_snapshot),
    operation("ListInstanceSnapshot", "GET", SNAPSHOTS, snapshots.list_snapshots),
    operation("DeleteInstanceSnapshot", "DELETE", SNAPSHOT, snapshots.delete_snapshot),
    operation("GetInstanceEvents", "GET", INSTANCE + "/events", history.get_events),
    operation("GetLifecycle", "GET", INSTANCE + "/lifecycle", history.get_lifecycle, NO_HTTP),
    operation("ListEcsSpecs", "GET", "/api/v2/ecsspecs", account.list_specs),
    operation("GetUserConfig", "GET", "/api/v2/userconfig", account.get_user_config),
)
