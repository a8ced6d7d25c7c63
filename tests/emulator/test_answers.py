"""Answers as the official SDKs know them: no member that they would lose, and each operation's own envelope."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models as ws
from alibabacloud_pai_dsw20220101 import models as m

from paidsw.emulator.dsw.handlers.instances import DISASSOCIATE
from paidsw.emulator.state import Trial
from tests.support.account import OPS, Account
from tests.support.cloud import A10, CPU, HOME, OFF_TIER, V100, image

FULL = {"Code", "HttpStatusCode", "Message", "RequestId", "Success"}
NO_HTTP = FULL - {"HttpStatusCode"}
BARE = {"RequestId"}
# What the reference lists as each answer's members, beside those of a list's items.
ENVELOPES: dict[str, set[str]] = {
    **dict.fromkeys(
        [
            *("CreateInstance", "UpdateInstance", "StartInstance", "StopInstance", "DeleteInstance"),
            *("CreateInstanceShutdownTimer", "DeleteInstanceShutdownTimer"),
        ],
        FULL | {"InstanceId"},
    ),
    **dict.fromkeys(["CreateIdleInstanceCuller", "DeleteIdleInstanceCuller"], NO_HTTP | {"InstanceId"}),
    **dict.fromkeys(
        ["CreateInstanceSnapshot", "DeleteInstanceSnapshot"], FULL | {"InstanceId", "SnapshotId"}
    ),
    "GetIdleInstanceCuller": NO_HTTP
    | {
        *("InstanceId", "IdleTimeInMinutes", "MaxIdleTimeInMinutes"),
        *("CpuPercentThreshold", "GpuPercentThreshold"),
    },
    "GetInstanceShutdownTimer": FULL
    | {"DueTime", "GmtCreateTime", "GmtModifiedTime", "InstanceId", "RemainingTimeInMs"},
    "ListInstances": FULL | {"Instances", "MigrationOptions", "TotalCount"},
    "ListInstanceSnapshot": FULL | {"Snapshots", "TotalCount"},
    "ListEcsSpecs": FULL | {"EcsSpecs", "TotalCount"},
    "GetInstanceEvents": FULL | {"Events", "InstanceId"},
    "GetLifecycle": NO_HTTP | {"Lifecycle", "TotalCount"},
    "GetUserConfig": FULL | {"AccountSufficient", "EnableEciDisk", "FreeTier", "FreeTierSpecAvailable"},
    "UpdateInstanceLabels": BARE,
    "DeleteInstanceLabels": BARE,
    "CreateWorkspace": BARE | {"WorkspaceId"},
    "UpdateWorkspace": BARE,
    "DeleteWorkspace": BARE,
    "ListWorkspaces": BARE | {"ResourceLimits", "TotalCount", "Workspaces"},
    "ListImages": BARE | {"Images", "TotalCount"},
    "ListProducts": BARE | {"Products", "Services"},
}
EVERYTHING: dict[str, Any] = {
    "Affinity": {"CPU": {"Enable": True}},
    "CloudDisks": [{"Capacity": "150Gi", "SubType": "rootfs"}],
    "Datasets": [{"DatasetId": "d-1", "MountPath": "/mnt", "MountAccess": "RO"}],
    "DockerConfig": {"Enable": False},
    "Driver": "535.54.03",
    "EnvironmentVariables": {"A": "1"},
    "ImageAuth": "dXNlcjpwdw==",
    "Labels": [{"Key": "a", "Value": "b"}],
    "Priority": 3,
    "RequestedResource": {"CPU": "8"},
    "Tag": [{"Key": "t", "Value": "u"}],
    "UserVpc": {"VpcId": "v", "VSwitchId": "s", "SecurityGroupId": "g", "ForwardInfos": []},
    "WorkspaceSource": "rootfsCloudDisk",
}


@pytest.fixture(scope="module")
def world() -> Account:
    """An instance with all that one can have, and a snapshot of it."""
    world = Account()
    made = world.running(**EVERYTHING)
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 36_000_000})
    culler = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "GpuPercentThreshold": 10}
    world.on("CreateIdleInstanceCuller", made, culler)
    snapshot = {"SnapshotName": "s", "ImageUrl": "r/x:1", "ExcludePaths": ["/tmp"], "Labels": [{"Key": "k"}]}
    world.on("CreateInstanceSnapshot", made, snapshot)
    world.advance(minutes=5)
    return world


def ids(world: Account) -> dict[str, str]:
    (instance,) = world.account.state.instances.values()
    return {
        "InstanceId": instance.id,
        "SnapshotId": instance.snapshots[0].id,
        "WorkspaceId": "1",
        "ImageId": instance.snapshots[0].image_id,
    }


def known(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer after the SDK has read it."""
    models = ws if OPS[name].service.name == "aiworkspace" else m
    read: dict[str, Any] = getattr(models, f"{name}ResponseBody")().from_map(body).to_map()
    return read


