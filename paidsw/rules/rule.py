"""What a rule is: its words, its settings, its check and, where it can be mended safely, its remediation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from paidsw.rules.values import Node
from paidsw.trial.terms import Terms

# The one place that knows the type token of the resource under the rules.
INSTANCE_TYPE = "paidsw:index:Instance"
WORKSPACE_TYPE = "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"
_SENTENCE = re.compile(r".*, at (?P<path>[^;]+); allowed: .* \[(?P<rule>[a-z0-9-]+)\]", re.DOTALL)


class Level(StrEnum):
    """What a violation does: Pulumi's enforcement levels."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


class Severity(StrEnum):
    """How much a violation can cost: Pulumi's severities."""

    LOW = "low"  # inconvenience
    MEDIUM = "medium"  # a failing create, or quota used for nothing
    HIGH = "high"  # money, up to some limit
    CRITICAL = "critical"  # money without a limit


class Scope(StrEnum):
    """Which resources a rule sees."""

    INSTANCE = "instance"  # each notebook instance by itself
    ANY = "any"  # each resource of the stack by itself, whatever its type
    STACK = "stack"  # all resources of the stack together


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as the engine describes it. `props` are plain values, in the Pulumi wire's names.

    `custom` is whether a provider manages it (components are not custom). `property_dependencies` maps the name
    of a property to the URNs of the resources that it comes from.
    """

    type: str
    props: Mapping[str, object]
    name: str = ""
    urn: str = ""
    custom: bool = True
    protect: bool = False
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Node:
        return Node(key, self.props.get(key))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: the parts of the sentence, and the resource meant (stack rules only)."""

    path: str
    what: str
    allowed: str
    do: str
    urn: str = ""

    def sentence(self, rule_id: str) -> str:
        """The one sentence that every place prints for this finding."""
        return f"{self.what}, at {self.path}; allowed: {self.allowed}; {self.do} [{rule_id}]"


def place_in(sentence: str) -> tuple[str, str] | None:
    """The property path and the rule of a finding's sentence; None where it is no such sentence."""
    found = _SENTENCE.fullmatch(sentence)
    return (found["path"], found["rule"]) if found else None


@dataclass(frozen=True, slots=True)
class Violation:
    """A finding under the rule's level. `path` is a property path such as `cloudDisks[0].capacity`."""

    rule: str
    path: str
    message: str
    level: Level
    severity: Severity
    urn: str = ""


S = TypeVar("S")
Check = Callable[[Resource, S, Terms], Iterable[Finding]]
StackCheck = Callable[[tuple[Resource, ...], S, Terms], Iterable[Finding]]
Remediation = Callable[[Resource, S, Terms], Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[S]):
    """One rule of the free tier.

    `properties` names the top-level inputs that the rule reads. `remediate` returns the top-level properties to
    set (None: to drop); it may move an instance only towards what costs nothing.
    """

    id: str
    title: str
    description: str
    why: str
    steps: str
    severity: Severity
    reference: str
    level: Level = Level.MANDATORY
    scope: Scope = Scope.INSTANCE
    properties: tuple[str, ...] = ()
    settings: type[S]
    check: Check[S] | None = None
    check_stack: StackCheck[S] | None = None
    remediate: Remediation[S] | None = None

    def __post_init__(self) -> None:
        of_stack = self.scope is Scope.STACK
        if (self.check is None) != of_stack or (self.check_stack is None) == of_stack:
            raise ValueError(f"rule {self.id} needs exactly the check of its scope")


AnyRule = Rule[Any]
