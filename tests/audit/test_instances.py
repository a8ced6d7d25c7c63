"""Instances against the rules: cost, what ends them, and when their disks are cleared."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from paidsw.audit import instances
from paidsw.audit.declared import Declared
from paidsw.audit.instances import Prices, examine_instance, running_cost
from paidsw.audit.listed import ListedInstance, read
from paidsw.audit.model import Cost, Kind, Owner
from paidsw.audit.reports.parts import Parts
from paidsw.cloud.models import DOWN
from paidsw.provider.instance import labels
from paidsw.rules.rule import Severity
from tests.support.audited import URN, declared, details
from tests.support.cloud import A10, HOME

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
PRICES = ({"InstanceType": A10, "Price": 11.6}, {"InstanceType": "ecs.big", "Price": 99})


def seen(
    region: str = HOME, compared: Declared | None = None, ours: bool = True, **more: Any
) -> ListedInstance:
    marks = [{"Key": key, "Value": value} for key, value in labels.ours(URN, 4).items()] if ours else []
    body: dict[str, Any] = {
        "InstanceId": "dsw-1",
        "InstanceName": "notebook",
        "Status": "Running",
        "EcsSpec": A10,
        "Accessibility": "PRIVATE",
        "CloudDisks": [{"SubType": "rootfs", "Capacity": "100Gi"}],
        "ImageUrl": f"dsw-registry-vpc.{HOME}.cr.aliyuncs.com/pai/modelscope:1.10.0-pytorch2.0.1-gpu-py38-ubuntu20.04",
        "Labels": marks,
        "IdleInstanceCuller": {
            "MaxIdleTimeInMinutes": 30,
            "CpuPercentThreshold": 5,
            "GpuPercentThreshold": 10,
        },
        "InstanceShutdownTimer": {"DueTime": "2026-01-20T16:00:00Z", "RemainingTimeInMs": 4 * 3_600_000},
        "GmtCreateTime": "2026-01-20T11:00:00Z",
        "GmtModifiedTime": "2026-01-20T12:00:00Z",
    }
    return read(body | more, region, compared)


def found(one: ListedInstance, *, pays: bool = True) -> dict[Kind, Any]:
    return {finding.kind: finding for finding in examine_instance(one, Prices(PRICES, pays), NOW)}


def test_one_of_ours_within_the_tier_has_nothing() -> None:
    assert found(seen()) == {}


@pytest.mark.parametrize(
    ("pays", "broken", "more", "expected"),
    [
        (True, set(), {}, Cost(Decimal("6.991"), "CU", "hour")),
        (False, set(), {}, Cost(Decimal("11.6"), "CNY", "hour")),
        (True, {"trial-region"}, {}, Cost(Decimal("11.6"), "CNY", "hour")),
        (True, {"no-spot"}, {}, Cost(Decimal("11.6"), "CNY", "hour")),
        (True, {"idle-shutdown"}, {}, Cost(Decimal("6.991"), "CU", "hour")),
        (True, set(), {"EcsSpec": "ecs.big"}, Cost(Decimal(99), "CNY", "hour")),
        (True, set(), {"EcsSpec": "ecs.unknown"}, None),
        (True, set(), {"Status": "Stopped"}, None),
        (True, set(), {"Status": "Saving"}, Cost(Decimal("6.991"), "CU", "hour")),
        (True, set(), {"PaymentType": "Subscription"}, None),
    ],
)
def test_what_running_costs(
    pays: bool, broken: set[str], more: dict[str, Any], expected: Cost | None
) -> None:
    assert running_cost(seen(**more), Prices(PRICES, pays), broken) == expected


@pytest.mark.parametrize("status", ["Running", "Queuing", "Saving", "Saved", "SaveFailed", "", "Levitating"])
def test_a_machine_without_guards_is_a_finding_while_it_may_be_up(status: str) -> None:
    one = seen(Status=status, IdleInstanceCuller=None, InstanceShutdownTimer=None)
    rules = {finding.rule for finding in examine_instance(one, Prices(), NOW)}
    assert {"idle-shutdown", "shutdown-timer"} <= rules


@pytest.mark.parametrize("status", sorted(DOWN))
def test_one_that_is_down_needs_no_guards(status: str) -> None:
    one = seen(Status=status, IdleInstanceCuller=None, InstanceShutdownTimer=None)
    assert Kind.UNGUARDED not in found(one)


def test_a_timer_that_is_nearly_over_is_a_timer() -> None:
    timer = {"DueTime": "2026-01-20T12:00:01Z", "RemainingTimeInMs": 1}
    assert Kind.UNGUARDED not in found(seen(ours=False, InstanceShutdownTimer=timer))


def test_a_timer_beyond_what_is_allowed_is_none() -> None:
    timer = {"DueTime": "2026-03-20T12:00:00Z", "RemainingTimeInMs": 60 * 24 * 3_600_000}
    assert Kind.UNGUARDED in found(seen(ours=False, InstanceShutdownTimer=timer))


@pytest.mark.parametrize(
    ("compared", "ours", "words"),
    [
        (declared("dsw-1"), True, "pulumi destroy"),
        (declared("dsw-1"), False, "pulumi destroy"),
        (declared(), True, f"dsw release dsw-1 --region {HOME}"),
        (
            None,
            True,
            f"pulumi destroy in its stack (dsw-free-tier/dev), or dsw release dsw-1 --region {HOME}",
        ),
        (
            Declared("dsw-free-tier", "prod"),
            True,
            f"pulumi destroy in its stack (dsw-free-tier/dev), or dsw release dsw-1 --region {HOME}",
        ),
        (
            None,
            False,
            f"dsw release dsw-1 --region {HOME}, "
            f"or https://pai.console.aliyun.com/?regionId={HOME} (DSW), if it is yours",
        ),
    ],
)
def test_what_ends_it(compared: Declared | None, ours: bool, words: str) -> None:
    assert str(seen(compared=compared, ours=ours).ending) == words


@pytest.mark.parametrize("identifier", ["dsw-1; rm -rf ~", "$(x)", "-rf", "--all", "a b", "", "x" * 65, "é"])
def test_an_id_that_is_none_is_not_put_into_a_command(identifier: str) -> None:
    words = str(seen(ours=False, InstanceId=identifier).ending)
    assert words == f"delete it at https://pai.console.aliyun.com/?regionId={HOME} (DSW)"


@pytest.mark.parametrize("name", ["a; rm", "`x`", "p" * 60, "a\nb", "x)"])
def test_a_stack_of_another_name_is_not_quoted_where_a_command_stands(name: str) -> None:
    marks = [{"Key": key, "Value": name} for key in (labels.URN, labels.PROJECT, labels.STACK)]
    words = str(seen(Labels=marks).ending)
    assert name not in words
    assert words.endswith(f"dsw release dsw-1 --region {HOME}")


def test_the_longest_ending_fits_into_the_line() -> None:
    marks = [{"Key": labels.URN, "Value": "x"}]
    marks += [{"Key": key, "Value": "p" * 50} for key in (labels.PROJECT, labels.STACK)]
    one = seen("ap-southeast-1", Labels=marks, InstanceId="d" * 64, Status="Stopped")
    [clearing] = [one for one in examine_instance(one, Prices(), NOW) if one.kind is Kind.DISK_CLEARED]
    assert Parts().line(clearing.end) == str(clearing.end)
    assert str(clearing.end).endswith("--region ap-southeast-1")


@pytest.mark.parametrize(
    ("modified", "when", "severity"),
    [
        ("2026-01-20T12:00:00Z", "in 15 days at the latest", Severity.LOW),
        ("2026-01-09T12:00:00Z", "in 4 days at the latest", Severity.LOW),
        ("2026-01-09T11:59:59Z", "in 3 days at the latest", Severity.MEDIUM),
        ("2026-01-06T12:00:00Z", "in 1 day at the latest", Severity.MEDIUM),
        ("2026-01-05T12:00:01Z", "within a day", Severity.MEDIUM),
    ],
)
def test_days_until_a_disk_is_cleared(modified: object, when: str, severity: Severity) -> None:
    clearing = found(seen(Status="Stopped", GmtModifiedTime=modified))[Kind.DISK_CLEARED]
    assert f": {when} (2026-" in str(clearing.what)
    assert clearing.severity is severity
    assert "start it once to keep the files" in str(clearing.end)


@pytest.mark.parametrize("modified", ["2026-01-05T12:00:00Z", "2026-01-04T12:00:00Z", "2020-01-01T00:00:00Z"])
def test_a_disk_that_is_cleared_has_no_date_to_come(modified: str) -> None:
    clearing = found(seen(Status="Stopped", GmtModifiedTime=modified))[Kind.DISK_CLEARED]
    assert str(clearing.what).startswith("stopped for more than 15 days, so the cloud has deleted")
    assert "in 0 days" not in str(clearing.what)
    assert "keep the files" not in str(clearing.end)
    assert clearing.severity is Severity.LOW


@pytest.mark.parametrize("modified", ["", "yesterday", None])
def test_a_stop_at_a_time_that_nobody_knows_is_said_to_be_that(modified: object) -> None:
    clearing = found(seen(Status="Stopped", GmtModifiedTime=modified))[Kind.DISK_CLEARED]
    assert "nobody can tell since when" in str(clearing.what)
    assert not re.search("in 0 days|2026", str(clearing.what))
    assert clearing.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("disks", "kinds"),
    [
        ([{"SubType": "rootfs", "Capacity": "100Gi"}], {Kind.DISK_CLEARED}),
        ([{"SubType": "rootfs", "Capacity": "101Gi"}], {Kind.DISK}),
        ([{"SubType": "rootfs", "Capacity": "1Ti"}], {Kind.DISK}),
        (
            [{"SubType": "rootfs", "Capacity": "100Gi"}, {"SubType": "data", "Capacity": "20Gi"}],
            {Kind.DISK},
        ),
    ],
)
def test_disks_at_rest(disks: list[dict[str, str]], kinds: set[Kind]) -> None:
    result = found(seen(Status="Stopped", CloudDisks=disks))
    assert set(result) == kinds
    assert all(one.cost is None for one in result.values())


def test_a_disks_price_is_not_the_machines() -> None:
    one = seen(CloudDisks=[{"SubType": "rootfs", "Capacity": "200Gi"}])
    assert found(one)[Kind.DISK].cost is None


@pytest.mark.parametrize(
    ("status", "severity", "cost"),
    [
        ("Running", Severity.CRITICAL, Cost(Decimal("6.991"), "CU", "hour")),
        ("Stopped", Severity.HIGH, None),
    ],
)
def test_a_ghost(status: str, severity: Severity, cost: Cost | None) -> None:
    ghost = found(seen(compared=declared(), Status=status))[Kind.UNDECLARED]
    assert (ghost.severity, ghost.cost) == (severity, cost)


def test_what_another_stack_made_is_that_stacks() -> None:
    assert found(seen(compared=Declared("dsw-free-tier", "prod"))) == {}
    assert seen(compared=Declared("dsw-free-tier", "prod")).owner is Owner.OTHER_STACK


def test_what_is_stopped_and_not_ours_uses_no_quota() -> None:
    assert Kind.NOT_OURS in found(seen(ours=False))
    assert Kind.NOT_OURS not in found(seen(ours=False, Status="Stopped"))


@pytest.mark.parametrize(
    ("more", "kind", "rule"),
    [
        ({"Accessibility": "PUBLIC"}, Kind.EXPOSED, "private-instance"),
        ({"EcsSpec": "ecs.big"}, Kind.OUT_OF_TIER, "trial-instance-type"),
        ({"ResourceId": "rg-1"}, Kind.OUT_OF_TIER, "public-resources-only"),
        ({"Datasets": [{"Uri": "nas://x/", "MountPath": "/m"}]}, Kind.STORAGE, "free-dataset-storage"),
        (
            {"UserVpc": {"VpcId": "vpc-1", "ForwardInfos": [{"NatGatewayId": "ngw-1"}]}},
            Kind.NETWORK,
            "no-paid-network",
        ),
    ],
)
def test_rules_and_kinds(more: dict[str, Any], kind: Kind, rule: str) -> None:
    finding = found(seen(**more))[kind]
    assert finding.rule == rule
    assert "; " not in str(finding.what)  # what to do in a program is not what to do here


def test_one_of_an_unknown_region_is_out_of_the_tier() -> None:
    assert found(seen("eu-central-1"))[Kind.OUT_OF_TIER].rule == "trial-region"


def test_the_list_of_what_is_there() -> None:
    up = instances.thing(seen())
    assert details(up) == (
        f"{A10}, 100Gi, stops at 2026-01-20T16:00:00Z, stops after 30 idle minutes, stack dsw-free-tier/dev"
    )
    bare = instances.thing(seen(ours=False, IdleInstanceCuller={}, InstanceShutdownTimer={}, EcsSpec=""))
    assert details(bare) == "no instance type, 100Gi, no shutdown timer, no idle culler"
    assert details(instances.thing(seen(ours=False, Status="Stopped"))) == f"{A10}, 100Gi"


def test_what_is_gone_is_told_only_of_regions_that_were_seen() -> None:
    state = Declared("p", "s", {"dsw-1": HOME, "dsw-2": "cn-beijing", "dsw-3": HOME, "dsw-4": ""})
    lost = list(instances.gone(state, {"dsw-3"}, {HOME}))
    assert [(one.where.id, str(one.end), one.owner) for one in lost] == [
        ("dsw-1", "pulumi refresh", Owner.DECLARED)
    ]
