"""How a snapshot becomes an image: Committing, Pushing, Saved."""

from __future__ import annotations

from .lifecycle import duration, note
from .models import Image, Instance, Millis, Snapshot, State


def progress(state: State, instance: Instance, now: Millis) -> None:
    """Take the snapshots that are due to their next status."""
    for snapshot in instance.snapshots:
        if snapshot.due is not None and snapshot.due <= now:
            _next(state, instance, snapshot, now)


def _next(state: State, instance: Instance, snapshot: Snapshot, now: Millis) -> None:
    snapshot.modified = now
    if snapshot.reason_code:
        snapshot.status, snapshot.due = "Failed", None
    elif snapshot.status == "Committing":
        snapshot.status, snapshot.due = "Pushing", now + duration(state, "Pushing")
    else:
        snapshot.status, snapshot.due = "Saved", None
        image = Image(
            snapshot.image_id, instance.region, instance.workspace_id, snapshot.name, snapshot.image_url, now
        )
        state.images[image.id] = image
    note(instance, now, "INFO", f"snapshot {snapshot.id} {snapshot.status}")
