"""PAI-DSW 2022-01-01: importing this package registers its operations."""

from . import (
    cullers,
    events,
    instances,
    labels,
    listing,
    snapshots,
    specs,
    timers,
    updates,
    user_config,
)

__all__ = [
    "cullers",
    "events",
    "instances",
    "labels",
    "listing",
    "snapshots",
    "specs",
    "timers",
    "updates",
    "user_config",
]
