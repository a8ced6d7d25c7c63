"""Every kind of finding, each on an account that has it, and none on one that hasn't."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from paidsw.audit import other_services
from paidsw.audit.model import CLEAN, FINDINGS, Cost, Kind, Owner
from paidsw.audit.regions import PLACES
from paidsw.cloud.connection import Connection
from paidsw.emulator.aiworkspace.models import Image
from paidsw.emulator.dsw.models import Spec
from paidsw.provider.instance import labels
from paidsw.rules.registry import rules
from paidsw.rules.rule import Severity
from tests.support.audited import OWNER_ID, AuditedAccount, declared, details, kinds, only
from tests.support.cloud import A10, HOME, OFF_TIER


def test_an_empty_account_is_clean(world: AuditedAccount) -> None:
    report = world.audit()
    assert (report.findings, report.exit_code, report.incomplete) == ((), CLEAN, False)
    assert report.regions == tuple(PLACES)
    assert str(report.verdict) == f"Nothing that costs in {len(PLACES)} regions"
    assert report.account.left_cu == 250
    assert report.account.balance == "1,000.00"
    assert [str(item.what) for item in report.not_seen] == [
        "private instances of other users of this account"
    ]
    assert all(call.operation.startswith(("List", "Get", "Query")) for call in world.emulator.calls)


def test_a_notebook_of_ours_within_the_tier_costs_nothing(world: AuditedAccount) -> None:
    made = world.guarded()
    report = world.audit(declared=declared(made))
    assert (report.findings, report.exit_code) == ((), CLEAN)
    [notebook] = [thing for thing in report.things if thing.kind == "instance"]
    assert (notebook.where.id, notebook.status, notebook.owner) == (made, "Running", Owner.DECLARED)
    assert "stops after 30 idle minutes" in details(notebook)
    assert "stack dsw-free-tier/dev" in details(notebook)
    assert report.compared == "dsw-free-tier/dev"


def test_without_a_state_labels_say_whose_it_is(world: AuditedAccount) -> None:
    world.guarded()
    report = world.audit()
    assert report.exit_code == CLEAN
    assert [thing.owner for thing in report.things if thing.kind == "instance"] == [Owner.OURS]


def test_an_instance_in_another_region(world: AuditedAccount) -> None:
    world.guarded(region="cn-hongkong")
    found = only(world.audit(), Kind.OUT_OF_TIER)
    assert (found.severity, found.rule, found.where.region) == (
        Severity.CRITICAL,
        "trial-region",
        "cn-hongkong",
    )
    assert found.cost == Cost(Decimal("11.6"), "CNY", "hour")
    assert str(found.cost) == "11.60 CNY/hour"
    assert found.since.startswith("2026-01-05T")


def test_what_an_import_only_claimed_is_not_called_left_over(world: AuditedAccount) -> None:
    world.put(1, labels={labels.OWNER: OWNER_ID})
    found = only(world.audit(HOME, declared=declared(owners=(OWNER_ID,))), Kind.UNDECLARED)
    said = "an import was to take it over and isn't finished; importId and pulumi up finish it"
    assert str(found.what) == said


def test_a_type_that_the_trial_does_not_pay(world: AuditedAccount) -> None:
    made = world.guarded(ecs_spec=OFF_TIER)
    found = only(world.audit(), Kind.OUT_OF_TIER)
    assert (found.rule, found.where.id, found.owner) == ("trial-instance-type", made, Owner.OURS)
    assert found.cost == Cost(Decimal("12.6"), "CNY", "hour")
    assert f"dsw release {made} --region {HOME}" in str(found.end)


def test_a_stopped_one_of_a_wrong_type_costs_when_it_is_started(world: AuditedAccount) -> None:
    world.put(1, spec=Spec(OFF_TIER))
    found = only(world.audit(), Kind.OUT_OF_TIER)
    assert (found.severity, found.cost) == (Severity.LOW, None)
    assert "once it is started" in str(found.what)


def test_without_guards_or_label(world: AuditedAccount) -> None:
    world.cloud.running()
    report = world.audit()
    unguarded = {finding.rule: finding for finding in report.findings if finding.kind is Kind.UNGUARDED}
    assert set(unguarded) == {"idle-shutdown", "shutdown-timer"}
    assert unguarded["shutdown-timer"].severity is Severity.CRITICAL
    assert unguarded["shutdown-timer"].cost == Cost(Decimal("6.991"), "CU", "hour")
    foreign = only(report, Kind.NOT_OURS)
    assert (foreign.owner, foreign.severity) == (Owner.NOT_OURS, Severity.MEDIUM)
    assert "if it is yours" in str(foreign.end)


def test_somebody_elses_timer_is_a_timer(world: AuditedAccount) -> None:
    made = world.cloud.running()
    world.cloud.set_timer(made, 0.1)
    assert {f.rule for f in world.audit().findings if f.kind is Kind.UNGUARDED} == {"idle-shutdown"}


def test_an_unknown_status_counts_as_running(world: AuditedAccount) -> None:
    made = world.put(1)
    world.change(made, lambda instance: setattr(instance, "status", "Teleporting"))
    assert Kind.UNGUARDED in kinds(world.audit())


def test_a_subscription_is_seen_and_not_refunded(world: AuditedAccount) -> None:
    world.put(1, payment_type="Subscription", status="Running")
    found = only(world.audit(), Kind.SUBSCRIPTION)
    assert (found.rule, found.cost, found.severity) == ("public-resources-only", None, Severity.HIGH)
    assert "refunds nothing" in str(found.what)


def test_a_resource_group_is_not_in_the_tier(world: AuditedAccount) -> None:
    world.put(1, spec=Spec(A10, ResourceId="rg-1"))
    found = only(world.audit(), Kind.OUT_OF_TIER)
    assert (found.rule, found.severity) == ("public-resources-only", Severity.CRITICAL)


def test_the_grown_disk_of_a_stopped_instance(world: AuditedAccount) -> None:
    made = world.put(1, disk_gib=200)
    report = world.audit()
    found = only(report, Kind.DISK)
    assert (found.rule, found.severity, found.where.id) == ("system-disk-size", Severity.HIGH, made)
    assert found.cost is None
    assert Kind.DISK_CLEARED not in kinds(report)  # grown disks are kept, and bill


def test_the_free_disk_of_a_stopped_instance_is_cleared(world: AuditedAccount) -> None:
    world.put(1)
    found = only(world.audit(), Kind.DISK_CLEARED)
    assert (found.severity, "in 15 days at the latest" in str(found.what)) == (Severity.LOW, True)
    world.emulator.clock.advance(days=13)
    found = only(world.audit(), Kind.DISK_CLEARED)
    assert (found.severity, "in 2 days at the latest" in str(found.what)) == (Severity.MEDIUM, True)


def test_keeping_a_disk_is_billed_where_the_trial_does_not_pay(world: AuditedAccount) -> None:
    world.put(1)
    assert str(only(world.audit(), Kind.DISK_CLEARED).end).startswith("start it once to keep the files, or ")
    world.emulator.trial(claimed=False)
    kept = only(world.audit(), Kind.DISK_CLEARED)
    assert str(kept.end).startswith("start it once to keep the files, which is billed, or ")


def test_a_public_instance(world: AuditedAccount) -> None:
    world.guarded(accessibility="PUBLIC")
    assert only(world.audit(), Kind.EXPOSED).rule == "private-instance"


def test_paid_ways_in(world: AuditedAccount) -> None:
    vpc: dict[str, Any] = {"VpcId": "vpc-1", "ForwardInfos": [{"EipAllocationId": "eip-1", "Enable": True}]}
    world.put(1, spec=Spec(A10, UserVpc=vpc))
    assert {f.rule for f in world.audit().findings if f.kind is Kind.NETWORK} == {"no-paid-network"}


def test_data_on_billed_storage(world: AuditedAccount) -> None:
    world.put(1, spec=Spec(A10, Datasets=[{"Uri": "oss://bucket/", "MountPath": "/mnt/data"}]))
    found = only(world.audit(), Kind.STORAGE)
    assert (found.rule, "OSS" in str(found.what)) == ("free-dataset-storage", True)


def test_a_ghost_of_a_crash(world: AuditedAccount) -> None:
    made = world.guarded()
    found = only(world.audit(declared=declared()), Kind.UNDECLARED)
    assert (found.severity, found.where.id, found.owner) == (Severity.CRITICAL, made, Owner.UNDECLARED)
    assert str(found.end).startswith(f"dsw release {made} --region {HOME}")
    assert found.cost == Cost(Decimal("6.991"), "CU", "hour")


def test_a_declared_instance_that_is_gone(world: AuditedAccount) -> None:
    report = world.audit(declared=declared("dsw-gone"))
    found = only(report, Kind.GONE)
    assert (found.where.id, found.severity) == ("dsw-gone", Severity.LOW)
    assert "pulumi refresh" in str(found.end)
    assert world.audit("cn-beijing", declared=declared("dsw-gone")).findings == ()


def test_an_eas_service(world: AuditedAccount) -> None:
    world.emulator.other("eas-service", "eas-m-1", "cn-zhangjiakou", name="chat")
    world.emulator.other("eas-service", "eas-m-2", "cn-beijing", status="Stopped")
    found = only(world.audit(), Kind.EAS_SERVICE)
    assert (found.where.name, found.severity) == ("chat", Severity.CRITICAL)
    assert (found.rule, found.where.region) == ("free-resources-only", "cn-zhangjiakou")
    assert "reset" in str(found.end)


@pytest.mark.parametrize(
    ("counts", "severity"),
    [
        ({"PostPaidInstanceCount": 1, "InstanceCount": 1}, Severity.CRITICAL),
        ({"PostPaidInstanceCount": 0, "PrePaidInstanceCount": 2, "InstanceCount": 2}, Severity.HIGH),
        ({"PostPaidInstanceCount": 0, "InstanceCount": 3}, Severity.CRITICAL),
    ],
)
def test_an_eas_resource_group(world: AuditedAccount, counts: dict[str, Any], severity: Severity) -> None:
    world.emulator.other("eas-resource", "eas-r-1", HOME, **counts)
    empty: dict[str, Any] = {"PostPaidInstanceCount": 0, "InstanceCount": 0}
    world.emulator.other("eas-resource", "eas-r-2", HOME, **empty)
    found = only(world.audit(HOME), Kind.EAS_RESOURCE)
    assert (found.where.id, found.severity) == ("eas-r-1", severity)


@pytest.mark.parametrize("status", ["Running", "Queuing", "SucceededReserving", "", "Levitating"])
def test_a_dlc_job_that_has_not_ended(world: AuditedAccount, status: str) -> None:
    world.emulator.other("dlc-job", "dlc-1", HOME, status=status, WorkspaceId="9")
    for number, ended in enumerate(("Succeeded", "Failed", "Stopped")):
        world.emulator.other("dlc-job", f"dlc-e{number}", HOME, status=ended)
    found = only(world.audit(HOME), Kind.DLC_JOB)
    assert (found.where.id, found.severity) == ("dlc-1", Severity.CRITICAL)
    assert (status or "unknown") in str(found.what)


@pytest.mark.parametrize(
    ("address", "severity"),
    [
        ("r/i:1", Severity.MEDIUM),
        (f"mine-registry.{HOME}.cr.aliyuncs.com/me/env:1", Severity.MEDIUM),
        (f"registry-vpc.{HOME}.aliyuncs.com/me/env:1", Severity.LOW),
        (f"crpi-abc1.{HOME}.personal.cr.aliyuncs.com/me/env:1", Severity.LOW),
    ],
)
def test_a_saved_image(world: AuditedAccount, address: str, severity: Severity) -> None:
    image = Image("image-1", HOME, "1", "mine", address, 0)
    world.emulator.do(lambda cloud: cloud.state.images.update({"image-1": image}))
    found = only(world.audit(HOME), Kind.IMAGE)
    assert (found.where.name, found.severity) == ("mine", severity)


def test_official_images_are_nobodys_cost() -> None:
    assert list(other_services.image({"ImageId": "image-1", "Accessibility": "PUBLIC"}, HOME)) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"claimed": False}, "has no PAI-DSW trial"),
        ({"expires_at": "2026-01-05T02:01:00Z"}, "the trial ended"),
        ({"remaining_cu": 0}, "CU are used up"),
    ],
)
def test_it_runs_and_the_trial_does_not_pay(world: AuditedAccount, change: dict[str, Any], why: str) -> None:
    world.guarded()
    world.emulator.trial(**change)
    report = world.audit(HOME)
    found = only(report, Kind.TRIAL)
    assert found.severity is Severity.CRITICAL
    assert why in str(found.what)
    assert report.account.left_cu in (None, 0)


def test_the_quota_ends_before_the_session(world: AuditedAccount) -> None:
    world.guarded(hours=4)
    world.emulator.trial(remaining_cu=10)
    found = only(world.audit(), Kind.QUOTA)
    assert (found.rule, found.severity) == ("session-in-quota", Severity.HIGH)
    world.emulator.trial(remaining_cu=100)
    assert world.audit().exit_code == CLEAN


def test_what_was_billed_and_what_is_owed(world: AuditedAccount) -> None:
    items = [
        {"ProductCode": "learn", "ProductName": "PAI", "PretaxAmount": 3.2, "Currency": "CNY"},
        {"ProductCode": "learn", "ProductName": "PAI", "PretaxAmount": 0.8, "Currency": "CNY"},
        {"ProductCode": "oss", "ProductName": "OSS", "PretaxAmount": 0.01, "Currency": "CNY"},
        {"ProductCode": "ecs", "ProductName": "ECS", "PretaxAmount": 0.0, "Currency": "CNY"},
    ]
    world.emulator.settings(billing={"Items": items, "Balance": {"AvailableAmount": "-1,234.50"}})
    report = world.audit()
    billed = {f.where.id: f for f in report.findings if f.kind is Kind.BILLED}
    assert {code: str(finding.cost) for code, finding in billed.items()} == {
        "learn": "4.00 CNY/month",
        "oss": "0.01 CNY/month",
    }
    assert (billed["learn"].severity, billed["oss"].severity) == (Severity.HIGH, Severity.LOW)
    assert "hours late" in str(billed["learn"].what)
    assert "owes 1234.50" in str(only(report, Kind.BALANCE).what)
    assert [(one.product, str(one.amount)) for one in report.account.billed] == [
        ("PAI", "4.0"),
        ("OSS", "0.01"),
    ]


def test_every_rule_that_is_named_exists_and_the_worst_comes_first(world: AuditedAccount) -> None:
    world.cloud.running(region="cn-hongkong")
    world.emulator.other("eas-service", "eas-m-1", "cn-beijing")
    world.put(7)
    report = world.audit()
    assert report.exit_code == FINDINGS
    assert {finding.rule for finding in report.findings} - {""} <= set(rules())
    order = list(Severity)
    severities = [order.index(finding.severity) for finding in report.findings]
    assert severities == sorted(severities, reverse=True)
    assert all(finding.end and finding.what for finding in report.findings)


def test_it_speaks_to_the_emulator_only_over_loopback() -> None:
    with pytest.raises(ValueError, match="not on this machine"):
        Connection("http://example.com:8790")
