"""Requests that no SDK sends: each is refused in the services' own form, and nothing is left half done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.state import State
from tests.support.account import OPS, Account
from tests.support.cloud import A10, CPU, image

IDS = {"InstanceId": "x", "SnapshotId": "s", "WorkspaceId": "1", "ImageId": "i", "ClusterId": "c"}
# An order changes the account, on purpose, by being refused.
BODILESS = ("StartInstance", "StopInstance", "CreateProductOrders")
WRITES = [
    name
    for name, op in OPS.items()
    if op.service.name in ("dsw", "aiworkspace") and op.method in ("POST", "PUT") and name not in BODILESS
]
READS = [name for name, op in OPS.items() if op.service.name in ("dsw", "aiworkspace") and op.method == "GET"]
GOOD: dict[str, Any] = {
    "InstanceName": "other",
    "WorkspaceId": "1",
    "EcsSpec": A10,
    "ImageUrl": image(),
    "WorkspaceName": "abc",
    "Description": "d",
    "EnvTypes": ["prod"],
    "SnapshotName": "s",
    "MaxIdleTimeInMinutes": 30,
    "CpuPercentThreshold": 5,
    "RemainingTimeInMs": 1000,
    "Labels": [{"Key": "a", "Value": "b"}],
}
MEMBERS = sorted(
    GOOD.keys()
    | {
        *(
            "Accessibility",
            "Affinity",
            "CloudDisks",
            "CredentialConfig",
            "Datasets",
            "DockerConfig",
            "Driver",
        ),
        *("DynamicMount", "EnvironmentVariables", "ImageAuth", "ImageId", "OversoldType", "Priority"),
        *("RequestedResource", "ResourceId", "SpotSpec", "Tag", "UserCommand", "UserId", "UserVpc"),
        *("WorkspaceSource", "StartInstance", "DisassociateDriver", "DueTime", "GpuPercentThreshold"),
        *("Overwrite", "ExcludePaths", "SnapshotDescription", "DisplayName", "ResourceGroupId", "Products"),
    }
)
QUERY = sorted(
    {
        *("Accessibility", "AcceleratorType", "CreateTimeAfter", "CreateTimeBefore", "EventLevel", "EndTime"),
        *("ImageName", "InstanceName", "Labels", "Limit", "MaxEventsNum", "Name", "Options", "Order"),
        *("PageNumber", "PageSize", "ProductCodes", "ResourceId", "SaveImage", "SessionNumber", "SortBy"),
        *("StartTime", "Status", "Tag", "Verbose", "WorkspaceIds", "WorkspaceName"),
    }
)
ODD = ["²", "-", "--1", "+1", " 1", "1_000", "9" * 5000, "-0", "1e3", "٣", "0x1", "NaN", "\ud7ff", "'", "%00"]
TEXT = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def world() -> Account:
    made = Account()
    made.running()
    return made


def instance(world: Account) -> str:
    return next(iter(world.account.state.instances))


def refused(world: Account, before: str, status: int, answer: dict[str, Any]) -> None:
    assert answer["Code"] not in ("", "null", None)
    assert answer["Message"]
    assert status in (400, 403, 404), answer
    assert world.text() == before


@pytest.mark.parametrize("name", WRITES)
@settings(max_examples=20)
@given(changes=st.dictionaries(st.sampled_from(MEMBERS), VALUE, min_size=1, max_size=3))
def test_any_body_is_taken_or_refused_whole(name: str, changes: dict[str, Any]) -> None:
    world = Account()
    made = world.running()
    before = world.text()
    status, answer = world.call(name, GOOD | changes, **IDS | {"InstanceId": made})
    if status == 200:
        # What was taken can be shown, billed and stored.
        for read in ("GetInstance", "GetWorkspace", "GetInstanceEvents", "GetLifecycle", "ListInstances"):
            shown, body = world.call(read, **IDS | {"InstanceId": made})
            assert shown == 200, (read, body)
        assert world.account.bill() is not None
        assert json.loads(world.text().encode())
    else:
        refused(world, before, status, answer)


@pytest.mark.parametrize("name", READS)
@settings(max_examples=25)
@given(query=st.dictionaries(st.sampled_from(QUERY), TEXT, min_size=1, max_size=3))
def test_any_query_is_answered_or_refused(world: Account, name: str, query: dict[str, str]) -> None:
    before = world.text()
    text = "&".join(f"{key}={value.replace('&', '')}" for key, value in query.items())
    status, answer = world.call(name, query=text, **IDS | {"InstanceId": instance(world)})
    if status != 200:
        refused(world, before, status, answer)
    assert world.text() == before


BODIES = {
    "no JSON": b"{",
    "not UTF-8": b'{"InstanceName": "\xff"}',
    "half a surrogate": b'{"InstanceName": "a", "Labels": [{"Key": "a", "Value": "\\ud800"}]}',
    "half a surrogate as a key": b'{"\\udfff": 1}',
    "not a number": b'{"Priority": NaN}',
    "without end": b'{"Priority": -Infinity}',
    "a list": b"[]",
    "a text": b'"x"',
    "deep": b'{"a":' + b"[" * 100_000,
    "too many digits": b'{"Priority": ' + b"9" * 5000 + b"}",
    "only spaces": b"   ",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("name", ["CreateInstance", "UpdateInstance", "CreateWorkspace"])
def test_a_body_that_is_no_object(world: Account, name: str, body: bytes) -> None:
    before = world.text()
    status, answer = world.call(name, body, **IDS | {"InstanceId": instance(world)})
    assert (status, answer["Code"]) == (400, "InvalidJSON")
    refused(world, before, status, answer)


NEST = "[" * 5000
QUERIES = [
    ("ListInstances", "PageNumber=²", "PageNumber must be an integer"),
    ("ListInstances", "PageNumber=--1", "PageNumber must be an integer"),
    ("ListInstances", "PageNumber=-1", "PageNumber must be between 1 and"),
    ("ListInstances", f"PageNumber={'9' * 5000}", "PageNumber must be an integer"),
    ("ListInstances", "PageSize=0", "PageSize must be between 1 and 100"),
    ("ListInstances", "PageSize=101", "PageSize must be between 1 and 100"),
    ("ListInstances", f"Labels={NEST}", "Labels must be a JSON object"),
    ("ListInstances", "Labels=[]", "Labels must map strings to strings"),
    ("ListInstances", 'Labels={"a":1}', "Labels must map strings to strings"),
    ("ListInstances", f"Tag={NEST}", "Tag must be a JSON list"),
    ("ListInstances", "Tag={}", "Tag must be a list"),
    ("ListInstances", 'Tag=[{"Value":"1"}]', "Key is mandatory"),
    ("ListInstances", "CreateTimeBefore=2026-13-01T00:00:00Z", "CreateTimeBefore must be a time"),
    ("ListInstances", "CreateTimeAfter=2026-01-01", "CreateTimeAfter must be a time"),
    ("ListInstances", "SortBy=GmtCreateTime", "SortBy and Order must be used together"),
    ("ListInstances", "SortBy=gmtCreateTime&Order=ASC", "SortBy must be one of"),
    ("ListInstances", "SortBy=Priority&Order=asc", "Order must be one of ASC, DESC"),
    ("ListEcsSpecs", "AcceleratorType=gpu", "AcceleratorType must be one of CPU, GPU"),
    ("ListEcsSpecs", "", "AcceleratorType must be one of CPU, GPU"),
    ("GetLifecycle", "Order=DOWN", "Order must be one of ASC, DESC"),
    ("GetLifecycle", "Limit=0", "Limit must be between 1 and"),
    ("GetLifecycle", "SessionNumber=-1", "SessionNumber must be between 0 and"),
    ("GetInstanceEvents", "StartTime=now", "StartTime must be a time"),
    ("GetInstanceEvents", "MaxEventsNum=many", "MaxEventsNum must be an integer"),
    ("GetWorkspace", "Verbose=yes", "Verbose must be a boolean"),
    ("ListImages", "PageSize=1000", "PageSize must be between 1 and 100"),
]


@pytest.mark.parametrize(("name", "query", "message"), QUERIES, ids=[f"{n} {q[:30]}" for n, q, _ in QUERIES])
def test_a_query_is_refused_by_the_name_of_its_member(
    world: Account, name: str, query: str, message: str
) -> None:
    status, answer = world.call(name, query=query, **IDS | {"InstanceId": instance(world)})
    assert (status, answer["Code"]) == (400, "ValidationError")
    assert message in answer["Message"]


CREATES: list[tuple[dict[str, Any], str]] = [
    ({"InstanceName": ""}, "InstanceName is mandatory"),
    ({"InstanceName": None}, "InstanceName is mandatory"),
    ({"InstanceName": "a" * 28}, "at most 27 characters"),
    ({"InstanceName": "a-b"}, "letters, digits and underscores"),
    ({"InstanceName": "a\n"}, "letters, digits and underscores"),
    ({"InstanceName": "notebook"}, "instance name already exists"),
    ({"InstanceName": 5}, "InstanceName must be a string"),
    ({"WorkspaceId": "2"}, "workspace 2 does not exist"),
    ({"WorkspaceId": ""}, "WorkspaceId is mandatory"),
    ({"EcsSpec": None}, "EcsSpec is mandatory"),
    ({"EcsSpec": "ecs.none"}, "EcsSpec ecs.none is not supported"),
    ({"ImageUrl": None}, "exactly one of ImageUrl and ImageId"),
    ({"ImageId": "image-1"}, "exactly one of ImageUrl and ImageId"),
    ({"ImageUrl": None, "ImageId": "image-1"}, "ImageId image-1 does not exist"),
    ({"Accessibility": "private"}, "Accessibility must be one of PUBLIC, PRIVATE"),
    ({"Priority": 0}, "Priority must be between 1 and 9"),
    ({"Priority": 10}, "Priority must be between 1 and 9"),
    ({"Priority": 1.5}, "Priority must be an integer"),
    ({"CloudDisks": [{"Capacity": "100"}]}, "must be a size such as 100Gi"),
    ({"CloudDisks": [{"Capacity": "0Gi"}]}, "must be a size such as 100Gi"),
    ({"CloudDisks": [{"Capacity": "100GiB"}]}, "must be a size such as 100Gi"),
    ({"CloudDisks": [{"Capacity": "100000Gi"}]}, "must be a size such as 100Gi"),
    ({"CloudDisks": [{"SubType": "rootfs"}]}, "Capacity is mandatory"),
    ({"CloudDisks": [{"SubType": "data", "Capacity": "1Gi"}]}, "one disk, of SubType rootfs"),
    ({"CloudDisks": [{"Capacity": "100Gi"}] * 2}, "one disk, of SubType rootfs"),
    ({"CloudDisks": {"Capacity": "100Gi"}}, "CloudDisks must be a list"),
    ({"Labels": [{"Key": "aliyun.a"}]}, "must not start with aliyun or acs:"),
    ({"Labels": [{"Key": "acs:a"}]}, "must not start with aliyun or acs:"),
    ({"Labels": [{"Key": "x http://"}]}, "nor contain http://"),
    ({"Labels": [{"Key": "k" * 129}]}, "at most 128 characters"),
    ({"Labels": [{"Key": "k", "Value": "v" * 129}]}, "at most 128 characters"),
    ({"Labels": [{"Value": "v"}]}, "Key is mandatory"),
    ({"EnvironmentVariables": {"A": 1}}, "EnvironmentVariables must map strings to strings"),
    ({"UserVpc": {"VpcId": "v"}}, "VSwitchId is mandatory"),
    ({"UserVpc": {"VpcId": "v", "VSwitchId": "s"}}, "SecurityGroupId is mandatory"),
    ({"Datasets": ["d-1"]}, "Datasets must be a list of objects"),
    ({"SpotSpec": "spot"}, "SpotSpec must be an object"),
    ({"Driver": 550}, "Driver must be a string"),
]


@pytest.mark.parametrize(("changes", "message"), CREATES, ids=[str(change)[:60] for change, _ in CREATES])
def test_a_create_is_refused_in_one_sentence(world: Account, changes: dict[str, Any], message: str) -> None:
    before = world.text()
    status, answer = world.call("CreateInstance", GOOD | changes)
    assert (status, answer["Code"], answer["Success"]) == (400, "ValidationError", False)
    assert message in answer["Message"]
    assert world.text() == before


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if "{InstanceId}" in op.path])
@pytest.mark.parametrize("region", ["cn-wulanchabu", "cn-hangzhou"])
def test_an_instance_of_another_place_is_not_found(world: Account, name: str, region: str) -> None:
    made = instance(world) if region != "cn-wulanchabu" else "dsw-none"
    before = world.text()
    status, answer = world.call(name, GOOD, region=region, **IDS | {"InstanceId": made})
    assert (status, answer["Code"]) == (404, "ValidationError")
    assert f"instance {made} does not exist" in answer["Message"]
    assert world.text() == before


@pytest.mark.parametrize("text", ["dsw-\x00", "名前", "a b", "%2F", "../x", "a" * 4000])
def test_an_odd_id_is_only_not_found(world: Account, text: str) -> None:
    status, answer = world.call("GetInstance", InstanceId=text)
    assert status == 404
    assert text in answer["Message"]


def test_each_refusal_is_recorded_by_its_code(world: Account) -> None:
    world.account.calls.clear()
    world.call("CreateInstance", GOOD | {"EcsSpec": "none"})
    world.call("CreateInstance", b"{")
    assert [(call.operation, call.status, call.outcome) for call in world.account.calls] == [
        ("CreateInstance", 400, "ValidationError"),
        ("CreateInstance", 400, "InvalidJSON"),
    ]


def test_a_bug_of_the_emulator_is_an_answer_and_changes_nothing(
    world: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quoted = "planted-s3cr3t"

    def broken(state: State, *_: object) -> None:
        state.instances.clear()
        raise RuntimeError(quoted)

    before = world.text()
    monkeypatch.setattr("paidsw.emulator.dsw.lifecycle.begin", broken)
    status, answer = world.call("CreateInstance", GOOD | {"EcsSpec": CPU})
    assert (status, answer["Code"]) == (500, "InternalError")
    assert world.text() == before
    assert world.account.calls[-1].outcome == "emulator-failed"
    log = capsys.readouterr().err
    assert "in broken" in log
    assert log.endswith("RuntimeError\n")
    assert quoted not in log
