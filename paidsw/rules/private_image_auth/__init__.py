"""A private image comes with the credentials to pull it."""

from collections.abc import Iterator

from paidsw.rules.images import in_alibaba_registry, official_region
from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_NO_AUTH = Wording(
    what="an image in a registry of your own without credentials can be pulled only if it is public",
    allowed="imageAuth as a secret, or a public image",
    fix="set imageAuth with pulumi config set --secret",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an image of one's own in Alibaba Cloud's registry without authorisation."""
    url = instance["imageUrl"].text or ""
    if in_alibaba_registry(url) and official_region(url) is None:
        auth = instance["imageAuth"]
        if not auth.text:
            yield _NO_AUTH.at(auth.path)


RULE = Rule(
    id="private-image-auth",
    title="Credentials for a private image",
    description="A private image comes with the credentials to pull it.",
    why="Without it the start fails after minutes of trying, and the registry may cost money of its own.",
    steps="Set `imageAuth` (a secret), make the image public, or use an official image.",
    severity=Severity.LOW,
    reference=Reference.CREATE,
    level=Level.ADVISORY,
    properties=("imageUrl", "imageAuth"),
    settings=NoSettings,
    check=check,
)
