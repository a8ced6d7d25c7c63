"""The CU per hour of the instance's type are stated by a source, not inferred."""

from collections.abc import Iterator

from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Basis, Terms

_INFERRED = Wording(
    what="no source states the CU per hour of this type: about {rate} is inferred, {at_most} is used for planning",
    allowed="{stated}",
    fix="watch the quota closely or set ecsSpec to {choice}",
)


def check(instance: Resource, _settings: NoSettings, terms: Terms) -> Iterator[Finding]:
    """Finds a type whose rate is inferred."""
    spec = instance["ecsSpec"]
    rate = terms.rate(spec.text or "")
    if rate is not None and rate.basis is Basis.INFERRED:
        stated = [
            name
            for name, kind in terms.instance_types.items()
            if kind.rate and kind.rate.basis is Basis.STATED
        ]
        yield _INFERRED.at(
            spec.path,
            rate=rate.cu_per_hour,
            at_most=rate.at_most,
            stated=", ".join(stated),
            choice=stated[0],
        )


RULE = Rule(
    id="stated-cu-rate",
    title="Instance type with a stated CU rate",
    description="The CU per hour of the instance's type are stated by a source, not inferred.",
    why="Where the rate is only inferred, the quota may run out sooner than planned; what goes beyond is billed.",
    steps="Prefer a type with a stated rate, or keep sessions short and look at the remaining CU after each.",
    severity=Severity.MEDIUM,
    reference=Reference.TRIAL,
    level=Level.ADVISORY,
    properties=("ecsSpec",),
    settings=NoSettings,
    check=check,
)
