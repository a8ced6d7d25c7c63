from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from paidsw.core.values import UNKNOWN
from paidsw.rules.policy_config import PolicyConfig
from paidsw.rules.registry import evaluate, examine, findings, rules
from paidsw.rules.rule import (
    INSTANCE_TYPE,
    WORKSPACE_TYPE,
    Level,
    NoSettings,
    Reference,
    Resource,
    Rule,
    Scope,
    Severity,
    Violation,
)
from paidsw.trial.terms import TERMS
from tests.support.rules import WORKSPACE, examine_stack, instance, notebook


def _rules(violations: Any) -> list[str]:
    return [found.rule for found in violations]


def test_rules_come_in_the_order_of_their_ids_and_once() -> None:
    assert list(rules()) == sorted(rules())
    assert rules() is rules()


def test_a_violation_has_all_that_a_place_needs_to_report_it() -> None:
    (found,) = evaluate(instance(region="cn-hongkong", imageUrl=None))
    assert (found.rule, found.path, found.level, found.severity) == (
        "trial-region",
        "region",
        Level.MANDATORY,
        Severity.CRITICAL,
    )
    assert str(found.message).endswith("[trial-region]")


def test_an_empty_description_lacks_region_type_and_guards() -> None:
    assert _rules(evaluate({})) == ["idle-shutdown", "shutdown-timer", "trial-instance-type", "trial-region"]


def test_findings_before_an_unknown_value_are_kept() -> None:
    disks = [{"subType": "rootfs", "capacity": "200Gi"}, {"subType": "rootfs", "capacity": UNKNOWN}]
    report = examine(Resource(INSTANCE_TYPE, instance(cloudDisks=disks)))
    assert ("system-disk-size", "cloudDisks[0].capacity") in {
        (one.rule, one.path) for one in report.violations
    }
    assert ("system-disk-size", "cloudDisks[1].capacity") in {
        (one.rule, one.path) for one in report.undecided
    }


def test_rules_of_the_instance_leave_other_types_alone() -> None:
    report = examine(Resource(WORKSPACE_TYPE, {"region": "cn-hongkong"}))
    assert (report.violations, report.undecided) == ((), ())


def of_stack(*resources: Resource) -> list[Violation]:
    """Of each resource by itself and of all of them together."""
    alone = [found for one in resources for found in examine(one).violations]
    return [*alone, *examine_stack(resources).violations]


def test_a_clean_stack() -> None:
    assert of_stack(WORKSPACE, notebook()) == []


def test_a_stack_reports_each_resource_and_all_together() -> None:
    bucket = Resource("alicloud:oss/bucket:Bucket", {}, urn="urn:bucket")
    found = of_stack(WORKSPACE, notebook("a", sessionHours=20), notebook("b", sessionHours=20), bucket)
    assert _rules(found) == ["free-resources-only", "planned-cu"]
    assert [one.urn for one in found] == ["urn:bucket", ""]


def test_an_instance_among_others_is_named_by_its_urn() -> None:
    bad = notebook("b", region="cn-hongkong", imageUrl=None)
    assert [one.urn for one in of_stack(WORKSPACE, notebook("a"), bad)] == [bad.urn]


@pytest.mark.parametrize(
    ("hours", "refused"),
    [((17.86, 17.86), False), ((17.9, 17.9), True), ((24, 11.75), False), ((24, 11.8), True)],
)
def test_planned_cu_is_a_sum_over_the_stack(hours: tuple[float, float], refused: bool) -> None:
    notebooks = [notebook(name, sessionHours=value) for name, value in zip("ab", hours, strict=True)]
    assert ("planned-cu" in _rules(examine_stack([WORKSPACE, *notebooks]).violations)) is refused


def test_planned_cu_decides_as_soon_as_the_known_part_is_too_much() -> None:
    open_one = notebook("c", sessionHours=UNKNOWN)
    fits = examine_stack([WORKSPACE, notebook("a"), open_one])
    assert [(one.rule, one.path) for one in fits.undecided] == [
        ("guards-present", "c.sessionHours"),
        ("planned-cu", "c.sessionHours"),
    ]
    too_much = [notebook("a", sessionHours=20), notebook("b", sessionHours=20)]
    assert "planned-cu" in _rules(examine_stack([WORKSPACE, *too_much, open_one]).violations)


def test_planned_cu_follows_the_terms_in_force() -> None:
    halved = replace(TERMS, quota_cu_per_month=replace(TERMS.quota_cu_per_month, value=Decimal(25)))
    assert "planned-cu" in _rules(
        examine_stack([WORKSPACE, notebook(sessionHours=4)], terms=halved).violations
    )


@pytest.mark.parametrize("hours", ["4", None, -4, [], True, float("inf"), 10**400])
def test_planned_cu_leaves_a_session_of_no_usable_length_to_the_timer_rule(hours: Any) -> None:
    found = of_stack(WORKSPACE, notebook(sessionHours=hours))
    assert "shutdown-timer" in _rules(found)
    assert "planned-cu" not in _rules(found)


def test_a_culler_deleted_outside_does_not_evade() -> None:
    gone = notebook("a", "idleInstanceCuller")
    found = {one.rule: one for one in examine_stack([WORKSPACE, gone]).violations}
    assert found["guards-present"].urn == gone.urn


