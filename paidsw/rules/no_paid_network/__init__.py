"""The instance uses no network that is paid for: no EIP, NAT or NLB gateway, no route of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from paidsw.core.values import Node
from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

FREE = ("vpcId", "vSwitchId", "securityGroupId")

_PAID = Wording(
    what="this network setting uses paid services (EIP, NAT or NLB gateway, a route of its own)",
    allowed="{free}, and defaultRoute eth0",
    fix="remove it",
)
_UNREADABLE = replace(_PAID, what="the network can't be read from {value}", fix="remove userVpc")


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds everything in `userVpc` that is not known to be free."""
    vpc = instance["userVpc"]
    free = ", ".join(FREE)
    if not vpc.absent and not isinstance(vpc.value, Mapping):
        yield _UNREADABLE.at(vpc.path, value=vpc.shown(), free=free)
    for field in vpc.fields:
        if not _free(field):
            yield _PAID.at(field.path, free=free)


def _free(field: Node) -> bool:
    if field.key in FREE or field.value in (None, "", [], ()):
        return True
    return field.key == "defaultRoute" and field.text == "eth0"


def remediate(instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """The parts of the network that are free."""
    vpc = instance["userVpc"]
    if not isinstance(vpc.value, Mapping):
        return {"userVpc": None}
    return {"userVpc": {name: value for name, value in vpc.value.items() if name in FREE} or None}


RULE = Rule(
    id="no-paid-network",
    title="No paid network",
    description="The instance uses no network that is paid for: no EIP, NAT or NLB gateway, no route of its own.",
    why="Forwarding and own routes need an EIP, NAT gateway or NLB, each billed by the hour whether used or not.",
    steps="Remove `userVpc`, or keep only vpcId, vSwitchId, securityGroupId and the default route eth0.",
    severity=Severity.HIGH,
    reference=Reference.CREATE,
    properties=("userVpc",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
