"""The stack's settings, where they go by another name than the property of the instance that they become."""

from __future__ import annotations

from paidsw.core.values import top_level

REGION_KEY = "alicloud:region"
_SETTINGS = {
    "cloudDisks": "systemDiskGib",
    "imageUrl": "image",
    "idleInstanceCuller": "idleMinutes",
    "idleInstanceCuller.cpuPercentThreshold": "idleCpuPercent",
    "idleInstanceCuller.gpuPercentThreshold": "idleGpuPercent",
}


def setting_of(path: str) -> str:
    """The setting that a property of the instance, such as cloudDisks[0].capacity, comes from."""
    top = top_level(path)
    return _SETTINGS.get(path) or _SETTINGS.get(top) or top


def key_of(setting: str, project: str) -> str:
    """The full key of a setting in the configuration of a project's stack."""
    return REGION_KEY if setting == "region" else f"{project}:{setting}"
