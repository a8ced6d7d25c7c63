"""GetInstance and ListInstances, and the wire form of an instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...account import OWNER, Account
from ...aiworkspace.models import default_workspace
from ...catalogue import SPECS
from ...clock import Millis, iso
from ...errors import invalid, no_permission
from ...request import Call, Fields, Json, ordered, page
from ..models import Instance, Snapshot

GIB = 1024**3
MAX_LABELS = 4
LIST_ALL = "paidsw:ListAllInstances"
Test = Callable[[Instance], bool]
_SORT: dict[str, Callable[[Instance], int]] = {
    "Priority": lambda instance: instance.spec.Priority or 1,
    "GmtCreateTime": lambda instance: instance.created,
    "GmtModifiedTime": lambda instance: instance.modified,
}
_EQUAL: dict[str, Callable[[Instance], str]] = {
    "InstanceId": lambda x: x.id,
    "Status": lambda x: x.status,
    "PaymentType": lambda x: x.payment_type,
    "Accessibility": lambda x: x.accessibility,
    "CreateUserId": lambda x: x.user_id,
    "AcceleratorType": lambda x: SPECS[x.ecs_spec].accelerator if x.ecs_spec in SPECS else "CPU",
    "GpuType": lambda x: SPECS[x.ecs_spec].gpu_type if x.ecs_spec in SPECS else "",
}
# Settings that both answers show under their own names, as they came.
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


def get_instance(call: Call) -> Json:
    """One instance, whole."""
    return full(call.account, call.account.see_instance(call.params["InstanceId"], call.region), call.now)


def list_instances(call: Call) -> Json:
    """Instances of the region: without WorkspaceId of the default workspace only, without ResourceId pay-as-you-go
    ones only; ALL is everything. Without a default workspace the first of these is empty, which no source says.
    """
    tests = [_by_workspace(call), *_tests(call.query)]
    found = [x for x in call.account.see_instances(call.region) if all(test(x) for test in tests)]
    found.sort(key=lambda instance: instance.created, reverse=True)
    found = ordered(call.query, found, _SORT)
    return {
        "Instances": [item(call.account, x, call.now) for x in page(call.query, found, default=10)],
        "MigrationOptions": {},
        "TotalCount": len(found),
    }


def _tests(query: Fields) -> Iterator[Test]:
    yield _by_resource(query.text("ResourceId"))
    yield _by_labels(query)
    yield _by_tags(query)
    yield from _by_time(query)
    for name, read in _EQUAL.items():
        if (wanted := query.text(name)) not in ("", "ALL"):
            yield _equal(read, wanted)
    # A part of a name is enough, and the letters' case counts.
    part, image = query.text("InstanceName"), query.text("ImageName")
    yield lambda x: part in x.name and image in x.spec.ImageName


def _equal(read: Callable[[Instance], str], wanted: str) -> Test:
    return lambda x: read(x) == wanted


def _by_workspace(call: Call) -> Test:
    wanted = call.query.text("WorkspaceId")
    if wanted == "ALL":
        # Whether ALL needs an action of its own is open; one that is denied is needed.
        if call.account.state.settings.denies(LIST_ALL):
            raise no_permission(LIST_ALL, call.region, OWNER)
        return lambda _: True
    if not wanted:
        found = default_workspace(call.account.state.workspaces.values(), call.region)
        wanted = found.id if found is not None else ""
    return lambda x: x.workspace_id == wanted


def _by_resource(resource_id: str) -> Test:
    if resource_id == "ALL":
        return lambda _: True
    if resource_id:
        return lambda x: x.spec.ResourceId == resource_id
    return lambda x: x.payment_type == "PayAsYouGo"


def _by_labels(query: Fields) -> Test:
    labels = query.text_map("Labels")
    if len(labels) > MAX_LABELS:
        raise invalid(f"Labels takes at most {MAX_LABELS} labels")
    return lambda x: labels.items() <= x.labels.items()


def _by_tags(query: Fields) -> Test:
    tags = query.json_pairs("Tag") if query.text("Tag") else {}
    return lambda x: tags.items() <= x.tags.items()


def _by_time(query: Fields) -> Iterator[Test]:
    if (after := query.moment("CreateTimeAfter")) is not None:
        yield lambda x: x.created >= after
    if (before := query.moment("CreateTimeBefore")) is not None:
        yield lambda x: x.created <= before


def full(account: Account, instance: Instance, now: Millis) -> Json:
    """All members of GetInstance that the instance has a value for."""
    view = item(account, instance, now)
    view.pop("OversoldType")
    for disk in view["CloudDisks"]:
        size = instance.disk_gib * GIB
        used = min(12 * GIB, size)
        disk["Status"] = {"Available": size - used, "Capacity": size, "Usage": used}
    return view | {
        "AccessRestrictionRules": instance.spec.AccessRestrictionRules or {},
        "DockerConfig": instance.spec.DockerConfig or {"Enable": False},
        "MigrationOptions": {},
        "NodeErrorRecovery": {
            "autoSwitchCountdownSeconds": 0,
            "enableAutoSwitchOnNodeError": False,
            "hasNodeError": False,
        },
        "PodIps": _pod_ips(instance),
        "ProxyPath": f"/{instance.id}",
    }


def item(account: Account, instance: Instance, now: Millis) -> Json:
    """An element of ListInstances."""
    spec = instance.spec
    shape = SPECS.get(instance.ecs_spec)
    workspace = account.state.workspaces.get(instance.workspace_id)
    view: Json = {name: value for name in _PLAIN if (value := getattr(spec, name)) is not None}
    view |= {
        "AcceleratorType": shape.accelerator if shape else "CPU",
        "Accessibility": instance.accessibility,
        "AccumulatedRunningTimeInMs": _ran(instance, now),
        "CloudDisks": [
            {"Capacity": f"{instance.disk_gib}Gi", "MountPath": "/", "Path": "/", "SubType": "rootfs"}
        ],
        "Datasets": spec.Datasets or [],
        "EcsSpec": instance.ecs_spec,
        "GmtCreateTime": iso(instance.created),
        "GmtModifiedTime": iso(instance.modified),
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "InstanceSnapshotList": [snapshot_brief(snapshot) for snapshot in instance.snapshots],
        "Labels": [{"Key": key, "Value": value} for key, value in instance.labels.items()],
        "OversoldType": spec.OversoldType or "ForbiddenQuotaOverSold",
        "PaymentType": instance.payment_type,
        "Priority": spec.Priority or 1,
        "ReasonCode": instance.reason_code,
        "ReasonMessage": instance.reason_message,
        "ResourceId": spec.ResourceId,
        "ResourceName": spec.ResourceId,
        "ServiceConfig": _service_config(instance),
        "Status": instance.status,
        "Tags": [{"TagKey": key, "TagValue": value} for key, value in instance.tags.items()],
        "UserId": instance.user_id,
        "UserName": "rehearsal",
        "WorkspaceId": instance.workspace_id,
        "WorkspaceName": workspace.name if workspace else "",
    }
    return view | urls(instance) | _guards(instance, now) | _latest(instance)


def _ran(instance: Instance, now: Millis) -> Millis:
    since = instance.running_since
    return instance.ran_ms + (now - since if since is not None else 0)


def urls(instance: Instance) -> Json:
    """Addresses, only while Running. Each carries a token that gives access."""
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
    since = instance.idle_since if instance.idle else None
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
