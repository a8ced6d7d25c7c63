"""Nothing keeps `pulumi destroy` from deleting the instance."""

from collections.abc import Iterator

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Level, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.trial.terms import Terms


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an instance with the resource option `protect`."""
    if instance.protect:
        what = "a protected instance is not deleted by pulumi destroy"
        yield Finding(
            "options.protect", what, "protect: false", "remove the option and back up your work instead"
        )


RULE = Rule(
    id="releasable-instance",
    title="Instance that can be released",
    description="Nothing keeps `pulumi destroy` from deleting the instance.",
    why="Deleting is the only way that surely ends every charge; a stopped instance may go on costing.",
    steps="Remove the resource option `protect`.",
    severity=Severity.MEDIUM,
    reference=TRIAL,
    level=Level.ADVISORY,
    settings=NoSettings,
    check=check,
)
