"""A GPU image runs on a GPU type, a CPU image on a CPU type."""

from collections.abc import Iterator

from paidsw.rules.images import chip
from paidsw.rules.references import CREATE
from paidsw.rules.rule import Finding, Level, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.trial.terms import Terms


def check(instance: Resource, _settings: NoSettings, terms: Terms) -> Iterator[Finding]:
    """Finds an image made for the other kind of machine, as far as tag and type say."""
    image, kind = instance["imageUrl"], terms.instance_types.get(instance["ecsSpec"].text or "")
    made_for = chip(image.text or "")
    if made_for is not None and kind is not None and made_for != kind.accelerator:
        what = f"an image made for a {made_for} on an instance type with a {kind.accelerator}"
        offer = f"choose an image whose tag says {kind.accelerator.lower()}"
        yield Finding(image.path, what, f"an image made for a {kind.accelerator}", offer)


RULE = Rule(
    id="matching-image-chip",
    title="GPU image on a GPU type",
    description="A GPU image runs on a GPU type, a CPU image on a CPU type.",
    why="A CPU image pays GPU quota for a GPU that it can't use; a GPU image may fail to start on a CPU type.",
    steps="Choose an image whose tag says gpu for a GPU type and cpu for a CPU type.",
    severity=Severity.MEDIUM,
    reference=CREATE,
    level=Level.ADVISORY,
    properties=("imageUrl", "ecsSpec"),
    settings=NoSettings,
    check=check,
)