def lost(sent: Any, read: Any, where: str = "") -> list[str]:
    """Members that the SDK didn't keep as they were sent."""
    if isinstance(sent, dict) and isinstance(read, dict):
        return [
            path
            for key, value in sent.items()
            for path in ([f"{where}.{key}"] if key not in read else lost(value, read[key], f"{where}.{key}"))
        ]
    if isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        return [path for one, two in zip(sent, read, strict=True) for path in lost(one, two, f"{where}[]")]
    return [] if sent == read else [where]


READS = [
    *("GetInstance", "ListInstances", "GetLifecycle", "GetInstanceEvents", "GetInstanceSnapshot"),
    *("ListInstanceSnapshot", "ListEcsSpecs", "GetUserConfig", "GetIdleInstanceCuller"),
    *("GetInstanceShutdownTimer", "GetWorkspace", "ListWorkspaces", "ListImages", "GetImage", "ListProducts"),
]


@pytest.mark.parametrize("name", READS)
def test_the_sdk_keeps_every_member(world: Account, name: str) -> None:
    query = {
        "ListEcsSpecs": "AcceleratorType=GPU",
        "GetWorkspace": "Verbose=true",
        "ListImages": "Verbose=true",
    }
    status, body = world.call(name, query=query.get(name, ""), **ids(world))
    assert status == 200, body
    # The reference shows no description of a snapshot; it is there for a person who looks.
    assert [path for path in lost(body, known(name, body)) if "SnapshotDescription" not in path] == []


