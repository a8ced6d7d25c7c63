"""Snapshots at their edges: every wrong request, lists, what a delete takes, and what others see of one."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.emulator.state import DURATIONS
from tests.support.account import Account

URL = "registry.cn-wulanchabu.aliyuncs.com/me/env:v1"


@pytest.fixture
def world() -> Account:
    return Account()


def snapshot(world: Account, made: str, name: str = "env", **more: Any) -> str:
    body = {"SnapshotName": name, "ImageUrl": f"{URL}-{name}"} | more
    status, answer = world.on("CreateInstanceSnapshot", made, body)
    assert status == 200, answer
    return str(answer["SnapshotId"])


def get(world: Account, made: str, found: str) -> dict[str, Any]:
    status, answer = world.call("GetInstanceSnapshot", InstanceId=made, SnapshotId=found)
    return answer if status == 200 else {"Status": status}


@pytest.mark.parametrize(
    ("seconds", "status", "instance"),
    [
        (0, "Committing", "Saving"),
        (59.999, "Committing", "Saving"),
        (60, "Pushing", "Running"),
        (179.999, "Pushing", "Running"),
        (180, "Saved", "Running"),
        (86_400, "Saved", "Running"),
    ],
)
def test_its_way_to_the_millisecond(world: Account, seconds: float, status: str, instance: str) -> None:
    made = world.running()
    begin = world.account.now()
    found = snapshot(world, made)
    world.advance(seconds)
    shown = get(world, made, found)
    assert (shown["Status"], world.the(made).status) == (status, instance)
    assert (shown["GmtCreateTime"] == shown["GmtModifiedTime"]) is (status == "Committing")
    assert len(world.account.state.images) == (status == "Saved")
    if status == "Saved":
        (image,) = world.account.state.images.values()
        assert (image.uri, image.created) == (f"{URL}-env", begin + 180_000)
        assert world.call("GetImage", ImageId=image.id)[1]["ImageUri"] == image.uri


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"SnapshotName": ""}, "SnapshotName is mandatory"),
        ({"SnapshotName": "Env"}, "lower-case letters, digits and hyphens"),
        ({"SnapshotName": "env_1"}, "lower-case letters, digits and hyphens"),
        ({"SnapshotName": "-env"}, "lower-case letters, digits and hyphens"),
        ({"SnapshotName": "e" * 64}, "lower-case letters, digits and hyphens"),
        ({"SnapshotName": "env\n"}, "lower-case letters, digits and hyphens"),
        ({"SnapshotName": 1}, "SnapshotName must be a string"),
        ({"ImageUrl": ""}, "ImageUrl is mandatory"),
        ({"Overwrite": "maybe"}, "Overwrite must be a boolean"),
        ({"ExcludePaths": "/tmp"}, "ExcludePaths must be a list"),
        ({"ExcludePaths": [1]}, "ExcludePaths must be a list of strings"),
        ({"Labels": [{"Key": "aliyun"}]}, "must not start with aliyun"),
        ({"SnapshotDescription": []}, "SnapshotDescription must be a string"),
    ],
)
def test_a_wrong_one_is_not_begun(world: Account, members: dict[str, Any], message: str) -> None:
    made = world.running()
    before = world.text()
    body = {"SnapshotName": "env", "ImageUrl": URL} | members
    status, answer = world.on("CreateInstanceSnapshot", made, body)
    assert (status, answer["Code"]) == (400, "ValidationError")
    assert message in answer["Message"]
    assert world.text() == before


def test_one_at_a_time(world: Account) -> None:
    made = world.running()
    snapshot(world, made, "a")
    status, answer = world.on("CreateInstanceSnapshot", made, {"SnapshotName": "b", "ImageUrl": "r/b:1"})
    assert (status, answer["Message"]) == (400, f"instance {made} is Saving: a snapshot needs it Running")
    # While the first is pushed the instance runs again.
    world.advance(60)
    second = snapshot(world, made, "b")
    world.advance(180)
    assert get(world, made, second)["Status"] == "Saved"
    assert len(world.account.state.images) == 2


def test_the_same_address_only_with_overwrite(world: Account) -> None:
    made = world.running()
    snapshot(world, made)
    world.advance(180)
    body = {"SnapshotName": "env", "ImageUrl": f"{URL}-env"}
    assert world.on("CreateInstanceSnapshot", made, body)[0] == 400
    assert world.on("CreateInstanceSnapshot", made, body | {"Overwrite": False})[0] == 400
    assert world.on("CreateInstanceSnapshot", made, body | {"Overwrite": True})[0] == 200


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["a", "b", "c"]),
        ("SortBy=GmtCreateTime&Order=DESC", ["c", "b", "a"]),
        ("SortBy=GmtCreateTime&Order=ASC", ["a", "b", "c"]),
        ("SortBy=GmtModifiedTime&Order=DESC&PageSize=1", ["c"]),
        ("PageSize=2", ["a", "b"]),
        ("PageSize=2&PageNumber=2", ["c"]),
        ("PageSize=2&PageNumber=3", []),
    ],
)
def test_lists(world: Account, query: str, names: list[str]) -> None:
    made = world.running()
    for name in ("a", "b", "c"):
        snapshot(world, made, name)
        world.advance(180)
    answer = world.on("ListInstanceSnapshot", made, query=query)[1]
    assert [one["SnapshotName"] for one in answer["Snapshots"]] == names
    assert answer["TotalCount"] == 3


@pytest.mark.parametrize(
    "query", ["SortBy=GmtCreateTime", "Order=ASC", "SortBy=Name&Order=ASC", "PageSize=101"]
)
def test_a_wrong_list(world: Account, query: str) -> None:
    assert world.on("ListInstanceSnapshot", world.running(), query=query)[0] == 400


@pytest.mark.parametrize("seconds", [0, 60, 180])
def test_a_deleted_one_never_becomes_an_image(world: Account, seconds: int) -> None:
    made = world.running()
    found = snapshot(world, made)
    world.advance(seconds)
    assert world.call("DeleteInstanceSnapshot", InstanceId=made, SnapshotId=found)[0] == 200
    world.advance(days=1)
    assert get(world, made, found)["Status"] == 404
    assert world.call("DeleteInstanceSnapshot", InstanceId=made, SnapshotId=found)[0] == 404
    assert world.account.state.images == {}
    assert world.the(made).status == "Running"


def test_one_belongs_to_its_instance(world: Account) -> None:
    first, second = world.running("first"), world.running("second")
    found = snapshot(world, first)
    for name in ("GetInstanceSnapshot", "DeleteInstanceSnapshot"):
        assert world.call(name, InstanceId=second, SnapshotId=found)[0] == 404
    assert get(world, first, found)["SnapshotName"] == "env"


def test_an_image_outlives_its_instance_and_is_listed(world: Account) -> None:
    made = world.running()
    snapshot(world, made)
    world.advance(180)
    world.on("DeleteInstance", made)
    world.advance(DURATIONS["Deleting"])
    assert [(thing.kind, thing.detail) for thing in world.account.live()][1:] == [("image", f"{URL}-env")]
    shown = world.call("ListImages", query="Accessibility=PRIVATE")[1]["Images"]
    assert [(image["Name"], image["WorkspaceId"]) for image in shown] == [("env", "1")]
    assert world.call("ListImages", region="cn-beijing", query="Accessibility=PRIVATE")[1]["TotalCount"] == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("Accessibility=PUBLIC", 7),
        ("Accessibility=PRIVATE", 1),
        ("Name=env", 1),
        ("Name=en&Options=ExactMatchName", 0),
        ("Name=env&Options=ExactMatchName", 1),
        ("Name=pytorch", 6),
        ("Labels=system.chipType=GPU", 5),
        ("Labels=system.chipType=CPU,system.official=true", 2),
        ("Labels=system.chipType=TPU", 0),
        (f"ImageUri={URL}-env", 1),
        ("WorkspaceId=2", 7),
        ("WorkspaceId=1", 8),
        ("Query=tensor", 1),
        ("PageSize=3&PageNumber=3", 8),
    ],
)
def test_images_by_filter(world: Account, query: str, count: int) -> None:
    snapshot(world, world.running())
    world.advance(180)
    answer = world.call("ListImages", query=query)[1]
    assert answer["TotalCount"] == count
    assert len(answer["Images"]) == (2 if "PageNumber" in query else count)
    assert not any("Labels" in image for image in answer["Images"])
