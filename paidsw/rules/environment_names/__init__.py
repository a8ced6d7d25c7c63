"""Environment variables have names and values that a process can have."""

import re
from collections.abc import Iterator
from dataclasses import replace

from paidsw.core.text import is_plain
from paidsw.core.values import Node
from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_NAME = re.compile(r"[A-Za-z_.-][A-Za-z0-9_.-]*")

_ODD_NAME = Wording(
    what="the name of an environment variable has characters that none can have",
    allowed="letters, digits, underscores, dots and hyphens, no digit first",
    fix="correct the name",
)
_EMPTY_NAME = replace(_ODD_NAME, what="the name of an environment variable is empty")
_WITH_VALUE = replace(
    _ODD_NAME,
    what="the name of an environment variable has a = in it",
    fix="write NAME: VALUE, not NAME=VALUE",
)
_ODD_VALUE = Wording(
    what="the value of an environment variable has a control character in it",
    allowed="text, with line breaks and tabs",
    fix="take it out",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds variables that no process can get; neither name nor value is shown."""
    for variable in instance["environmentVariables"].fields:
        wording = _of_name(variable.key) or _of_value(variable)
        if wording is not None:
            # A name may be a whole assignment, secret and all.
            yield wording.at(variable.path if wording is _ODD_VALUE else "environmentVariables")


def _of_name(name: str) -> Wording | None:
    if _NAME.fullmatch(name):
        return None
    if not name:
        return _EMPTY_NAME
    return _WITH_VALUE if "=" in name else _ODD_NAME


def _of_value(variable: Node) -> Wording | None:
    value = variable.text or ""
    return None if is_plain(re.sub(r"[\t\r\n]", " ", value)) else _ODD_VALUE


RULE = Rule(
    id="environment-names",
    title="Environment variables that a process can have",
    description="Environment variables have names and values that a process can have.",
    why="With another the notebook, stopped for the change, doesn't start any more.",
    steps="Use letters, digits, underscores, dots and hyphens in names, no digit first; write NAME: VALUE.",
    severity=Severity.MEDIUM,
    reference=Reference.CREATE,
    properties=("environmentVariables",),
    settings=NoSettings,
    check=check,
)