@pytest.mark.parametrize("name", ENVELOPES)
def test_each_operation_has_its_own_envelope(name: str) -> None:
    world = Account()
    made = world.running()
    bodies: dict[str, Any] = {
        "CreateInstance": {"InstanceName": "b", "WorkspaceId": "1", "EcsSpec": A10, "ImageUrl": image()},
        "UpdateInstance": {"InstanceName": "b"},
        "CreateInstanceShutdownTimer": {"RemainingTimeInMs": 1000},
        "CreateIdleInstanceCuller": {
            "MaxIdleTimeInMinutes": 3,
            "CpuPercentThreshold": 5,
            "GpuPercentThreshold": 5,
        },
        "CreateInstanceSnapshot": {"SnapshotName": "s", "ImageUrl": "r/x:1"},
        "UpdateInstanceLabels": {"Labels": [{"Key": "a"}]},
        "CreateWorkspace": {"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]},
        "UpdateWorkspace": {"Description": "e"},
    }
    before = {
        "DeleteInstanceShutdownTimer": "CreateInstanceShutdownTimer",
        "GetInstanceShutdownTimer": "CreateInstanceShutdownTimer",
        "DeleteIdleInstanceCuller": "CreateIdleInstanceCuller",
        "GetIdleInstanceCuller": "CreateIdleInstanceCuller",
        "DeleteInstanceSnapshot": "CreateInstanceSnapshot",
    }
    snapshot = "none"
    if name in before:
        snapshot = str(world.on(before[name], made, bodies[before[name]])[1].get("SnapshotId"))
    if name == "StartInstance":
        world.force(made, "Stopped")
    if name == "DeleteWorkspace":
        world.account.state.instances.clear()
    query = {"ListEcsSpecs": "AcceleratorType=CPU", "DeleteInstanceLabels": "LabelKeys=a"}.get(name, "")
    status, body = world.call(
        name, bodies.get(name), query=query, InstanceId=made, SnapshotId=snapshot, WorkspaceId="1"
    )
    assert status == 200, body
    assert body.keys() == ENVELOPES[name]
    if "Success" in body:
        assert (body["Code"], body["Message"], body["Success"]) == ("null", "", True)
    assert body.get("HttpStatusCode", 200) == 200
    assert len(body["RequestId"]) == 36


def test_an_error_has_the_gateways_form(world: Account) -> None:
    status, body = world.call("GetInstance", InstanceId="dsw-none")
    assert status == body["HttpStatusCode"] == 404
    assert body.keys() == FULL | {"HostId"}
    assert (body["Success"], body["HostId"]) == (False, f"pai-dsw.{HOME}.aliyuncs.com")


def test_no_two_answers_share_a_request_id(world: Account) -> None:
    found = {world.call("GetUserConfig")[1]["RequestId"] for _ in range(50)}
    assert len(found) == 50


# --- what was asked for is what is shown ---


@pytest.mark.parametrize("member", EVERYTHING)
def test_what_was_asked_for_is_shown(world: Account, member: str) -> None:
    shown = world.call("GetInstance", **ids(world))[1]
    expected: Any = EVERYTHING[member]
    if member == "Tag":
        assert shown["Tags"] == [{"TagKey": "t", "TagValue": "u"}]
    elif member == "CloudDisks":
        (disk,) = shown["CloudDisks"]
        assert (disk["Capacity"], disk["SubType"]) == ("150Gi", "rootfs")
        assert disk["Status"]["Capacity"] == 150 * 1024**3
        assert disk["Status"]["Usage"] + disk["Status"]["Available"] == disk["Status"]["Capacity"]
    else:
        assert shown[member] == expected


@pytest.mark.parametrize("gib", [1, 11, 12, 13, 100, 9999])
def test_a_disk_never_holds_more_than_it_can(gib: int) -> None:
    world = Account()
    made = world.create(CloudDisks=[{"Capacity": f"{gib}Gi"}])
    (disk,) = world.on("GetInstance", made)[1]["CloudDisks"]
    assert 0 <= disk["Status"]["Available"] <= disk["Status"]["Capacity"] == gib * 1024**3


@pytest.mark.parametrize("status", ["Creating", "Starting", "Running", "Stopping", "Stopped", "Saving"])
def test_addresses_only_while_it_runs(status: str) -> None:
    world = Account()
    made = world.create()
    world.force(made, status)
    shown = world.on("GetInstance", made)[1]
    urls = [shown[name] for name in ("InstanceUrl", "JupyterlabUrl", "WebIDEUrl", "TerminalUrl")]
    assert all(made in url and "token=" in url for url in urls) if status == "Running" else not any(urls)
    assert bool(shown["PodIps"]) is (status == "Running")


def test_time_that_it_ran_is_added_up() -> None:
    world = Account()
    made = world.running()
    for _ in range(3):
        world.advance(minutes=10)
        world.on("StopInstance", made)
        world.advance(minutes=5)
        world.on("StartInstance", made)
        world.advance(175)
    shown = world.on("GetInstance", made)[1]
    assert shown["AccumulatedRunningTimeInMs"] == 3 * 600_000
    assert [len(session) for session in world.on("GetLifecycle", made)[1]["Lifecycle"]] == [7, 6, 6, 4]


@pytest.mark.parametrize(("flag", "member"), [*DISASSOCIATE.items()])
def test_each_disassociate_takes_its_member_away(flag: str, member: str) -> None:
    world = Account()
    values: dict[str, Any] = EVERYTHING | {
        "AssignNodeSpec": {"NodeNames": "a"},
        "CredentialConfig": {"Enable": True},
        "UserCommand": {"OnStart": {"Content": "x"}},
        "SpotSpec": {"SpotStrategy": "SpotAsPriceGo"},
    }
    made = world.create(**values)
    world.force(made, "Stopped")
    kept = replace(world.the(made).spec)
    assert world.on("UpdateInstance", made, {f"Disassociate{flag}": False})[0] == 200
    world.advance(10)
    assert world.the(made).spec == kept
    assert world.on("UpdateInstance", made, {f"Disassociate{flag}": True})[0] == 200
    taken: dict[str, Any] = {member: None}
    assert world.the(made).spec == replace(kept, **taken)
    assert getattr(kept, member) is not None


# --- the account ---


@pytest.mark.parametrize(
    ("region", "available"),
    [(HOME, True), ("cn-beijing", True), ("cn-hongkong", False), ("eu-central-1", False)],
)
def test_where_the_trial_is(region: str, available: bool) -> None:
    world = Account()
    assert world.call("GetUserConfig", region=region)[1]["FreeTierSpecAvailable"] is available
    specs = world.call("ListEcsSpecs", region=region, query="AcceleratorType=GPU")[1]["EcsSpecs"]
    marked = {spec["InstanceType"] for spec in specs if spec["Labels"]}
    assert marked == ({A10, V100} if available else set())


@pytest.mark.parametrize(
    ("over", "path", "value"),
    [
        ({"FreeTier": {"Status": "expired"}}, ("FreeTier", "Status"), "expired"),
        ({"FreeTier": None}, ("FreeTier",), None),
        ({"FreeTier": {"PeriodBaseValue": None}}, ("FreeTier", "PeriodBaseValue"), None),
        ({"FreeTier": "none"}, ("FreeTier",), "none"),
        ({"AccountSufficient": "unknown"}, ("AccountSufficient",), "unknown"),
        ({"New": {"deep": 1}}, ("New", "deep"), 1),
    ],
)
def test_the_account_can_be_described_otherwise(
    over: dict[str, Any], path: tuple[str, ...], value: Any
) -> None:
    found: Any = Account(user_config=over).call("GetUserConfig")[1]
    plain: Any = Account().call("GetUserConfig")[1]
    for step in path:
        found, rest = found.get(step), found
    assert found == value
    # The rest is as it was.
    assert rest.keys() - {path[-1]} == (plain if len(path) == 1 else plain.get(path[0], {})).keys() - {
        path[-1]
    }


def test_the_trial_as_it_is_used() -> None:
    world = Account()
    begin = world.call("GetUserConfig")[1]["FreeTier"]
    assert (begin["InitBaseValue"], begin["PeriodBaseValue"], begin["Status"]) == (250.0, 250.0, "valid")
    assert (begin["StartTime"], begin["EndTime"]) == ("2026-01-05T02:00:00Z", "2026-04-05T02:00:00Z")
    world.running()
    world.advance(hours=10)
    left = world.call("GetUserConfig")[1]["FreeTier"]
    # On for 601 minutes and 55 s, of which begun ones count whole: 602 of them at 6.991 CU an hour.
    assert left["PeriodBaseValue"] == pytest.approx(250 - 6.991 * 602 / 60, abs=1e-6)
    world.advance(days=120)
    assert world.call("GetUserConfig")[1]["FreeTier"]["Status"] == "invalid"
    world.account.state.trial = Trial()
    assert world.call("GetUserConfig")[1]["FreeTier"] == {"IsFreeTierUser": False, "Status": "invalid"}


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"activated": False}, "ServiceNotOpened"), ({"account_sufficient": False}, "InsufficientBalance")],
)
@pytest.mark.parametrize("name", ["CreateInstance", "StartInstance"])
def test_an_account_that_may_start_nothing(settings: dict[str, bool], code: str, name: str) -> None:
    world = Account()
    made = world.create()
    world.force(made, "Stopped")
    world.control.handle("POST", "settings", {}, settings)
    body = {"InstanceName": "b", "WorkspaceId": "1", "EcsSpec": CPU, "ImageUrl": image()}
    status, answer = world.on(name, made, body if name == "CreateInstance" else None)
    assert (status, answer["Code"]) == (403 if code == "ServiceNotOpened" else 400, code)
    assert world.the(made).status == "Stopped"
    assert world.on("DeleteInstance", made)[0] == 200


@pytest.mark.parametrize("spec", [A10, CPU, V100, OFF_TIER])
def test_a_type_is_shown_by_what_it_is(spec: str) -> None:
    world = Account()
    made = world.create(EcsSpec=spec)
    shown = world.on("GetInstance", made)[1]
    assert (shown["EcsSpec"], shown["AcceleratorType"]) == (spec, "CPU" if spec == CPU else "GPU")
    kind = shown["AcceleratorType"]
    listed = world.call("ListEcsSpecs", query=f"AcceleratorType={kind}")[1]["EcsSpecs"]
    (found,) = [one for one in listed if one["InstanceType"] == spec]
    assert (found["GPU"] > 0) is (kind == "GPU")
    assert found["GPUMemorySize"] > 0 or kind == "CPU"
