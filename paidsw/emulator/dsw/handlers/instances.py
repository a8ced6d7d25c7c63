"""What changes an instance: create, update, start, stop, delete, and its labels."""

from __future__ import annotations

import re
import secrets

from ...catalogue import SPECS, official_images
from ...errors import ApiError, invalid
from ...ledger import meters
from ...request import Call, Fields, Json
from .. import lifecycle
from ..models import Instance, Opaque, Spec

NAME = re.compile(r"[A-Za-z0-9_]{1,27}")
CAPACITY = re.compile(r"([1-9]\d{0,4})Gi")
ACCESSIBILITY = ("PUBLIC", "PRIVATE")
_LABEL_LIMITS = (128, 128)
# Members kept as they came, after a check of their kind.
OBJECTS = (
    "Affinity",
    "AssignNodeSpec",
    "CredentialConfig",
    "DynamicMount",
    "RequestedResource",
    "SpotSpec",
    "UserCommand",
)
OBJECTS_CREATE = ("AccessRestrictionRules", "DockerConfig")
TEXTS = ("Driver", "ImageAuth", "OversoldType", "UserId", "WorkspaceSource")
# What each flag takes away: DisassociateDriver clears Driver, and so on.
DISASSOCIATE = {
    "AssignNode": "AssignNodeSpec",
    "Credential": "CredentialConfig",
    "Datasets": "Datasets",
    "Driver": "Driver",
    "EnvironmentVariables": "EnvironmentVariables",
    "Spot": "SpotSpec",
    "UserCommand": "UserCommand",
    "Vpc": "UserVpc",
}
# No source lists what can be changed while the machine runs; strict_update takes it that only these can.
WHILE_RUNNING = frozenset({"InstanceName", "Accessibility", "Priority", "StartInstance"})
UPDATABLE = frozenset({"Running", "Stopped", "Failed"})


def create_instance(call: Call) -> Json:
    """Create, and start at once: there is no way to create without starting."""
    instance = _new_instance(call)
    state = call.account.state
    state.instances[instance.id] = instance
    meters.open_disk(state, instance, call.now, call.account.tariff.free_disk_gib)
    lifecycle.begin(state, instance, call.now)
    return {"InstanceId": instance.id}


def _new_instance(call: Call) -> Instance:
    body = call.body
    _check_account(call)
    name = _name(call)
    workspace = _workspace(call)
    spec = Spec(ResourceId=body.text("ResourceId"))
    _read_image(call, spec)
    _read_spec(body, spec)
    for member in OBJECTS_CREATE:
        if member in body:
            setattr(spec, member, body.nested(member).values)
    if not spec.ResourceId:
        spec.EcsSpec = _ecs_spec(call)
        _check_stock(call, spec.EcsSpec)
    return Instance(
        id=f"dsw-{secrets.token_hex(8)}",
        region=call.region,
        workspace_id=workspace,
        name=name,
        user_id=body.text("UserId") or call.user_id,
        spec=spec,
        disk_gib=_disk_gib(body, call.account.tariff.free_disk_gib),
        created=call.now,
        modified=call.now,
        accessibility=body.choice("Accessibility", ACCESSIBILITY, "PRIVATE"),
        payment_type="Subscription" if spec.ResourceId else "PayAsYouGo",
        labels=labels(body),
        tags=body.pairs("Tag"),
        token=secrets.token_urlsafe(24),
    )


def start_instance(call: Call) -> Json:
    """Start a stopped or failed instance."""
    instance = target(call)
    if instance.status not in lifecycle.STARTABLE:
        raise invalid(
            f"instance {instance.id} is {instance.status}: it can be started from Stopped or Failed only"
        )
    _check_account(call)
    _check_stock(call, instance.ecs_spec)
    lifecycle.start(call.account.state, instance, call.now)
    return {"InstanceId": instance.id}


def stop_instance(call: Call) -> Json:
    """Stop, saving the environment first when asked to."""
    instance = target(call)
    if instance.status not in lifecycle.STOPPABLE:
        raise invalid(f"instance {instance.id} is {instance.status}: it cannot be stopped")
    lifecycle.stop(call.account.state, instance, call.now, save=call.query.flag("SaveImage"))
    return {"InstanceId": instance.id}


