"""The instance doesn't run when the trial doesn't pay for it."""

from collections.abc import Iterator, Mapping

from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_MAY_BILL = Wording(
    what="the instance may run when the trial doesn't pay for it, and is billed then",
    allowed="no allowBilling",
    fix="remove allowBilling unless you mean to pay",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds an instance that may run when it is billed."""
    allowed = instance["allowBilling"]
    if not allowed.absent and allowed.value is not False:
        yield _MAY_BILL.at(allowed.path)


def remediate(_instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """No permission to bill."""
    return {"allowBilling": None}


RULE = Rule(
    id="no-billing-override",
    title="No permission to bill",
    description="The instance doesn't run when the trial doesn't pay for it.",
    why="Where the trial isn't claimed, is over or used up, every minute is billed at the ordinary price.",
    steps="Remove `allowBilling`.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    level=Level.ADVISORY,
    properties=("allowBilling",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
