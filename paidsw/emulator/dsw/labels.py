"""Labels of an instance."""

from __future__ import annotations

from ..errors import invalid
from ..models import Json
from ..routing import BARE, Call, operation
from . import settings
from .instances import ONE, target


@operation("dsw", "PUT", ONE + "/labels", "UpdateInstanceLabels", BARE)
def update_labels(call: Call) -> Json:
    """Add labels, or change those that are there."""
    instance = target(call)
    wanted = settings.labels(call.body)
    if not wanted:
        raise invalid("Labels is mandatory for this action")
    instance.labels |= wanted
    instance.modified = call.now
    return {}


@operation("dsw", "DELETE", ONE + "/labels", "DeleteInstanceLabels", BARE)
def delete_labels(call: Call) -> Json:
    """Remove labels by their keys; keys that aren't there don't matter."""
    instance = target(call)
    for key in call.query.required("LabelKeys").split(","):
        instance.labels.pop(key, None)
    instance.modified = call.now
    return {}