def delete_instance(call: Call) -> Json:
    """Delete from any status; with strict_delete from Stopped and Failed only."""
    instance = target(call)
    if instance.status == "Deleting":
        return {"InstanceId": instance.id}
    if call.account.state.settings.strict_delete and instance.status not in lifecycle.STARTABLE:
        raise invalid(f"instance {instance.id} is {instance.status}: stop it before deleting it")
    lifecycle.delete(call.account.state, instance, call.now)
    return {"InstanceId": instance.id}


def update_instance(call: Call) -> Json:
    """Change settings; all of them or, with an error, none."""
    instance, body = target(call), call.body
    _check_updatable(call, instance)
    if "InstanceName" in body:
        instance.name = _name(call, instance_id=instance.id)
    _change_accessibility(body, instance)
    if "EcsSpec" in body:
        wanted = _ecs_spec(call)
        if wanted == instance.ecs_spec:
            raise invalid(f"EcsSpec is {wanted} already")
        instance.spec.EcsSpec = wanted
    if "ImageUrl" in body or "ImageId" in body:
        _read_image(call, instance.spec)
    _read_spec(body, instance.spec)
    _grow_disk(call, instance)
    _disassociate(body, instance.spec)
    meters.reopen_compute(call.account.state, instance, call.now)
    lifecycle.update(call.account.state, instance, call.now, then_start=body.flag("StartInstance"))
    return {"InstanceId": instance.id}


def _check_updatable(call: Call, instance: Instance) -> None:
    if instance.status not in UPDATABLE:
        raise invalid(f"instance {instance.id} is {instance.status}: it cannot be updated now")
    needing = sorted(call.body.values.keys() - WHILE_RUNNING)
    if call.account.state.settings.strict_update and instance.status == "Running" and needing:
        raise invalid(f"instance {instance.id} must be stopped to change {', '.join(needing)}")


def _change_accessibility(body: Fields, instance: Instance) -> None:
    wanted = body.choice("Accessibility", ACCESSIBILITY, instance.accessibility)
    if (instance.accessibility, wanted) == ("PUBLIC", "PRIVATE"):
        raise invalid("Accessibility cannot be changed from PUBLIC to PRIVATE")
    instance.accessibility = wanted


def _grow_disk(call: Call, instance: Instance) -> None:
    wanted = _disk_gib(call.body, instance.disk_gib)
    if wanted < instance.disk_gib:
        raise invalid(f"the system disk has {instance.disk_gib}Gi and can only grow")
    if wanted > instance.disk_gib:
        instance.disk_gib = wanted
        meters.open_disk(call.account.state, instance, call.now, call.account.tariff.free_disk_gib)


def _disassociate(body: Fields, spec: Spec) -> None:
    for flag, member in DISASSOCIATE.items():
        if body.flag(f"Disassociate{flag}"):
            setattr(spec, member, None)
    if body.flag("DisassociateForwardInfos") and spec.UserVpc is not None:
        spec.UserVpc.pop("ForwardInfos", None)


def update_labels(call: Call) -> Json:
    """Add labels, or change those that are there."""
    instance = target(call)
    wanted = labels(call.body)
    if not wanted:
        raise invalid("Labels is mandatory for this action")
    instance.labels |= wanted
    instance.modified = call.now
    return {}


def delete_labels(call: Call) -> Json:
    """Remove labels by their keys; keys that aren't there don't matter."""
    instance = target(call)
    for key in call.query.required("LabelKeys").split(","):
        instance.labels.pop(key, None)
    instance.modified = call.now
    return {}


def target(call: Call) -> Instance:
    """The instance that a write is about."""
    return call.account.instance(call.params["InstanceId"], call.region)


# --- what a request says ---


def _check_account(call: Call) -> None:
    switches = call.account.state.settings
    if not switches.activated:
        raise ApiError(403, "ServiceNotOpened", f"PAI is not activated in {call.region}")
    if not switches.account_sufficient:
        raise ApiError(400, "InsufficientBalance", "The balance of the account is not sufficient")


def _check_stock(call: Call, ecs_spec: str) -> None:
    switches = call.account.state.settings
    if switches.when_sold_out == "refuse" and switches.is_sold_out(call.region, ecs_spec):
        raise ApiError(400, "InternalError", f"{ecs_spec} is out of stock in {call.region}")


