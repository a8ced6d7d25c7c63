"""The instance's labels are of a form that the cloud takes."""

from collections.abc import Iterator
from dataclasses import replace

from paidsw.core.text import is_plain
from paidsw.core.values import Node
from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

LONGEST = 128
# Labels of the cloud itself, and of this stack.
_RESERVED = ("aliyun", "acs:", "paidsw-")
_ADDRESSES = ("http://", "https://")

_KEY = Wording(
    what="the name of a label is empty or longer than {longest} characters",
    allowed="names of 1 to {longest} characters",
    fix="correct the name",
)
_RESERVED_KEY = replace(
    _KEY,
    what="the name of a label begins like the cloud's or the stack's own",
    allowed="other beginnings than {reserved}",
)
_ODD_KEY = replace(
    _KEY,
    what="the name of a label has a comma, a web address or a control character in it",
    allowed="names without them",
)
_VALUE = replace(
    _KEY,
    what="a label's value is longer than {longest} characters",
    allowed="up to {longest} characters",
    fix="shorten it",
)
_ODD_VALUE = replace(
    _VALUE,
    what="a label's value has a control character in it",
    allowed="text in one line",
    fix="take it out",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds labels that the cloud refuses; their names and values are not shown."""
    for label in instance["labels"].fields:
        wording = _of_key(label.key) or _of_value(label)
        if wording is not None:
            yield wording.at(label.path, longest=LONGEST, reserved=", ".join(_RESERVED))


def _of_key(key: str) -> Wording | None:
    if not 1 <= len(key) <= LONGEST:
        return _KEY
    if key.startswith(_RESERVED):
        return _RESERVED_KEY
    if "," in key or not is_plain(key) or any(address in key for address in _ADDRESSES):
        return _ODD_KEY
    return None


def _of_value(label: Node) -> Wording | None:
    value = label.text or ""
    if len(value) > LONGEST:
        return _VALUE
    return None if is_plain(value) else _ODD_VALUE


RULE = Rule(
    id="label-form",
    title="Labels that the cloud takes",
    description="The instance's labels are of a form that the cloud takes.",
    why="The cloud refuses others, after the workspace was made or the notebook was stopped for the change.",
    steps="Keep names and values within 128 characters, and leave aliyun, acs: and paidsw- to the cloud and the stack.",
    severity=Severity.MEDIUM,
    reference=Reference.CREATE,
    properties=("labels",),
    settings=NoSettings,
    check=check,
)
