"""What bills besides notebooks: EAS services and resource groups, DLC jobs, saved images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from paidsw.audit.model import Finding, Kind, Owner, Thing, Where
from paidsw.audit.regions import Service
from paidsw.rules.images import personal_region
from paidsw.rules.registry import examine
from paidsw.rules.rule import Resource, Severity

Item = Mapping[str, Any]
# They run nothing any more. Every other status, known or not, counts as costing.
_ENDED_JOBS = frozenset({"Succeeded", "Failed", "Stopped"})
_ENDED_SERVICES = frozenset({"Stopped", "Deleted"})


def console(region: str) -> str:
    """PAI's console in a region."""
    return f"https://pai.console.aliyun.com/?regionId={region}"


def billing_rule(pulumi_type: str) -> tuple[str, Severity]:
    """Rule and severity that a stack with a resource of this type would be refused with."""
    [violation] = examine(Resource(pulumi_type, {})).violations
    return violation.rule, violation.severity


def service(item: Item, region: str) -> Iterator[Finding]:
    """An EAS service that isn't stopped."""
    status = str(item.get("Status") or "")
    if status in _ENDED_SERVICES:
        return
    rule, severity = billing_rule("alicloud:pai/service:Service")
    name, machines = _text(item, "ServiceName"), item.get("TotalInstance")
    yield Finding(
        Kind.EAS_SERVICE,
        severity,
        f"an EAS service ({status or 'of unknown status'}, machines: {machines}); it bills apart from the DSW trial,"
        " day and night, whether anybody calls it or not",
        Where(region, Service.EAS, _text(item, "ServiceId"), name),
        f"{console(region)} (Model Deployment, EAS): stop or delete the service",
        rule,
        _text(item, "CreateTime"),
    )


def resource_group(item: Item, region: str) -> Iterator[Finding]:
    """An EAS resource group that holds machines."""
    counts = [
        _count(item, name) for name in ("PostPaidInstanceCount", "PrePaidInstanceCount", "InstanceCount")
    ]
    # A count that isn't there may be of anything, unless the total says that there is nothing.
    if not any(counts) and counts[-1] == 0:
        return
    paid, ahead, total = ("unknown" if count is None else count for count in counts)
    rule, severity = billing_rule("alicloud:pai/easResource:EasResource")
    if counts[1] and counts[0] == 0:
        severity = Severity.HIGH
    yield Finding(
        Kind.EAS_RESOURCE,
        severity,
        f"a dedicated EAS resource group with {total} machines ({paid} pay as you go, {ahead} paid in advance), which"
        " bill whether a service runs on them or not",
        Where(region, Service.EAS, _text(item, "ResourceId"), _text(item, "ResourceName")),
        f"{console(region)} (EAS, resource groups): delete its machines, then the group",
        rule,
        _text(item, "CreateTime"),
    )


def job(item: Item, region: str) -> Iterator[Finding]:
    """A DLC job that hasn't ended."""
    status = str(item.get("Status") or "")
    if status in _ENDED_JOBS:
        return
    rule, severity = billing_rule("alicloud:pai/dlcJob:DlcJob")
    yield Finding(
        Kind.DLC_JOB,
        severity,
        f"a DLC job that hasn't ended ({status or 'of unknown status'}); it bills apart from the DSW trial",
        Where(region, Service.DLC, _text(item, "JobId"), _text(item, "DisplayName")),
        f"{console(region)} (Deep Learning Containers, DLC): stop the job",
        rule,
        _text(item, "GmtCreateTime"),
    )


def image(item: Item, region: str) -> Iterator[Finding]:
    """A private image, which Container Registry stores; the filter of ListImages may let official ones through."""
    if item.get("Accessibility") == "PUBLIC":
        return
    free = personal_region(_text(item, "ImageUri")) is not None
    rule, _ = billing_rule("alicloud:cr/repo:Repo")
    yield Finding(
        Kind.IMAGE,
        Severity.LOW if free else Severity.MEDIUM,
        "a saved image in Container Registry's Personal Edition; it costs nothing, and stays until it is deleted"
        if free
        else "a saved image; where its Container Registry is a paid edition, storing it bills",
        Where(region, Service.WORKSPACE, _text(item, "ImageId"), _text(item, "Name")),
        f"delete it at https://cr.console.aliyun.com/ and at {console(region)} (AI Asset Management, images)",
        rule,
        _text(item, "GmtCreateTime"),
    )


def workspace(item: Item, region: str, declared: frozenset[str] | None) -> Thing:
    """A workspace, which costs nothing by itself."""
    identifier = _text(item, "WorkspaceId")
    whose = Owner.DECLARED if declared and identifier in declared else Owner.UNKNOWN
    where = Where(region, Service.WORKSPACE, identifier, _text(item, "WorkspaceName"))
    default = "the region's default workspace, free" if item.get("IsDefault") else "free"
    return Thing("workspace", where, _text(item, "Status"), whose, _text(item, "GmtCreateTime"), default)


def _text(item: Item, name: str) -> str:
    return str(item.get(name) or "")


def _count(item: Item, name: str) -> int | None:
    value = item.get(name)
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None
