"""The instance is not bought at a spot price."""

from collections.abc import Iterator, Mapping

from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_SPOT = Wording(
    what="the free trial doesn't pay for spot instances",
    allowed="no spotSpec",
    fix="remove spotSpec",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds any spot specification, an empty one included."""
    spot = instance["spotSpec"]
    if not spot.absent:
        yield _SPOT.at(spot.path)


def remediate(_instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """No spot specification."""
    return {"spotSpec": None}


RULE = Rule(
    id="no-spot",
    title="No spot instance",
    description="The instance is not bought at a spot price.",
    why="The trial's CU are for ordinary public resources; a spot instance is billed at its market price.",
    steps="Remove `spotSpec`.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    properties=("spotSpec",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
