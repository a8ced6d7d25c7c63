"""What a preview has seen and what not: no notebook, providers of the program's own, unknown values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from paidsw.cli.check import judge as judging
from paidsw.cli.check.judge import Judge
from paidsw.cli.reports.finding import NOTEBOOK, SETTING, Level
from paidsw.core.properties import UNKNOWN_STRING
from paidsw.rules.registry import Undecided, not_known, rules
from paidsw.rules.rule import INSTANCE_TYPE, PROVIDER_TYPE, Scope
from tests.support.events import (
    COMPONENT,
    HEAD,
    NOTEBOOK_SEEN,
    ONE,
    Event,
    analyzed,
    diagnostic,
    judge_in,
    judge_of,
    made,
    policy,
    told,
)
from tests.support.rules import instance


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return judge_in(tmp_path)


def test_a_rule_has_judged_what_it_saw(judge: Judge) -> None:
    alone = [name for name, rule in rules().items() if rule.scope is not Scope.STACK]
    of_any = {name for name in alone if rules()[name].scope is Scope.ANY}
    stack = analyzed(f"{HEAD}pulumi:pulumi:Stack::s", *alone)
    assert told(judge, stack, code=0).judged == of_any
    seen: Event = {
        "policyAnalyzeSummaryEvent": {"resourceUrn": COMPONENT, "passed": alone[1:], "failed": alone[:1]}
    }
    assert told(judge, stack, made(INSTANCE_TYPE, COMPONENT), seen, code=0).judged == set(alone)
    whole: Event = {"policyAnalyzeStackSummaryEvent": {"passed": ["planned-cu"]}}
    assert told(judge, whole, code=0).judged == {"planned-cu"}


LIKE_ONE = f"{HEAD}other{INSTANCE_TYPE}::one"


@pytest.mark.parametrize(
    "events",
    [
        (),
        (made(INSTANCE_TYPE, ONE),),
        (analyzed(ONE),),
        (made(INSTANCE_TYPE, ONE, op="read"), analyzed(ONE)),
        (made(INSTANCE_TYPE, ONE, custom=False), analyzed(ONE)),
        (made(f"other{INSTANCE_TYPE}", LIKE_ONE), analyzed(LIKE_ONE)),
        (made(INSTANCE_TYPE, ONE), analyzed(COMPONENT)),
    ],
    ids=["nothing", "not judged", "not made", "read", "a component", "a like type", "another"],
)
def test_a_program_without_a_notebook_has_failed(judge: Judge, events: tuple[Event, ...]) -> None:
    report = told(judge, *events, code=0)
    assert [(one.rule, one.level, one.file) for one in report.findings] == [
        (NOTEBOOK, Level.ERROR, "__main__.py")
    ]
    assert "declares no notebook for stack dev" in report.findings[0].text
    assert report.exit_code == 1


def test_a_notebook_of_ones_own_is_one(judge: Judge) -> None:
    assert told(judge, made(INSTANCE_TYPE, ONE), analyzed(ONE), code=0).findings == ()


def test_what_fails_before_the_notebook_is_the_only_finding(judge: Judge) -> None:
    report = told(judge, diagnostic("Pulumi.dev.yaml: dsw-free-tier:systemDiskGib is odd"))
    assert [one.rule for one in report.findings] == [SETTING]


ENDPOINTS = '[{"aiworkspace":"127.0.0.1:1"}]'
GIVEN = {
    "alicloud:endpoints": ENDPOINTS,
    "alicloud:protocol": "HTTP",
    "paidsw:emulator": "http://127.0.0.1:1",
}
REHEARSED = {"endpoints": ENDPOINTS, "protocol": "HTTP", "region": "cn-beijing", "version": "4.0.0"}


@pytest.mark.parametrize(
    ("package", "inputs", "refused"),
    [
        ("alicloud", {**REHEARSED, "__internal": {}}, None),
        ("alicloud", {**REHEARSED, "endpoints": [{"aiworkspace": "127.0.0.1:1"}]}, None),
        ("alicloud", {**REHEARSED, "insecure": True}, "alicloud:insecure"),
        ("alicloud", {**REHEARSED, "credentialsUri": "http://a"}, "alicloud:credentialsUri"),
        ("alicloud", {"protocol": "HTTP"}, "alicloud:protocol"),
        ("alicloud", {"endpoints": '[{"aiworkspace":"evil"}]'}, "alicloud:endpoints"),
        ("alicloud", {"__internal": {"pluginDownloadURL": "http://a"}}, "alicloud:__internal"),
        ("paidsw", {"emulator": "http://127.0.0.1:1"}, None),
        ("paidsw", {"emulator": "http://127.0.0.1:2"}, "paidsw:emulator"),
        ("other", {"x": "y"}, "other:x"),
    ],
)
def test_a_provider_of_the_programs_own_has_the_accepted_settings_only(
    judge: Judge, package: str, inputs: dict[str, Any], refused: str | None
) -> None:
    urn = f"{HEAD}pulumi:providers:{package}::one"
    provider = made(f"pulumi:providers:{package}", urn, **inputs)
    report = told(judge, {"preludeEvent": {"config": GIVEN}}, *NOTEBOOK_SEEN, provider, code=0)
    assert [one.text.split(",")[0].rpartition(" ")[2] for one in report.findings] == [refused] * bool(refused)
    assert [(one.rule, one.file, one.line) for one in report.findings] == [
        (SETTING, "__main__.py", 3)
    ] * bool(refused)


def test_pack_and_check_say_once_what_is_refused_of_a_provider(judge: Judge) -> None:
    urn = f"{HEAD}{PROVIDER_TYPE}::one"
    inputs: dict[str, Any] = {**REHEARSED, "sourceIp": "10.0.0.1"}
    provider = made(PROVIDER_TYPE, urn, **inputs)
    text = "sourceIp can claim, at sourceIp; allowed: less; remove it from the provider [provider-settings]"
    said = policy("provider-settings", text, urn)
    report = told(judge, {"preludeEvent": {"config": GIVEN}}, *NOTEBOOK_SEEN, provider, said, code=0)
    assert [one.rule for one in report.findings] == [SETTING]
    alone = told(judge, *NOTEBOOK_SEEN, said, code=0)
    assert [one.rule for one in alone.findings] == ["provider-settings"]
    assert judging.PROVIDER_SETTINGS in rules()


@pytest.mark.parametrize(
    ("unknown", "levels", "found"),
    [
        (
            {"workspaceId": UNKNOWN_STRING, "labels": {"a": UNKNOWN_STRING}, "datasets": UNKNOWN_STRING},
            {},
            [],
        ),
        (
            {"cloudDisks": [{"subType": "rootfs", "capacity": UNKNOWN_STRING}]},
            {},
            [("system-disk-size", "cloudDisks[0].capacity")],
        ),
        ({"allowBilling": UNKNOWN_STRING}, {}, [("no-billing-override", "allowBilling")]),
        ({"cloudDisks": UNKNOWN_STRING}, {}, [("no-data-disk", "cloudDisks")]),
        ({"allowBilling": UNKNOWN_STRING}, {"all": "advisory"}, [("no-billing-override", "allowBilling")]),
        ({"allowBilling": UNKNOWN_STRING}, {"all": "disabled"}, [("no-billing-override", "allowBilling")]),
        ({"allowBilling": UNKNOWN_STRING}, {"no-billing-override": "advisory"}, []),
        ({"accessibility": UNKNOWN_STRING}, {"private-instance": "disabled"}, []),
        ({"accessibility": UNKNOWN_STRING}, {"all": "advisory"}, []),
    ],
)
def test_what_costs_and_is_not_known_cannot_be_clean(
    tmp_path: Path,
    judge: Judge,
    unknown: dict[str, Any],
    levels: dict[str, object],
    found: list[tuple[str, str]],
) -> None:
    notebook = made(INSTANCE_TYPE, COMPONENT, **{**instance(), **unknown})
    report = told(judge_of(tmp_path, levels), notebook, analyzed(COMPONENT), code=0)
    assert [(one.rule, one.text.partition(" ")[0]) for one in report.errors] == found
    assert report.exit_code == bool(found)


def test_what_is_not_known_within_a_secret_cannot_be_clean(judge: Judge) -> None:
    # So an event shows every secret.
    notebook = made(
        INSTANCE_TYPE, COMPONENT, **{**instance(), "allowBilling": "[secret]", "labels": "[secret]"}
    )
    waiting = [
        Undecided("label-form", "labels", COMPONENT),
        Undecided("no-billing-override", "allowBilling", COMPONENT),
    ]
    line = policy("no-billing-override", str(not_known(waiting)), COMPONENT, "advisory")
    report = told(judge, notebook, line, analyzed(COMPONENT), code=0)
    assert [(one.rule, one.level) for one in report.errors] == [("no-billing-override", Level.ERROR)]
    assert "labels, allowBilling isn't known before the update" in report.errors[0].text
    assert told(judge, notebook, analyzed(COMPONENT), code=0).errors == ()


def test_a_provider_that_is_not_on_the_emulator_says_what_it_is(judge: Judge) -> None:
    urn = f"{HEAD}pulumi:providers:alicloud::one"
    report = told(
        judge, diagnostic("alicloud:endpoints has aiworkspace None, but a rehearsal talks to …", urn)
    )
    ((found),) = report.findings
    assert (found.rule, found.file, found.line) == (SETTING, "__main__.py", 3)
    assert found.text.startswith("the program's own alicloud provider one can't be judged")


@pytest.mark.parametrize(
    ("provider", "found"),
    [
        ("default", False),
        ("default_4_0_0", False),
        ("default_4_0_0-alpha", False),
        ("one", False),
        ("default_http_/a.example/p", True),
        ("default_4_0_0_https_/a.example", True),
    ],
)
def test_a_plugin_from_elsewhere_is_refused(judge: Judge, provider: str, found: bool) -> None:
    workspace = made("alicloud:pai/workspaceWorkspace:WorkspaceWorkspace", f"{HEAD}x::one")
    metadata = workspace["resourcePreEvent"]["metadata"]
    metadata["provider"] = f"{HEAD}pulumi:providers:alicloud::{provider}::{UNKNOWN_STRING}"
    report = told(judge, *NOTEBOOK_SEEN, workspace, code=0)
    assert [one.rule for one in report.errors] == [SETTING] * found
    assert all("the setting alicloud:pluginDownloadURL" in one.text for one in report.errors)
