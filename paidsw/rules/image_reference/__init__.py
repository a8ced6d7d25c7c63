"""The image is given by an address or an id that can be one."""

import re
from collections.abc import Iterator
from dataclasses import replace

from paidsw.core.values import Node
from paidsw.rules.images import Reference
from paidsw.rules.rule import Finding, NoSettings, Resource, Rule, Severity, Wording
from paidsw.rules.rule import Reference as Page
from paidsw.trial.terms import Terms

_COMMAND = re.compile(r"\s*(?:sudo\s+)?(?:docker|podman|nerdctl|crictl|ctr)\s")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_ID = re.compile(r"image-[A-Za-z0-9-]+")

_NO_ADDRESS = Wording(
    what="the image is not an address that can be pulled from",
    allowed="HOST/PATH:TAG, the path in lower case, or the tag of an official image",
    fix="correct it",
)
_WITH_COMMAND = replace(
    _NO_ADDRESS, what="the image is given as a command", fix="leave out all but the address"
)
_WITH_SCHEME = replace(
    _NO_ADDRESS, what="the image is given as a web address", fix="leave out the part up to ://"
)
_WITH_BLANK = replace(
    _NO_ADDRESS, what="the image has a blank or a control character in it", fix="take it out"
)
_UPPER_CASE = replace(
    _NO_ADDRESS, what="the image's path has upper-case letters", fix="write the path in lower case"
)
_TAG = Wording(
    what="the image's tag is not one",
    allowed="1 to 128 letters, digits, dots, underscores and hyphens after the colon, not beginning with . or -",
    fix="correct the tag",
)
_DIGEST = Wording(
    what="the image's digest is not whole",
    allowed="sha256: and 64 digits of 0-9 and a-f after the @",
    fix="correct the digest, or leave it out",
)
_NO_ID = Wording(
    what="the image's id is not one",
    allowed="an id like image-05cefd0be2",
    fix="correct it, or give imageUrl instead",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an address or an id of the image that no registry can have."""
    url, image_id = instance["imageUrl"], instance["imageId"]
    if not url.absent:
        yield from _of_url(url)
    if not image_id.absent and not _ID.fullmatch(image_id.text or ""):
        yield _NO_ID.at(image_id.path)


def _of_url(node: Node) -> Iterator[Finding]:
    url = node.text or ""
    found = None if _BLANK.search(url) else Reference.of(url)
    if found is None:
        yield _unusable(url).at(node.path)
    elif not found.has_usable_tag:
        yield _TAG.at(node.path)
    elif not found.has_usable_digest:
        yield _DIGEST.at(node.path)


def _unusable(url: str) -> Wording:
    """What to say of a text that is not an image's address."""
    last = url.rpartition("/")[2]
    if _COMMAND.match(url) or _COMMAND.match(last):
        return _WITH_COMMAND
    if _BLANK.search(url):
        return _WITH_BLANK
    if _SCHEME.match(url):
        return _WITH_SCHEME
    host, slash, path = url.partition("/")
    repository = path.partition("@")[0].partition(":")[0] if slash else host.partition(":")[0]
    lower = url.replace(repository, repository.lower())
    return _UPPER_CASE if lower != url and Reference.of(lower) else _NO_ADDRESS


RULE = Rule(
    id="image-reference",
    title="An image that can be pulled",
    description="The image is given by an address or an id that can be one.",
    why="The cloud finds out only when it pulls the image: the notebook was stopped for it by then, and doesn't start.",
    steps="Give the tag of an official image, or an address as `docker pull` takes it, without the command and https://.",
    severity=Severity.MEDIUM,
    reference=Page.CREATE,
    properties=("imageUrl", "imageId"),
    settings=NoSettings,
    check=check,
)
