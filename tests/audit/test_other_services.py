"""What else is billed: every status and count that may cost does, unless it is known not to."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.audit import other_services
from paidsw.audit.model import Kind, Owner
from paidsw.audit.regions import PLACES
from paidsw.audit.reports.html import LINK
from paidsw.rules.registry import rules
from paidsw.rules.rule import Severity
from tests.support.audited import details
from tests.support.cloud import HOME

TYPES = (
    "alicloud:pai/service:Service",
    "alicloud:pai/easResource:EasResource",
    "alicloud:pai/dlcJob:DlcJob",
    "alicloud:cr/repo:Repo",
)


@pytest.mark.parametrize("token", TYPES)
def test_a_finding_has_the_rule_that_refuses_such_a_resource(token: str) -> None:
    rule, severity = other_services.billing_rule(token)
    assert rules()[rule].severity is severity


@pytest.mark.parametrize(
    "status", ["Running", "Creating", "Waiting", "Failed", "Updating", "stopped", "", None, 7, "Deleting"]
)
def test_a_service_costs_until_it_is_known_to_be_stopped(status: object) -> None:
    [found] = other_services.service({"ServiceId": "e", "ServiceName": "n", "Status": status}, HOME)
    assert (found.kind, found.severity) == (Kind.EAS_SERVICE, Severity.CRITICAL)
    assert (str(status) if status else "unknown status") in str(found.what)


@pytest.mark.parametrize("status", ["Stopped", "Deleted"])
def test_a_service_that_is_over(status: str) -> None:
    assert list(other_services.service({"Status": status}, HOME)) == []


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
def test_a_job_that_is_over(status: str) -> None:
    assert list(other_services.job({"Status": status}, HOME)) == []


@pytest.mark.parametrize("status", ["Creating", "Dequeued", "Restarting", "Stopping", "stopped", None, 0])
def test_a_job_costs_until_it_is_known_to_have_ended(status: object) -> None:
    [found] = other_services.job({"JobId": "dlc-1", "Status": status}, HOME)
    assert (found.where.id, found.kind) == ("dlc-1", Kind.DLC_JOB)


@pytest.mark.parametrize(
    ("counts", "severity"),
    [
        ({}, Severity.CRITICAL),
        ({"InstanceCount": None}, Severity.CRITICAL),
        ({"InstanceCount": "2"}, Severity.CRITICAL),
        ({"InstanceCount": "many"}, Severity.CRITICAL),
        ({"InstanceCount": [], "PostPaidInstanceCount": 0, "PrePaidInstanceCount": 0}, Severity.CRITICAL),
        ({"InstanceCount": 0, "PostPaidInstanceCount": 1}, Severity.CRITICAL),
        ({"InstanceCount": 3, "PrePaidInstanceCount": 3}, Severity.CRITICAL),
        ({"InstanceCount": 3, "PrePaidInstanceCount": 3, "PostPaidInstanceCount": 0}, Severity.HIGH),
        ({"InstanceCount": 3, "PrePaidInstanceCount": 2, "PostPaidInstanceCount": 1}, Severity.CRITICAL),
    ],
)
def test_machines_of_a_group_that_cannot_be_counted_are_there(
    counts: dict[str, Any], severity: Severity
) -> None:
    [found] = other_services.resource_group({"ResourceId": "eas-r-1", **counts}, HOME)
    assert (found.kind, found.severity) == (Kind.EAS_RESOURCE, severity)
    assert "None" not in str(found.what)


@pytest.mark.parametrize(
    "counts",
    [
        {"InstanceCount": 0},
        {"InstanceCount": "0"},
        {"InstanceCount": 0, "PostPaidInstanceCount": 0, "PrePaidInstanceCount": 0},
    ],
)
def test_a_group_without_machines(counts: dict[str, Any]) -> None:
    assert list(other_services.resource_group(counts, HOME)) == []


@pytest.mark.parametrize("access", ["PRIVATE", "", None, "public"])
def test_an_image_is_somebodys_unless_it_is_official(access: object) -> None:
    assert len(list(other_services.image({"ImageId": "i", "Accessibility": access}, HOME))) == 1


def test_where_it_is_ended_is_a_link_to_the_region() -> None:
    for region in PLACES:
        for judge in (
            other_services.service,
            other_services.resource_group,
            other_services.job,
            other_services.image,
        ):
            [found] = judge({}, region)
            assert [link for link in LINK.findall(str(found.end)) if link.endswith(f"regionId={region}")]
            assert found.where.region == region


@pytest.mark.parametrize(
    ("own", "owner"),
    [(None, Owner.UNKNOWN), (frozenset(), Owner.UNKNOWN), (frozenset({"7"}), Owner.DECLARED)],
)
def test_a_workspace_is_no_finding(own: frozenset[str] | None, owner: Owner) -> None:
    found = other_services.workspace({"WorkspaceId": 7, "WorkspaceName": "w", "IsDefault": True}, HOME, own)
    assert (found.owner, found.where.id, found.kind) == (owner, "7", "workspace")
    assert "default" in details(found)


def test_a_workspace_without_an_id_is_nobodys() -> None:
    assert other_services.workspace({}, HOME, frozenset({"7"})).owner is Owner.UNKNOWN
