"""Nothing keeps `pulumi destroy` from deleting the instance."""

from collections.abc import Iterator

from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_PROTECTED = Wording(
    what="a protected instance is not deleted by pulumi destroy",
    allowed="protect: false",
    fix="remove the option and back up your work instead",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an instance with the resource option `protect`."""
    if instance.protect:
        yield _PROTECTED.at("options.protect")


RULE = Rule(
    id="releasable-instance",
    title="Instance that can be released",
    description="Nothing keeps `pulumi destroy` from deleting the instance.",
    why="Deleting is the only sure way to end every charge; a stopped instance may still cost money.",
    steps="Remove the resource option `protect`.",
    severity=Severity.MEDIUM,
    reference=Reference.TRIAL,
    level=Level.ADVISORY,
    settings=NoSettings,
    check=check,
)
