"""The instance doesn't run when the trial doesn't pay for it."""

from collections.abc import Iterator, Mapping

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Level, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.trial.terms import Terms


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an instance that may run for money."""
    allowed = instance["allowBilling"]
    if not allowed.absent and allowed.value is not False:
        what = "the instance may run when the trial doesn't pay for it, and is billed then"
        yield Finding(allowed.path, what, "no allowBilling", "remove allowBilling unless you mean to pay")


def remediate(_instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """Not for money."""
    return {"allowBilling": None}


RULE = Rule(
    id="no-billing-override",
    title="No leave to bill",
    description="The instance doesn't run when the trial doesn't pay for it.",
    why="Where the trial isn't claimed, is over or used up, every minute is billed at the ordinary price.",
    steps="Remove `allowBilling`.",
    severity=Severity.CRITICAL,
    reference=TRIAL,
    level=Level.ADVISORY,
    properties=("allowBilling",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
