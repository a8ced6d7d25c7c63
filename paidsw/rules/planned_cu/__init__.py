"""The sessions of all notebooks of the stack together fit the monthly quota."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, NamedTuple

from paidsw.rules.limits import plain
from paidsw.rules.rule import Finding, Range, Reference, Resource, Rule, Scope, Severity, Wording, instances
from paidsw.trial.budget import ceiled, session_cu
from paidsw.trial.terms import TERMS, Terms

_QUOTA = float(TERMS.quota_cu_per_month.value)

_TOO_MUCH = Wording(
    what="one session of each of {count} notebooks uses {total} CU together",
    allowed="{quota} CU, a month's quota",
    fix="shorten the sessions or remove a notebook",
)


class Settings(NamedTuple):
    """`max_cu`: the CU that the sessions of all notebooks may use together, at most a month's."""

    max_cu: Annotated[float, Range(1, _QUOTA)] = _QUOTA


def check_stack(resources: tuple[Resource, ...], settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a stack whose notebooks would use more CU in one session each than the quota."""
    quota = min(Decimal(str(settings.max_cu)), terms.quota_cu_per_month.value)
    notebooks = instances(resources)
    open_ones = [one for one in notebooks if not one.knows("ecsSpec", "sessionHours")]
    planned = {one.urn or one.name: _planned(one, terms) for one in notebooks if one not in open_ones}
    total = sum(planned.values(), Decimal(0))
    if total > quota:
        yield _TOO_MUCH.at("sessionHours", count=len(planned), total=ceiled(total, "0.1"), quota=plain(quota))
    elif open_ones:
        raise open_ones[0].undecided("ecsSpec" if open_ones[0].knows("sessionHours") else "sessionHours")


def _planned(instance: Resource, terms: Terms) -> Decimal:
    spec, hours = instance["ecsSpec"].text or "", instance["sessionHours"].number
    if terms.rate(spec) is None or hours is None or not 0 < hours < 10**6:
        return Decimal(0)  # refused by the rules about type and timer
    return session_cu(spec, hours, terms)


RULE = Rule(
    id="planned-cu",
    title="Planned CU within the monthly quota",
    description="The sessions of all notebooks of the stack together fit the monthly quota.",
    why="All notebooks draw on one quota; what they use beyond it is billed at the ordinary price, without a stop.",
    steps="Shorten `sessionHours` of the notebooks, or have fewer of them.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    scope=Scope.STACK,
    properties=("ecsSpec", "sessionHours"),
    settings=Settings,
    check_stack=check_stack,
)
