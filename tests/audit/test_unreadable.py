"""Answers of any form: the audit never fails by one, and never says clean by one."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from paidsw.audit.inventory import READS
from paidsw.audit.model import CLEAN, INCOMPLETE, Kind
from paidsw.audit.reports import FORMATS, render
from paidsw.cloud.sdk import SdkClient
from tests.support.audited import AuditedAccount, declared, kinds
from tests.support.cloud import HOME

Answer = dict[str, Any]
Change = Callable[[str, Answer], Any]
MONEY = ("QueryAccountBalance", "QueryBillOverview")


def answering(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let each answer pass through a change."""
    real = SdkClient.call

    async def call(self: SdkClient, operation: str, request: Answer, *path: str) -> Any:
        return change(operation, await real(self, operation, request, *path))

    monkeypatch.setattr(SdkClient, "call", call)


def only_of(operation: str, answer: Any) -> Change:
    return lambda name, real: copy.deepcopy(answer) if name == operation else real


@pytest.mark.parametrize("read", READS, ids=lambda read: read.operation)
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"RequestId": "x"},
        {"%": None},
        {"%": None, "TotalCount": 3},
        {"%": [], "TotalCount": 3},
        {"%": [None], "TotalCount": 1},
        {"%": ["x"], "TotalCount": 1},
        {"%": "text", "TotalCount": 1},
        {"%": {"a": {}}, "TotalCount": 1},
        {"%": [], "TotalCount": "many"},
        {"%": [{}] * 100},
        {"%": [{}], "TotalCount": 10**12},
    ],
    ids=json.dumps,
)
def test_a_list_that_is_none_is_not_seen(
    read: Any, form: Answer, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: Answer = {name.replace("%", read.member): value for name, value in form.items()}
    answering(monkeypatch, only_of(read.operation, answer))
    report = world.audit(HOME)
    assert report.exit_code == INCOMPLETE
    assert {str(item.what) for item in report.not_seen if item.blocking} == {read.what}


@pytest.mark.parametrize("read", READS, ids=lambda read: read.operation)
def test_an_empty_list_is_one(read: Any, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    empty: tuple[Answer, ...] = ({"TotalCount": 0}, {read.member: []}, {read.member: None, "TotalCount": 0})
    for answer in empty:
        with monkeypatch.context() as patch:
            answering(patch, only_of(read.operation, answer))
            assert world.audit(HOME).exit_code == CLEAN


def test_a_page_that_got_lost_is_not_seen(world: AuditedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(250):
        world.put(number)
    real = SdkClient.call

    async def call(self: SdkClient, operation: str, request: Answer, *path: str) -> Any:
        answer = await real(self, operation, request, *path)
        lost = operation == "ListInstances" and request["PageNumber"] == 2
        return answer | {"Instances": []} if lost else answer

    monkeypatch.setattr(SdkClient, "call", call)
    report = world.audit(HOME)
    assert {str(item.why) for item in report.not_seen if item.blocking} == {
        "the answer can't be used (ListInstances: incomplete list)"
    }


@pytest.mark.parametrize("body", ["truncated", "html", "empty"])
@pytest.mark.parametrize("operation", [*(read.operation for read in READS), *MONEY, "GetUserConfig"])
def test_a_body_that_is_no_answer(operation: str, body: str, world: AuditedAccount) -> None:
    world.emulator.faults.add("bad-body", operation, times=0, body=body)
    report = world.audit(HOME, "cn-beijing")
    assert report.exit_code == INCOMPLETE
    assert [item for item in report.not_seen if item.blocking]


@pytest.mark.parametrize(
    ("operation", "answer", "what"),
    [
        ("QueryAccountBalance", {}, "the account's balance"),
        ("QueryAccountBalance", {"Data": None}, "the account's balance"),
        ("QueryAccountBalance", {"Data": {}}, "the account's balance"),
        ("QueryAccountBalance", {"Data": {"AvailableAmount": "much"}}, "the account's balance"),
        ("QueryAccountBalance", {"Data": "much"}, "the account's balance"),
        ("QueryBillOverview", {}, "this month's bill"),
        ("QueryBillOverview", {"Data": []}, "this month's bill"),
        ("QueryBillOverview", {"Data": {"Items": []}}, None),
        ("QueryBillOverview", {"Data": {"Items": {"Item": ["x"]}}}, "this month's bill"),
        ("QueryBillOverview", {"Data": {"Items": {"Item": [{}]}}}, "this month's bill"),
        ("QueryBillOverview", {"Data": {"Items": {"Item": [{"PretaxAmount": "x"}]}}}, "this month's bill"),
        ("QueryBillOverview", {"Data": {"Items": {"Item": []}}}, None),
        ("QueryResourcePackageInstances", {"Data": {"Instances": {"Instance": [3]}}}, "resource packs"),
        ("QueryResourcePackageInstances", {"Data": {"Instances": "x"}}, "resource packs"),
    ],
)
def test_money_that_cannot_be_read_is_not_nothing(
    operation: str, answer: Answer, what: str | None, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, only_of(operation, answer))
    report = world.audit(HOME)
    assert [str(item.what) for item in report.not_seen if item.blocking] == ([what] if what else [])


BROKEN: tuple[Answer, ...] = (
    {"InstanceId": None},
    {"InstanceId": 7},
    {"InstanceId": {}},
    {"Labels": "x"},
    {"Labels": [{}]},
    {"Labels": [None]},
    {"CloudDisks": [{"Capacity": None}]},
    {"CloudDisks": "x"},
    {"Datasets": [None]},
    {"UserVpc": []},
    {"InstanceShutdownTimer": "soon"},
    {"InstanceShutdownTimer": {"DueTime": "x", "RemainingTimeInMs": "long"}},
    {"IdleInstanceCuller": {"MaxIdleTimeInMinutes": "x"}},
    {"EnvironmentVariables": ["x"]},
    {"Status": 3},
)


@pytest.mark.parametrize("broken", BROKEN, ids=json.dumps)
def test_an_instance_that_cannot_be_read_is_not_seen_and_hides_no_other(
    broken: Answer, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(1, disk_gib=200)
    world.put(2, disk_gib=200)

    def one(operation: str, answer: Answer) -> Answer:
        if operation == "ListInstances":
            answer["Instances"][0].update(broken)
        return answer

    answering(monkeypatch, one)
    report = world.audit(HOME)
    assert {str(item.what) for item in report.not_seen if item.blocking} == {"one instance"}
    assert [finding.kind for finding in report.findings] == [Kind.DISK]
    assert report.exit_code == INCOMPLETE


@pytest.mark.parametrize("capacity", ["", "big", "-1Gi", "1e9Gi", "100", "100Gi "])
def test_a_disk_of_no_known_size_is_not_free(
    capacity: str, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(1)

    def one(operation: str, answer: Answer) -> Answer:
        if operation == "ListInstances":
            answer["Instances"][0]["CloudDisks"] = [{"SubType": "rootfs", "Capacity": capacity}]
        return answer

    answering(monkeypatch, one)
    assert Kind.DISK in kinds(world.audit(HOME))


VALUES: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    -1,
    10**30,
    0.5,
    True,
    [],
    [None],
    [[]],
    {},
    {"a": None},
    "\ud800",
    "1" * 5000,
)


def mutated(answer: Any, chance: random.Random) -> Any:
    """The same answer with a member somewhere replaced or left out."""
    found = copy.deepcopy(answer)
    spot = found
    while isinstance(spot, dict | list) and spot:
        keys: list[Any] = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = chance.choice(keys)
        if not isinstance(spot[key], dict | list) or not spot[key] or chance.random() < 0.15:
            if isinstance(spot, dict) and chance.random() < 0.2:
                del spot[key]
            else:
                spot[key] = chance.choice(VALUES)
            break
        spot = spot[key]
    return found


@pytest.mark.parametrize("seed", range(12))
def test_no_answer_makes_the_audit_fail(
    seed: int, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    world.guarded("far", region="cn-hongkong")
    world.put(1, disk_gib=200)
    world.emulator.other("eas-service", "eas-m-1", HOME)
    world.emulator.other("eas-resource", "eas-r-1", HOME)
    world.emulator.other("dlc-job", "dlc-1", HOME)
    world.emulator.settings(billing={"Items": [{"ProductCode": "oss", "PretaxAmount": 1.5}]})
    answering(monkeypatch, lambda _, answer: mutated(answer, chance))
    for _ in range(3):
        report = world.audit(HOME, "cn-hongkong", declared=declared("dsw-gone"))
        assert report.exit_code != CLEAN
        for form in FORMATS:
            render(report, form).encode()
