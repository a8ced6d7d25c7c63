"""The instance uses no network that is paid for: no EIP, NAT or NLB gateway, no route of its own."""

from collections.abc import Iterator, Mapping

from paidsw.rules.references import CREATE
from paidsw.rules.rule import Finding, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.rules.values import Node
from paidsw.trial.terms import Terms

FREE = ("vpcId", "vSwitchId", "securityGroupId")


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds everything in `userVpc` that is not known to be free."""
    vpc = instance["userVpc"]
    allowed = f"{', '.join(FREE)}, and defaultRoute eth0"
    if not vpc.absent and not isinstance(vpc.value, Mapping):
        yield Finding(vpc.path, f"the network can't be read from {vpc.shown()}", allowed, "remove userVpc")
    for field in vpc.fields:
        if not _free(field):
            what = (
                "this network setting leads over paid services (EIP, NAT or NLB gateway, a route of its own)"
            )
            yield Finding(field.path, what, allowed, "remove it")


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
    reference=CREATE,
    properties=("userVpc",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
