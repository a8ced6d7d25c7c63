"""The CU per hour of the instance's type are stated by a source, not inferred."""

from collections.abc import Iterator

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Level, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.trial.terms import Basis, Terms


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
        what = (
            f"no source states the CU per hour of this type: about {rate.cu_per_hour} is inferred "
            f"and {rate.at_most} is planned with"
        )
        yield Finding(
            spec.path, what, ", ".join(stated), f"watch the quota closely or set ecsSpec to {stated[0]}"
        )


RULE = Rule(
    id="stated-cu-rate",
    title="Instance type with a stated CU rate",
    description="The CU per hour of the instance's type are stated by a source, not inferred.",
    why="Where the rate is only inferred, the quota may run out sooner than planned; what goes beyond is billed.",
    steps="Prefer a type with a stated rate, or keep sessions short and look at the remaining CU after each.",
    severity=Severity.MEDIUM,
    reference=TRIAL,
    level=Level.ADVISORY,
    properties=("ecsSpec",),
    settings=NoSettings,
    check=check,
)
