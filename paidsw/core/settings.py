"""The stack's settings, where they go by another name than the property of the instance that they become."""

from __future__ import annotations

from collections.abc import Iterable

from paidsw.core.values import top_level

REGION_KEY = "alicloud:region"
# Where the official images of a region are.
_OFFICIAL = "dsw-registry-vpc.{region}.cr.aliyuncs.com/pai/"
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


def settings_behind(name: str) -> frozenset[str]:
    """All settings that a property of the instance is made of, by its top-level name."""
    return frozenset(setting for path, setting in _SETTINGS.items() if top_level(path) == name) or frozenset(
        {name}
    )


def settings_of(properties: Iterable[str]) -> str:
    """The settings that properties of the instance come from, as a sentence lists them."""
    return ", ".join(sorted({setting_of(one) for one in properties}))


def key_of(setting: str, project: str) -> str:
    """The full key of a setting in the configuration of a project's stack."""
    return REGION_KEY if setting == "region" else f"{project}:{setting}"


def image_url(image: str, region: str) -> str:
    """The URL of an image, given by its tag if it is official: those are kept per region."""
    return image if "/" in image else f"{_OFFICIAL.format(region=region)}{image}"


def image_of(url: str, region: str) -> str:
    """What `image` must be for this URL: the tag of an official image of the region, else the URL."""
    tag = url.removeprefix(_OFFICIAL.format(region=region))
    return url if "/" in tag else tag
