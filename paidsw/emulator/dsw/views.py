"""An instance in the wire form of GetInstance and ListInstances."""

from __future__ import annotations

from ..catalogue import SPECS
from ..clock import iso
from ..cloud import Cloud
from ..lifecycle import idle
from ..models import Instance, Json, Millis, Snapshot

GIB = 1024**3
# Kept settings that both answers show under their own names.
_PLAIN = (
    "Affinity",
    "CredentialConfig",
    "Driver",
    "DynamicMount",
    "EnvironmentVariables",
    "ImageAuth",
    "ImageId",
    "ImageName",
    "ImageUrl",
    "RequestedResource",
    "UserVpc",
    "WorkspaceSource",
)


def full(cloud: Cloud, instance: Instance, now: Millis) -> Json:
    """All members of GetInstance that the instance has a value for."""
    view = item(cloud, instance, now)
    view.pop("OversoldType")
    for disk in view["CloudDisks"]:
        size = instance.disk_gib * GIB
        used = min(12 * GIB, size)
        disk["Status"] = {"Available": size - used, "Capacity": size, "Usage": used}
    spec = instance.spec
    view |= {
        "AccessRestrictionRules": spec.get("AccessRestrictionRules", {}),
        "DockerConfig": spec.get("DockerConfig", {"Enable": False}),
        "MigrationOptions": {},
        "NodeErrorRecovery": {
            "autoSwitchCountdownSeconds": 0,
            "enableAutoSwitchOnNodeError": False,
            "hasNodeError": False,
        },
        "PodIps": _pod_ips(instance),
        "ProxyPath": f"/{instance.id}",
    }
    return view


def item(cloud: Cloud, instance: Instance, now: Millis) -> Json:
    """An element of ListInstances."""
    spec = instance.spec
    shape = SPECS.get(instance.ecs_spec)
    workspace = cloud.state.workspaces.get(instance.workspace_id)
    view: Json = {key: spec[key] for key in _PLAIN if key in spec}
    view |= {
        "AcceleratorType": shape.accelerator if shape else "CPU",
        "Accessibility": instance.accessibility,
        "AccumulatedRunningTimeInMs": _ran(instance, now),
        "CloudDisks": [
            {"Capacity": f"{instance.disk_gib}Gi", "MountPath": "/", "Path": "/", "SubType": "rootfs"}
        ],
        "Datasets": spec.get("Datasets", []),
        "EcsSpec": instance.ecs_spec,
        "GmtCreateTime": iso(instance.created),
        "GmtModifiedTime": iso(instance.modified),
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "InstanceSnapshotList": [snapshot_brief(snapshot) for snapshot in instance.snapshots],
        "Labels": [{"Key": key, "Value": value} for key, value in instance.labels.items()],
        "OversoldType": spec.get("OversoldType", "ForbiddenQuotaOverSold"),
        "PaymentType": instance.payment_type,
        "Priority": spec.get("Priority", 1),
        "ReasonCode": instance.reason_code,
        "ReasonMessage": instance.reason_message,
        "ResourceId": spec.get("ResourceId", ""),
        "ResourceName": spec.get("ResourceId", ""),
        "ServiceConfig": _service_config(instance),
        "Status": instance.status,
        "Tags": [{"TagKey": key, "TagValue": value} for key, value in instance.tags.items()],
        "UserId": instance.user_id,
        "UserName": "rehearsal",
        "WorkspaceId": instance.workspace_id,
        "WorkspaceName": workspace.name if workspace else "",
    }
    return view | _urls(instance) | _guards(instance, now) | _latest(instance)


def _ran(instance: Instance, now: Millis) -> Millis:
    since = instance.running_since
    return instance.ran_ms + (now - since if since is not None else 0)


def _urls(instance: Instance) -> Json:
    """Addresses, only while Running. They carry the token that lets in whoever has it."""
    if instance.status != "Running":
        return {"InstanceUrl": "", "JupyterlabUrl": "", "WebIDEUrl": "", "TerminalUrl": ""}
    base = f"https://dsw-gateway-{instance.region}.data.aliyun.com/{instance.id}"
    token = f"?token={instance.token}"
    return {
        "InstanceUrl": f"{base}/{token}",
        "JupyterlabUrl": f"{base}/lab/{token}",
        "WebIDEUrl": f"{base}/ide/{token}",
        "TerminalUrl": f"{base}/tty/{token}",
    }


def _service_config(instance: Instance) -> Json:
    password = instance.token[:12]
    return {
        "CodeServerAuth": "password",
        "CodeServerPassword": password,
        "JupyterServerAuth": "password",
        "JupyterServerPassword": password,
    }


def _pod_ips(instance: Instance) -> list[Json]:
    if instance.status != "Running":
        return []
    last = int(instance.id[-2:], 16)
    return [{"InterfaceName": "eth0", "Ip": f"10.0.0.{last % 250 + 2}", "Type": "PRIVATE"}]


def _guards(instance: Instance, now: Millis) -> Json:
    result: Json = {}
    if instance.culler:
        result["IdleInstanceCuller"] = culler(instance, now)
    if instance.timer:
        result["InstanceShutdownTimer"] = timer(instance, now)
    return result


def culler(instance: Instance, now: Millis) -> Json:
    """The idle culler; IdleTimeInMinutes counts since the load went below the thresholds."""
    found = instance.culler
    if found is None:
        return {}
    since = instance.idle_since if idle(instance) else None
    view: Json = {
        "IdleTimeInMinutes": (now - since) // 60_000 if since is not None else 0,
        "InstanceId": instance.id,
        "MaxIdleTimeInMinutes": found.max_idle_minutes,
    }
    if found.cpu is not None:
        view["CpuPercentThreshold"] = found.cpu
    if found.gpu is not None:
        view["GpuPercentThreshold"] = found.gpu
    return view


def timer(instance: Instance, now: Millis) -> Json:
    """The shutdown timer."""
    found = instance.timer
    if found is None:
        return {}
    return {
        "DueTime": iso(found.due),
        "GmtCreateTime": iso(found.created),
        "GmtModifiedTime": iso(found.modified),
        "InstanceId": instance.id,
        "RemainingTimeInMs": max(0, found.due - now),
    }


def _latest(instance: Instance) -> Json:
    if not instance.snapshots:
        return {}
    return {"LatestSnapshot": snapshot_brief(instance.snapshots[-1])}


def snapshot_brief(snapshot: Snapshot) -> Json:
    """A snapshot as it stands in an instance."""
    return {
        "GmtCreateTime": iso(snapshot.created),
        "GmtModifiedTime": iso(snapshot.modified),
        "ImageId": snapshot.image_id,
        "ImageName": snapshot.name,
        "ImageUrl": snapshot.image_url,
        "ReasonCode": snapshot.reason_code,
        "ReasonMessage": snapshot.reason_message,
        "RepositoryUrl": snapshot.image_url.rpartition(":")[0],
        "Status": snapshot.status,
    }
