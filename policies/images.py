"""Reading of an image's URL, shared by the rules about images. A URL may hold a password: it is never shown."""

import re

_OFFICIAL = re.compile(
    r"(?:dsw-registry(?:-vpc)?\.(?P<new>[a-z0-9-]+)\.cr\.aliyuncs\.com/pai"
    r"|registry(?:-vpc)?\.(?P<old>[a-z0-9-]+)\.aliyuncs\.com/pai_product)/[a-z0-9._/-]+(?::[A-Za-z0-9._-]+)?"
)
_REGISTRY = re.compile(r"[a-z0-9.-]+\.aliyuncs\.com/.*")
_CHIP = re.compile(r"[-:](cpu|gpu)(?:-|$)")


def official_region(url: str) -> str | None:
    """The region of an official DSW image; None where the image is not an official one."""
    found = _OFFICIAL.fullmatch(url)
    return (found["new"] or found["old"]) if found else None


def in_alibaba_registry(url: str) -> bool:
    """Whether the image lies in a container registry of Alibaba Cloud."""
    return _REGISTRY.fullmatch(url) is not None


def chip(url: str) -> str | None:
    """ "CPU" or "GPU" where the image's tag says what it is made for, else None."""
    found = _CHIP.search(url.rpartition("/")[2])
    return found[1].upper() if found else None
