"""The image is an official one of the instance's own region."""

from collections.abc import Iterator

from paidsw.rules.images import official_region
from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Level, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.trial.terms import Terms


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an image URL that is not an official one, or is one of another region; an image id says neither."""
    image = instance["imageUrl"]
    if image.absent:
        return
    allowed = "dsw-registry-vpc.<region>.cr.aliyuncs.com/pai/… with the instance's region"
    region = official_region(image.text or "")
    if region is None:
        yield Finding(
            image.path, "the image is not an official one of DSW", allowed, "choose an official image"
        )
    elif region != instance["region"].text:
        what = f"the image is in {region} and not in the instance's region"
        yield Finding(image.path, what, allowed, "set the region in imageUrl to the instance's")


RULE = Rule(
    id="official-image",
    title="Official image of the same region",
    description="The image is an official one of the instance's own region.",
    why="Pulling from another region or registry is slow, runs on the clock of the quota, and may need a paid network.",
    steps="Use an image of dsw-registry-vpc.<region>.cr.aliyuncs.com/pai with the region of the instance.",
    severity=Severity.LOW,
    reference=TRIAL,
    level=Level.ADVISORY,
    properties=("imageUrl", "region"),
    settings=NoSettings,
    check=check,
)
