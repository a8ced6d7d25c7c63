"""A backup goes to a registry that is free."""

import re
from collections.abc import Iterator

from policies.references import SNAPSHOT
from policies.rule import Finding, Level, Resource, Rule, Severity
from policies.settings import NoSettings
from trial.terms import Terms

# Container Registry Personal Edition, of accounts from before and after 2024.
_FREE = re.compile(
    r"(?:registry(?:-vpc)?\.(?P<old>[a-z0-9-]+)\.aliyuncs\.com"
    r"|crpi-[a-z0-9-]+\.(?P<new>[a-z0-9-]+)\.personal\.cr\.aliyuncs\.com)/.+"
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a repository outside the Personal Edition, or in another region than the instance."""
    backup = instance["backup"]
    if backup.absent:
        return
    repository = backup["repository"]
    found = _FREE.fullmatch(repository.text or "")
    allowed = "a repository of Container Registry Personal Edition in the instance's region"
    do = "name one, or know what the registry bills for storage and traffic"
    if found is None:
        yield Finding(repository.path, "the backup goes to a registry that may bill", allowed, do)
    elif (found["old"] or found["new"]) != instance["region"].text:
        yield Finding(repository.path, "the backup goes to another region, which may bill", allowed, do)


RULE = Rule(
    id="free-backup-storage",
    title="Backup to a free registry",
    description="A backup goes to a registry that is free.",
    why="Images stay when the instance is gone; all but Container Registry's Personal Edition bill for what they hold.",
    steps="Make a repository in Container Registry Personal Edition in the instance's region, and name it in `backup`.",
    severity=Severity.MEDIUM,
    reference=SNAPSHOT,
    level=Level.ADVISORY,
    properties=("backup", "region"),
    settings=NoSettings,
    check=check,
)
