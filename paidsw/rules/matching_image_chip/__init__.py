"""A GPU image runs on a GPU type, a CPU image on a CPU type."""

from collections.abc import Iterator

from paidsw.rules.images import chip
from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_OTHER_CHIP = Wording(
    what="an image made for a {made_for} on an instance type with a {chip}",
    allowed="an image made for a {chip}",
    fix="choose an image whose tag says {tag}",
)


def check(instance: Resource, _settings: NoSettings, terms: Terms) -> Iterator[Finding]:
    """Finds an image made for the other kind of machine, as far as tag and type say."""
    image, kind = instance["imageUrl"], terms.instance_types.get(instance["ecsSpec"].text or "")
    made_for = chip(image.text or "")
    if made_for is not None and kind is not None and made_for != kind.accelerator:
        chip_of_type = kind.accelerator
        yield _OTHER_CHIP.at(image.path, made_for=made_for, chip=chip_of_type, tag=chip_of_type.lower())


RULE = Rule(
    id="matching-image-chip",
    title="GPU image on a GPU type",
    description="A GPU image runs on a GPU type, a CPU image on a CPU type.",
    why="A CPU image pays GPU quota for a GPU that it can't use; a GPU image may fail to start on a CPU type.",
    steps="Choose an image whose tag says gpu for a GPU type and cpu for a CPU type.",
    severity=Severity.MEDIUM,
    reference=Reference.CREATE,
    level=Level.ADVISORY,
    properties=("imageUrl", "ecsSpec"),
    settings=NoSettings,
    check=check,
)
