"""The image is an official one of the instance's own region."""

from collections.abc import Iterator
from dataclasses import replace

from paidsw.rules.images import official_region
from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_NOT_OFFICIAL = Wording(
    what="the image is not an official DSW image",
    allowed="dsw-registry-vpc.<region>.cr.aliyuncs.com/pai/… with the instance's region",
    fix="choose an official image",
)
_OTHER_REGION = replace(
    _NOT_OFFICIAL,
    what="the image is in {region} and not in the instance's region",
    fix="set the region in imageUrl to the instance's",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an image URL that is not an official one, or is one of another region; an image id says neither."""
    image = instance["imageUrl"]
    if image.absent:
        return
    region = official_region(image.text or "")
    if region is None:
        yield _NOT_OFFICIAL.at(image.path)
    elif region != instance["region"].text:
        yield _OTHER_REGION.at(image.path, region=region)


RULE = Rule(
    id="official-image",
    title="Official image of the same region",
    description="The image is an official one of the instance's own region.",
    why="Pulling from another region or registry is slow, runs on the clock of the quota, and may need a paid network.",
    steps="Use an image of dsw-registry-vpc.<region>.cr.aliyuncs.com/pai with the region of the instance.",
    severity=Severity.LOW,
    reference=Reference.TRIAL,
    level=Level.ADVISORY,
    properties=("imageUrl", "region"),
    settings=NoSettings,
    check=check,
)
