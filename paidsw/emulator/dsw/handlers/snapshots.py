"""Snapshots of an instance: images made of its environment."""

from __future__ import annotations

import re
import secrets

from ...clock import iso
from ...errors import ApiError, invalid
from ...request import Call, Json, ordered, page
from .. import lifecycle
from ..models import Instance, Snapshot
from .instances import labels, target

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def create_snapshot(call: Call) -> Json:
    """Begin a snapshot of a running instance, or of a stopped one where the settings allow that."""
    instance = target(call)
    name, url = call.body.required("SnapshotName"), call.body.required("ImageUrl")
    if not _NAME.fullmatch(name):
        raise invalid("SnapshotName must consist of lower-case letters, digits and hyphens")
    _check_status(call, instance)
    if not call.body.flag("Overwrite"):
        _check_free(call, url)
    snapshot = Snapshot(
        id=f"snapshot-{secrets.token_hex(8)}",
        name=name,
        image_id=f"image-{secrets.token_hex(9)}",
        image_url=url,
        status="Committing",
        created=call.now,
        modified=call.now,
        due=call.now + call.account.state.settings.duration("Committing"),
        description=call.body.text("SnapshotDescription"),
        labels=labels(call.body),
        exclude_paths=call.body.texts("ExcludePaths"),
    )
    instance.snapshots.append(snapshot)
    lifecycle.plan(call.account.state, instance, call.now, "Saving", instance.status)
    return {"InstanceId": instance.id, "SnapshotId": snapshot.id}


def _check_status(call: Call, instance: Instance) -> None:
    allowed = {"Running"} if call.account.state.settings.snapshots_need_running else {"Running", "Stopped"}
    if instance.status not in allowed:
        raise invalid(f"instance {instance.id} is {instance.status}: a snapshot needs it Running")


def _check_free(call: Call, url: str) -> None:
    if any(image.uri == url for image in call.account.state.images.values()):
        raise invalid(f"image {url} exists already: use Overwrite")


def get_snapshot(call: Call) -> Json:
    """One snapshot."""
    instance = call.account.see_instance(call.params["InstanceId"], call.region)
    return _view(instance, _find(call, instance))


def list_snapshots(call: Call) -> Json:
    """The snapshots of an instance."""
    instance = call.account.see_instance(call.params["InstanceId"], call.region)
    keys = {"GmtCreateTime": lambda s: s.created, "GmtModifiedTime": lambda s: s.modified}
    found = ordered(call.query, list(instance.snapshots), keys)
    return {
        "Snapshots": [_view(instance, s) for s in page(call.query, found, default=10)],
        "TotalCount": len(found),
    }


def delete_snapshot(call: Call) -> Json:
    """Delete a snapshot and its image."""
    instance = target(call)
    snapshot = _find(call, instance)
    instance.snapshots.remove(snapshot)
    call.account.state.images.pop(snapshot.image_id, None)
    return {"InstanceId": instance.id, "SnapshotId": snapshot.id}


def _find(call: Call, instance: Instance) -> Snapshot:
    wanted = call.params["SnapshotId"]
    for snapshot in instance.snapshots:
        if snapshot.id == wanted:
            return snapshot
    raise ApiError(404, "ValidationError", f"snapshot {wanted} does not exist")


def _view(instance: Instance, snapshot: Snapshot) -> Json:
    return {
        "ExcludePaths": snapshot.exclude_paths,
        "GmtCreateTime": iso(snapshot.created),
        "GmtModifiedTime": iso(snapshot.modified),
        "ImageId": snapshot.image_id,
        "ImageUrl": snapshot.image_url,
        "InstanceId": instance.id,
        "Labels": [{"Key": key, "Value": value} for key, value in snapshot.labels.items()],
        "ReasonCode": snapshot.reason_code,
        "ReasonMessage": snapshot.reason_message,
        "SnapshotDescription": snapshot.description,
        "SnapshotId": snapshot.id,
        "SnapshotName": snapshot.name,
        "Status": snapshot.status,
    }
