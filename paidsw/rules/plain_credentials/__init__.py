"""No environment variable holds what looks like a credential."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from paidsw.rules.rule import Finding, Level, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_NAME = re.compile(r"secret|token|passw|credential|(access|api|private)_?key|ak_?id", re.IGNORECASE)
_VALUE = re.compile(r"(LTAI|STS\.|AKIA|ghp_|hf_|sk-)[A-Za-z0-9_-]{8,}.*|-----BEGIN .*", re.DOTALL)

_CREDENTIAL = Wording(
    what="this environment variable looks like a credential that anyone in the notebook can read",
    allowed="settings that are not secret",
    fix="enter it in the notebook when needed",
)


class Settings(NamedTuple):
    """`ignore`: names of variables that hold no credential although they look like it."""

    ignore: tuple[str, ...] = ()


def check(instance: Resource, settings: Settings, _terms: Terms) -> Iterator[Finding]:
    """Finds a variable by its name or by the known forms of keys; never says its value."""
    for variable in instance["environmentVariables"].fields:
        name = variable.key
        if name not in settings.ignore and (_NAME.search(name) or _VALUE.fullmatch(variable.text or "")):
            yield _CREDENTIAL.at(variable.path)


RULE = Rule(
    id="plain-credentials",
    title="No credentials in environment variables",
    description="No environment variable holds what looks like a credential.",
    why="Anybody who opens the notebook can read it, and with a stolen access key others can buy on the account.",
    steps="Remove the variable and use a RAM role, or enter the value in the notebook when it is needed.",
    severity=Severity.HIGH,
    reference=Reference.RAM,
    level=Level.ADVISORY,
    properties=("environmentVariables",),
    settings=Settings,
    check=check,
)
