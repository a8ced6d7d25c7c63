"""What a rule is: its words, its settings, its check and, where it can be fixed safely, its remediation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from paidsw.core.messages import Message
from paidsw.core.values import Node, UndecidedError, top_level
from paidsw.rules.messages import Text
from paidsw.trial.terms import Terms

# The one place that knows the type tokens of our resources; the rules are about instances.
INSTANCE_TYPE = "paidsw:index:Instance"
OWNER_TYPE = "paidsw:index:Owner"
CLEANUP_TYPE = "paidsw:index:Cleanup"
WORKSPACE_TYPE = "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"
PROVIDER_TYPE = "pulumi:providers:alicloud"


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


class Reference(StrEnum):
    """The public pages that the rules refer to."""

    TRIAL = "https://help.aliyun.com/document_detail/2261126.html"
    BILLING = "https://www.alibabacloud.com/help/en/pai/dsw-billing-description"
    IDLE = "https://help.aliyun.com/document_detail/470427.html"
    CREATE = "https://help.aliyun.com/zh/pai/developer-reference/api-pai-dsw-2022-01-01-createinstance"
    SNAPSHOT = (
        "https://help.aliyun.com/zh/pai/developer-reference/api-pai-dsw-2022-01-01-createinstancesnapshot"
    )
    RAM = "https://help.aliyun.com/document_detail/2840449.html"


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

    def knows(self, *properties: str) -> bool:
        """Whether the values of all these properties are known."""
        try:
            for name in properties:
                _ = self[name].value
        except UndecidedError:
            return False
        return True

    def undecided(self, name: str) -> UndecidedError:
        """What a rule of the whole stack raises because of this property."""
        return UndecidedError(self.path(name), self.urn)

    def path(self, path: str) -> str:
        """The path of a property with the resource's name before it, for rules of the whole stack."""
        return f"{self.name or 'instance'}.{path}"


def instances(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The notebook instances among the resources."""
    return tuple(resource for resource in resources if resource.type == INSTANCE_TYPE)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found at a property `path` such as `cloudDisks[0].capacity`.

    `urn` is the resource meant, where the check looks at the whole stack.
    """

    path: str
    what: Message
    allowed: Message
    fix: Message
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The English texts of one kind of finding, with the {names} of their values."""

    what: str
    allowed: str
    fix: str

    def at(self, path: str, /, urn: str = "", **values: object) -> Finding:
        """The finding at a path, with the values for all three texts."""
        what, allowed, fix = (Message(text, values) for text in (self.what, self.allowed, self.fix))
        return Finding(path, what, allowed, fix, urn)


@dataclass(frozen=True, slots=True)
class Violation:
    """A finding of a rule, at the rule's level."""

    rule: str
    finding: Finding
    level: Level
    severity: Severity
    urn: str = ""

    @property
    def path(self) -> str:
        """Where it was found, such as `cloudDisks[0].capacity`."""
        return self.finding.path

    @property
    def top_level(self) -> str:
        """The top-level property of the path, such as `cloudDisks`."""
        return top_level(self.path)

    @property
    def message(self) -> Message:
        """The one sentence that every place prints for it."""
        return sentence(self.rule, self.finding)


def sentence(rule_id: str, finding: Finding) -> Message:
    """A rule's finding in one sentence."""
    return Text.VIOLATION(
        what=finding.what,
        path=finding.path,
        allowed=finding.allowed,
        fix=finding.fix,
        rule=rule_id,
    )


class Range(NamedTuple):
    """The smallest and largest value of a number among the settings, for use in `Annotated`."""

    minimum: float
    maximum: float


class NoSettings(NamedTuple):
    """The settings of a rule that has none."""


S = TypeVar("S")
Check = Callable[[Resource, S, Terms], Iterable[Finding]]
StackCheck = Callable[[tuple[Resource, ...], S, Terms], Iterable[Finding]]
Remediation = Callable[[Resource, S, Terms], Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[S]):
    """One rule of the free tier.

    `settings` is a NamedTuple whose bounds stand in its annotations; it may only narrow what the trial's terms allow.
    (A dataclass takes ten times as long to make, and every run of Pulumi waits for the policy pack.)
    `properties` names the top-level inputs that the rule reads. `remediate` returns the top-level properties to
    set (None: to drop); it may move an instance only towards what costs nothing.
    """

    id: str
    title: str
    description: str
    why: str
    steps: str
    severity: Severity
    reference: Reference
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
