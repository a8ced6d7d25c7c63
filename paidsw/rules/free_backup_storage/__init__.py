"""A backup goes to a registry that is free."""

from collections.abc import Iterator
from dataclasses import replace

from paidsw.rules.images import personal_region
from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_MAY_BILL = Wording(
    what="the backup goes to a registry that may bill",
    allowed="a repository of Container Registry Personal Edition in the instance's region",
    fix="name one, or check what the registry bills for storage and traffic",
)
_OTHER_REGION = replace(_MAY_BILL, what="the backup goes to another region, which may bill")


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a repository outside the Personal Edition, or in another region than the instance."""
    backup = instance["backup"]
    if backup.absent:
        return
    repository = backup["repository"]
    region = personal_region(repository.text or "")
    if region is None:
        yield _MAY_BILL.at(repository.path)
    elif region != instance["region"].text:
        yield _OTHER_REGION.at(repository.path)


RULE = Rule(
    id="free-backup-storage",
    title="Backup to a free registry",
    description="A backup goes to a registry that is free.",
    why="Images stay when the instance is gone; all but Container Registry's Personal Edition bill for what they hold.",
    steps="Make a repository in Container Registry Personal Edition in the instance's region, and name it in `backup`.",
    severity=Severity.MEDIUM,
    reference=Reference.SNAPSHOT,
    level=Level.ADVISORY,
    properties=("backup", "region"),
    settings=NoSettings,
    check=check,
)
