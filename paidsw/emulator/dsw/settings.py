"""Reads the settings of an instance from a request body, for create and update alike."""

from __future__ import annotations

import re

from ..catalogue import SPECS, official_images
from ..errors import invalid
from ..models import Json
from ..routing import Call
from ..wire import Fields

NAME = re.compile(r"[A-Za-z0-9_]{1,27}")
CAPACITY = re.compile(r"([1-9]\d{0,4})Gi")
ACCESSIBILITY = ("PUBLIC", "PRIVATE")
_LABEL_LIMITS = (128, 128)

# Members kept as they came, after a check of their kind.
OBJECTS = ("Affinity", "AssignNodeSpec", "CredentialConfig", "DynamicMount", "RequestedResource", "SpotSpec")
OBJECTS_CREATE = ("AccessRestrictionRules", "DockerConfig")
TEXTS = ("Driver", "ImageAuth", "OversoldType", "UserId", "WorkspaceSource")


def name(call: Call, *, instance_id: str = "") -> str:
    """The instance's name, valid and not taken by another instance of the region."""
    value = call.body.required("InstanceName")
    if not NAME.fullmatch(value):
        raise invalid(
            "InstanceName must consist of letters, digits and underscores and be at most 27 characters long"
        )
    for other in call.cloud.state.instances.values():
        if other.region == call.region and other.name == value and other.id != instance_id:
            raise invalid(f"instance name already exists: {value}")
    return value


def ecs_spec(call: Call) -> str:
    """A type that exists."""
    value = call.body.required("EcsSpec")
    if value not in SPECS:
        raise invalid(f"EcsSpec {value} is not supported in {call.region}")
    return value


def image(call: Call) -> Json:
    """The image, by address or by id and never by both; an id is looked up."""
    url, image_id = call.body.text("ImageUrl"), call.body.text("ImageId")
    if bool(url) == bool(image_id):
        raise invalid("exactly one of ImageUrl and ImageId must be given")
    known = {item.id: (item.uri, item.name) for item in official_images(call.region)}
    for own in call.cloud.state.images.values():
        if own.region == call.region:
            known[own.id] = (own.uri, own.name)
    if url:
        found = next(((key, label) for key, (uri, label) in known.items() if uri == url), ("", ""))
        return {"ImageUrl": url, "ImageId": found[0], "ImageName": found[1]}
    if image_id not in known:
        raise invalid(f"ImageId {image_id} does not exist in {call.region}")
    return {"ImageUrl": known[image_id][0], "ImageId": image_id, "ImageName": known[image_id][1]}


def disk_gib(body: Fields, default: int) -> int:
    """GiB of the system disk."""
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


def rest(body: Fields, *, create: bool) -> Json:
    """The other settings, as they came."""
    result: Json = {}
    for key in (*OBJECTS, *(OBJECTS_CREATE if create else ())):
        if key in body:
            result[key] = body.nested(key).values
    for key in TEXTS:
        if key in body:
            result[key] = body.text(key)
    if "Datasets" in body:
        result["Datasets"] = [item.values for item in body.objects("Datasets")]
    if "EnvironmentVariables" in body:
        result["EnvironmentVariables"] = body.text_map("EnvironmentVariables")
    if "UserVpc" in body:
        result["UserVpc"] = _user_vpc(body.nested("UserVpc"))
    if "UserCommand" in body:
        result["UserCommand"] = body.nested("UserCommand").values
    if "Priority" in body:
        result["Priority"] = body.integer("Priority", low=1, high=9)
    return result


def _user_vpc(vpc: Fields) -> Json:
    for key in ("VpcId", "VSwitchId", "SecurityGroupId"):
        vpc.required(key)
    vpc.choice("DefaultRoute", ("eth0", "eth1"), "eth0")
    vpc.objects("ForwardInfos")
    vpc.texts("ExtendedCIDRs")
    return vpc.values
