"""What else is billed: EAS services and resource groups, DLC jobs, saved images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from paidsw.audit.endings import REAL, Endings
from paidsw.audit.messages import Text
from paidsw.audit.model import Finding, Kind, Owner, Thing, Where
from paidsw.audit.regions import Service
from paidsw.core.numbers import whole
from paidsw.core.redaction import hidden, keep
from paidsw.rules.images import personal_region
from paidsw.rules.registry import examine
from paidsw.rules.rule import Resource, Severity

Item = Mapping[str, Any]
# Nothing runs any more. Every other status, known or not, counts as costing.
_ENDED_JOBS = frozenset({"Succeeded", "Failed", "Stopped"})
_ENDED_SERVICES = frozenset({"Stopped", "Deleted"})


def billing_rule(pulumi_type: str) -> tuple[str, Severity]:
    """The rule that would refuse a resource of this type in a stack, and its severity."""
    [violation] = examine(Resource(pulumi_type, {})).violations
    return violation.rule, violation.severity


def service(item: Item, region: str, endings: Endings = REAL) -> Iterator[Finding]:
    """An EAS service that isn't stopped."""
    status = str(item.get("Status") or "")
    if status in _ENDED_SERVICES:
        return
    rule, severity = billing_rule("alicloud:pai/service:Service")
    name, machines = _text(item, "ServiceName"), item.get("TotalInstance")
    yield Finding(
        Kind.EAS_SERVICE,
        severity,
        Text.EAS_SERVICE(status=status or Text.UNKNOWN_STATUS(), machines=machines),
        Where(region, Service.EAS, _text(item, "ServiceId"), name),
        endings.service(region),
        rule,
        _text(item, "CreateTime"),
    )


def resource_group(item: Item, region: str, endings: Endings = REAL) -> Iterator[Finding]:
    """An EAS resource group that holds machines."""
    counts = [
        whole(item.get(name)) for name in ("PostPaidInstanceCount", "PrePaidInstanceCount", "InstanceCount")
    ]
    # A missing count may be anything, unless the total is 0.
    if not any(counts) and counts[-1] == 0:
        return
    unknown = Text.UNKNOWN_COUNT()
    paid, ahead, total = (unknown if count is None else count for count in counts)
    rule, severity = billing_rule("alicloud:pai/easResource:EasResource")
    if counts[1] and counts[0] == 0:
        severity = Severity.HIGH
    yield Finding(
        Kind.EAS_RESOURCE,
        severity,
        Text.EAS_RESOURCES(total=total, paid=paid, ahead=ahead),
        Where(region, Service.EAS, _text(item, "ResourceId"), _text(item, "ResourceName")),
        endings.resource_group(region),
        rule,
        _text(item, "CreateTime"),
    )


def job(item: Item, region: str, endings: Endings = REAL) -> Iterator[Finding]:
    """A DLC job that hasn't ended."""
    status = str(item.get("Status") or "")
    if status in _ENDED_JOBS:
        return
    rule, severity = billing_rule("alicloud:pai/dlcJob:DlcJob")
    yield Finding(
        Kind.DLC_JOB,
        severity,
        Text.DLC_JOB(status=status or Text.UNKNOWN_STATUS()),
        Where(region, Service.DLC, _text(item, "JobId"), _text(item, "DisplayName")),
        endings.job(region),
        rule,
        _text(item, "GmtCreateTime"),
    )


def image(item: Item, region: str, endings: Endings = REAL) -> Iterator[Finding]:
    """A private image in Container Registry; ListImages may return official ones in spite of its filter."""
    if item.get("Accessibility") == "PUBLIC":
        return
    free = personal_region(_text(item, "ImageUri")) is not None
    rule, _ = billing_rule("alicloud:cr/repo:Repo")
    yield Finding(
        Kind.IMAGE,
        Severity.LOW if free else Severity.MEDIUM,
        Text.FREE_IMAGE() if free else Text.IMAGE(),
        Where(region, Service.WORKSPACE, _text(item, "ImageId"), _text(item, "Name")),
        endings.image(region),
        rule,
        _text(item, "GmtCreateTime"),
    )


def workspace(item: Item, region: str, declared: frozenset[str] | None) -> Thing:
    """A workspace, which costs nothing by itself."""
    identifier = _text(item, "WorkspaceId")
    whose = Owner.DECLARED if declared and identifier in declared else Owner.UNKNOWN
    name = _text(item, "WorkspaceName")
    if "workspace_name" in hidden(identifier):
        keep(name)
    where = Where(region, Service.WORKSPACE, identifier, name)
    kind = Text.DEFAULT_WORKSPACE() if item.get("IsDefault") else Text.FREE()
    return Thing("workspace", where, _text(item, "Status"), whose, _text(item, "GmtCreateTime"), (kind,))


def _text(item: Item, name: str) -> str:
    return str(item.get(name) or "")