def test_an_unknown_guard_of_one_notebook_does_not_hide_the_missing_one_of_another() -> None:
    report = examine_stack([WORKSPACE, notebook("a", sessionHours=UNKNOWN), notebook("b", "sessionHours")])
    assert [(one.rule, one.path) for one in report.violations] == [("guards-present", "b.sessionHours")]
    assert "guards-present" in _rules(report.undecided)


@pytest.mark.parametrize(
    ("outputs", "refused"),
    [
        ({"status": "Running"}, True),
        ({"status": "Running", "shutdownTime": None}, True),
        ({"status": "Running", "shutdownTime": "2026-11-25T12:00:00Z"}, False),
        ({"status": UNKNOWN, "shutdownTime": ""}, False),
        ({"status": "Running", "shutdownTime": UNKNOWN}, False),
        ({"status": "Creating"}, False),
        ({}, False),
    ],
)
def test_a_running_notebook_has_an_end(outputs: dict[str, Any], refused: bool) -> None:
    found = _rules(examine_stack([WORKSPACE, notebook(**outputs)]).violations)
    assert ("guards-present" in found) is refused


def test_names_that_are_not_known_yet_are_no_duplicates() -> None:
    report = examine_stack(
        [WORKSPACE, notebook("a", instanceName=UNKNOWN), notebook("b", instanceName=UNKNOWN)]
    )
    assert "unique-instance-names" not in _rules(report.violations)


def test_a_workspace_of_another_stack_is_an_advisory() -> None:
    (found,) = examine_stack([replace(notebook(), property_dependencies={})]).violations
    assert (found.rule, found.level) == ("own-workspace", Level.ADVISORY)


@pytest.mark.parametrize(
    ("kind", "custom", "refused"),
    [
        ("pulumi:pulumi:Stack", False, False),
        ("pulumi:providers:paidsw", True, False),
        ("pulumi:pulumi:StackReference", True, False),
        ("lab:index:Classroom", False, False),
        ("lab:index:Classroom", True, True),
        ("pulumi-nodejs:dynamic:Resource", True, True),
        ("alicloud:pai/service:Service", True, True),
        ("alicloud:ecs/instance:Instance", True, True),
        ("paidsw:index:Other", True, True),
    ],
)
def test_only_known_types_are_free(kind: str, custom: bool, refused: bool) -> None:
    found = _rules(examine(Resource(kind, {}, custom=custom)).violations)
    assert found == (["free-resources-only"] if refused else [])


@pytest.mark.parametrize(
    ("kind", "product"),
    [
        ("alicloud:pai/service:Service", "PAI-EAS"),
        ("alicloud:eas/service:Service", "PAI-EAS"),
        ("alicloud:pai/dlcJob:DlcJob", "PAI-DLC"),
        ("alicloud:oss/bucket:Bucket", "OSS"),
        ("alicloud:nas/fileSystem:FileSystem", "NAS"),
        ("alicloud:ecs/eipAddress:EipAddress", "an elastic IP address"),
        ("alicloud:vpc/natGateway:NatGateway", "a NAT gateway"),
        ("alicloud:nlb/loadBalancer:LoadBalancer", "a load balancer"),
        ("alicloud:ecs/instance:Instance", "an ECS machine or disk"),
    ],
)
def test_what_bills_is_called_by_its_name(kind: str, product: str) -> None:
    (found,) = examine(Resource(kind, {})).violations
    assert f"is {product}" in str(found.message)


def test_a_type_can_be_declared_free() -> None:
    rule = rules()["free-resources-only"]
    config = PolicyConfig.of({rule.id: {"alsoFree": ["random:index/randomId:RandomId"]}}, rules())
    resource = Resource("random:index/randomId:RandomId", {})
    assert list(findings(rule, (resource,), config.settings(rule), TERMS)) == []
    assert _rules(examine(resource).violations) == ["free-resources-only"]


@pytest.mark.parametrize("scope", [Scope.INSTANCE, Scope.STACK])
def test_a_rule_without_the_check_of_its_scope_is_a_mistake(scope: Scope) -> None:
    with pytest.raises(ValueError, match="needs exactly the check of its scope"):
        Rule(
            id="x", title="x", description="x", why="x", steps="x", severity=Severity.LOW, reference=Reference.TRIAL,
            scope=scope, settings=NoSettings,
        )  # fmt: skip


def test_what_was_changed_outside_is_found_in_the_state() -> None:
    changed = notebook("a", instanceId="dsw-1", ecsSpec="ecs.gn7i-c16g1.4xlarge", accessibility="PUBLIC")
    found = [
        one for one in examine_stack([WORKSPACE, changed]).violations if one.rule == "live-instance-in-tier"
    ]
    assert [one.path for one in found] == ["a.accessibility", "a.ecsSpec"]
    assert {one.urn for one in found} == {changed.urn}


def test_an_unknown_output_hides_nothing_else_that_was_changed_outside() -> None:
    changed = notebook("a", instanceId="dsw-1", accessibility=UNKNOWN, spotSpec={})
    report = examine_stack([WORKSPACE, changed])
    assert [one.path for one in report.violations] == ["a.spotSpec"]


def test_a_missing_guard_is_reported_once() -> None:
    report = examine_stack([WORKSPACE, notebook("a", "idleInstanceCuller", instanceId="dsw-1")])
    assert _rules(report.violations) == ["guards-present"]