def _name(call: Call, *, instance_id: str = "") -> str:
    """The instance's name, valid and not taken by another instance of the region."""
    value = call.body.required("InstanceName")
    if not NAME.fullmatch(value):
        raise invalid(
            "InstanceName must consist of letters, digits and underscores and be at most 27 characters long"
        )
    # That a name is unique in its region, in whatever workspace, is an assumption: docs/unverified.md.
    for other in call.account.state.instances.values():
        if other.region == call.region and other.name == value and other.id != instance_id:
            raise invalid(f"instance name already exists: {value}")
    return value


def _workspace(call: Call) -> str:
    found = call.account.state.workspaces.get(call.body.required("WorkspaceId"))
    if found is None or found.region != call.region:
        raise invalid(f"workspace {call.body.text('WorkspaceId')} does not exist in {call.region}")
    if call.account.workspace(found.id, call.region).status != "ENABLED":
        raise invalid(f"workspace {found.id} is {found.status}, not ENABLED")
    return found.id


def _ecs_spec(call: Call) -> str:
    value = call.body.required("EcsSpec")
    if value not in SPECS:
        raise invalid(f"EcsSpec {value} is not supported in {call.region}")
    return value


def _read_image(call: Call, spec: Spec) -> None:
    """The image, by address or by id and never by both; an id is looked up."""
    url, image_id = call.body.text("ImageUrl"), call.body.text("ImageId")
    if bool(url) == bool(image_id):
        raise invalid("exactly one of ImageUrl and ImageId must be given")
    known = {item.id: (item.uri, item.name) for item in official_images(call.region)}
    for own in call.account.state.images.values():
        if own.region == call.region:
            known[own.id] = (own.uri, own.name)
    if url:
        image_id = next((key for key, (uri, _) in known.items() if uri == url), "")
    elif image_id not in known:
        raise invalid(f"ImageId {image_id} does not exist in {call.region}")
    spec.ImageUrl, spec.ImageName = known.get(image_id, (url, ""))
    spec.ImageId = image_id


def _disk_gib(body: Fields, default: int) -> int:
    disks = body.objects("CloudDisks")
    if not disks:
        return default
    if len(disks) > 1 or disks[0].text("SubType", "rootfs") != "rootfs":
        raise invalid("CloudDisks takes one disk, of SubType rootfs")
    found = CAPACITY.fullmatch(disks[0].required("Capacity"))
    if not found:
        raise invalid("CloudDisks.Capacity must be a size such as 100Gi")
    return int(found[1])


def labels(body: Fields) -> dict[str, str]:
    """Labels within the documented limits."""
    result = body.pairs("Labels")
    for key, value in result.items():
        if len(key) > _LABEL_LIMITS[0] or len(value) > _LABEL_LIMITS[1]:
            raise invalid("a label's key and value are at most 128 characters long")
        if key.startswith(("aliyun", "acs:")) or "http://" in key or "https://" in key:
            raise invalid(
                f"label key {key!r} must not start with aliyun or acs:, nor contain http:// or https://"
            )
    return result


def _read_spec(body: Fields, spec: Spec) -> None:
    """The other settings, as they came."""
    for member in OBJECTS:
        if member in body:
            setattr(spec, member, body.nested(member).values)
    for member in TEXTS:
        if member in body:
            setattr(spec, member, body.text(member))
    if "Datasets" in body:
        spec.Datasets = [item.values for item in body.objects("Datasets")]
    if "EnvironmentVariables" in body:
        spec.EnvironmentVariables = body.text_map("EnvironmentVariables")
    if "UserVpc" in body:
        spec.UserVpc = _user_vpc(body.nested("UserVpc"))
    if "Priority" in body:
        spec.Priority = body.integer("Priority", low=1, high=9)


def _user_vpc(vpc: Fields) -> Opaque:
    for key in ("VpcId", "VSwitchId", "SecurityGroupId"):
        vpc.required(key)
    vpc.choice("DefaultRoute", ("eth0", "eth1"), "eth0")
    vpc.objects("ForwardInfos")
    vpc.texts("ExtendedCIDRs")
    return vpc.values
