"""Reading of an image's URL, shared by the rules about images. A URL may hold a password: it is never shown."""

import re

_OFFICIAL = re.compile(
    r"(?:dsw-registry(?:-vpc)?\.(?P<new>[a-z0-9-]+)\.cr\.aliyuncs\.com/pai"
    r"|registry(?:-vpc)?\.(?P<old>[a-z0-9-]+)\.aliyuncs\.com/pai_product)/[a-z0-9._/-]+(?::[A-Za-z0-9._-]+)?"
)
_REGISTRY = re.compile(r"[a-z0-9.-]+\.aliyuncs\.com/.*")
_CHIP = re.compile(r"[-:](cpu|gpu)(?:-|$)")


# Container Registry Personal Edition, of accounts from before and after 2024.
_PERSONAL = re.compile(
    r"(?:registry(?:-vpc|-internal)?\.(?P<old>[a-z0-9-]+)\.aliyuncs\.com"
    r"|crpi-[a-z0-9-]+\.(?P<new>[a-z0-9-]+)\.personal\.cr\.aliyuncs\.com)/.+"
)


def official_region(url: str) -> str | None:
    """The region of an official DSW image; None where the image is not an official one."""
    found = _OFFICIAL.fullmatch(url)
    return (found["new"] or found["old"]) if found else None


def personal_region(url: str) -> str | None:
    """The region of an image or repository in Container Registry's free Personal Edition; else None."""
    found = _PERSONAL.fullmatch(url)
    return (found["old"] or found["new"]) if found else None


def in_alibaba_registry(url: str) -> bool:
    """Whether the image lies in a container registry of Alibaba Cloud."""
    return _REGISTRY.fullmatch(url) is not None


def chip(url: str) -> str | None:
    """ "CPU" or "GPU" where the image's tag says what it is made for, else None."""
    found = _CHIP.search(url.rpartition("/")[2])
    return found[1].upper() if found else None
