"""Reading of an image's URL, shared by the rules about images. A URL may hold a password: it is never shown."""

import re
from dataclasses import dataclass
from typing import Self

# The grammar of an image's reference (github.com/distribution/reference), part by part.
_HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?"
_NAME = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<repository>(?:{_HOST}/)?{_NAME}(?:/{_NAME})*)(?::(?P<tag>[^:@]*))?(?:@(?P<digest>.*))?"
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_LONGEST_REPOSITORY = 255

_OFFICIAL = re.compile(
    r"(?:dsw-registry(?:-vpc)?\.(?P<new>[a-z0-9-]+)\.cr\.aliyuncs\.com/pai"
    r"|registry(?:-vpc)?\.(?P<old>[a-z0-9-]+)\.aliyuncs\.com/pai_product)/(?P<name>[a-z0-9._/-]+(?::[A-Za-z0-9._-]+)?)"
)
# Hosts of Alibaba Cloud's registries within the networks of one region.
_OF_NETWORK = re.compile(
    r"[a-z0-9-]+-(?:vpc|internal)\.(?P<region>[a-z0-9-]+)(?:\.personal)?(?:\.cr)?\.aliyuncs\.com/"
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


def official_name(url: str) -> str | None:
    """The name of an official DSW image with its tag, such as pytorch:2.6.0; else None."""
    found = _OFFICIAL.fullmatch(url)
    return found["name"] if found else None


def network_region(url: str) -> str | None:
    """The region whose network alone reaches the image's registry; None where others reach it as well."""
    found = _OF_NETWORK.match(url)
    return found["region"] if found else None


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


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's URL in its parts; `tag` and `digest` are None where there is none, and may be malformed."""

    repository: str
    tag: str | None
    digest: str | None

    @classmethod
    def of(cls, url: str) -> Self | None:
        """The parts of a URL; None where it has no repository that can be."""
        found = _REFERENCE.fullmatch(url)
        if found is None or len(found["repository"]) > _LONGEST_REPOSITORY:
            return None
        return cls(found["repository"], found["tag"], found["digest"])

    @property
    def has_usable_tag(self) -> bool:
        """Whether the tag, if there is one, is of the form that registries take."""
        return self.tag is None or _TAG.fullmatch(self.tag) is not None

    @property
    def has_usable_digest(self) -> bool:
        """Whether the digest, if there is one, is whole."""
        return self.digest is None or _DIGEST.fullmatch(self.digest) is not None
