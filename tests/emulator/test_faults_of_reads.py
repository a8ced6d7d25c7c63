"""Reads that lag behind a write, and lists that leave out what is new."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paidsw.emulator.faults import Fault
from tests.support.account import OPS, Account
from tests.support.cloud import A10, HOME, image


@pytest.fixture
def world() -> Account:
    return Account()


def reads(world: Account, made: str, count: int, region: str = HOME) -> list[Any]:
    return [world.on("GetInstance", made, region=region)[1].get("InstanceName") for _ in range(count)]


@pytest.mark.parametrize("lag", [1, 2, 5])
def test_so_many_reads_show_what_was(world: Account, lag: int) -> None:
    made = world.running()
    world.strike("stale", "UpdateInstance", reads=lag)
    world.on("UpdateInstance", made, {"InstanceName": "new"})
    assert reads(world, made, lag + 2) == ["notebook"] * lag + ["new"] * 2


def test_a_list_of_another_region_uses_no_lag_up(world: Account) -> None:
    made = world.running()
    world.strike("stale", "UpdateInstance", reads=2)
    world.on("UpdateInstance", made, {"InstanceName": "new"})
    for _ in range(3):
        assert world.call("ListInstances", region="cn-beijing")[1]["TotalCount"] == 0
    names = [
        world.call("ListInstances", query="WorkspaceId=ALL")[1]["Instances"][0]["InstanceName"]
        for _ in range(3)
    ]
    assert names == ["notebook", "notebook", "new"]


def test_lists_and_gets_use_up_the_same_lag(world: Account) -> None:
    world.strike("stale", "CreateInstance", reads=3)
    made = world.create()
    assert world.on("GetInstance", made)[0] == 404
    assert world.call("ListInstances", query="WorkspaceId=ALL")[1]["TotalCount"] == 0
    assert world.on("GetInstanceEvents", made)[0] == 404
    assert world.on("GetInstance", made)[0] == 200


def listed(world: Account) -> int:
    return int(world.call("ListInstances", query="WorkspaceId=ALL")[1]["TotalCount"])


def test_a_lag_of_so_many_seconds_of_the_clouds_time(world: Account) -> None:
    world.strike("stale", "CreateInstance", seconds=3600)
    made = world.create()
    for _ in range(50):
        assert (world.on("GetInstance", made)[0], listed(world)) == (404, 0)
    world.advance(3599)
    assert (world.on("GetInstance", made)[0], listed(world)) == (404, 0)
    world.advance(1)
    assert (world.on("GetInstance", made)[0], listed(world)) == (200, 1)


def test_a_list_without_what_is_new_for_so_long(world: Account) -> None:
    old = world.create("old")
    world.strike("unlisted", "CreateInstance", seconds=600)
    new = world.create("new")
    for _ in range(3):
        assert (world.on("GetInstance", new)[0], world.on("GetInstance", old)[0], listed(world)) == (
            200,
            200,
            1,
        )
    # What happens to it meanwhile doesn't put it into the list.
    world.on("CreateInstanceShutdownTimer", new, {"RemainingTimeInMs": 3_600_000})
    world.advance(599)
    assert listed(world) == 1
    world.advance(1)
    assert listed(world) == 2


def test_a_list_without_what_is_new_so_many_times(world: Account) -> None:
    world.strike("unlisted", "CreateInstance", reads=2)
    made = world.create()
    shown = [(world.on("GetInstance", made)[0], listed(world)) for _ in range(3)]
    assert shown == [(200, 0), (200, 0), (200, 1)]


def test_a_name_is_taken_by_what_no_list_shows(world: Account) -> None:
    world.strike("unlisted", "CreateInstance", seconds=600)
    world.create("one")
    body = {"InstanceName": "one", "WorkspaceId": "1", "EcsSpec": A10, "ImageUrl": image()}
    status, answer = world.call("CreateInstance", body)
    assert (status, answer["Message"]) == (400, "instance name already exists: one")


def test_a_list_that_still_has_what_is_deleted(world: Account) -> None:
    made = world.create()
    world.strike("unlisted", "DeleteInstance", seconds=600)
    world.on("DeleteInstance", made)
    world.advance(30)
    assert (world.on("GetInstance", made)[0], listed(world)) == (404, 1)
    world.advance(570)
    assert listed(world) == 0


def test_a_lost_reply_whose_thing_is_not_listed_yet(world: Account) -> None:
    """Two faults at once, as a client meets them that looks for what it made."""
    for operation in ("CreateInstance", "CreateWorkspace"):
        world.account.faults.add(Fault("cut-after", operation))
        world.account.faults.add(Fault("unlisted", operation, seconds=60))
    for name, body in (
        ("CreateInstance", {"InstanceName": "a", "WorkspaceId": "1", "EcsSpec": A10, "ImageUrl": image()}),
        ("CreateWorkspace", {"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]}),
    ):
        assert world.gateway.perform(OPS[name], HOME, body=json.dumps(body).encode()).cut
    spaces = [len(world.call("ListWorkspaces")[1]["Workspaces"]), listed(world)]
    world.advance(60)
    assert spaces == [1, 0]
    assert [len(world.call("ListWorkspaces")[1]["Workspaces"]), listed(world)] == [2, 1]


def test_a_workspace_without_a_list_is_read_all_the_same(world: Account) -> None:
    world.strike("unlisted", "CreateWorkspace", reads=1)
    body = {"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]}
    made = world.call("CreateWorkspace", body)[1]["WorkspaceId"]
    assert world.call("GetWorkspace", WorkspaceId=made)[0] == 200
    shown = [world.call("ListWorkspaces", query="WorkspaceName=abc")[1]["TotalCount"] for _ in range(2)]
    assert shown == [0, 1]


def test_writes_see_what_is(world: Account) -> None:
    world.strike("stale", "CreateInstance", reads=50)
    made = world.create()
    assert world.on("GetInstance", made)[0] == 404
    assert world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 1000})[0] == 200


def test_a_second_lag_shows_the_state_before_the_second_write(world: Account) -> None:
    made = world.running()
    world.account.faults.add(Fault("stale", "UpdateInstanceLabels", times=2, reads=2))
    for key in ("a", "b"):
        world.on("UpdateInstanceLabels", made, {"Labels": [{"Key": key}]})
    shown = [len(world.on("GetInstance", made)[1]["Labels"]) for _ in range(3)]
    assert shown == [1, 1, 2]


def test_a_workspace_lags_too(world: Account) -> None:
    world.strike("stale", "CreateWorkspace", reads=1)
    body = {"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]}
    made = world.call("CreateWorkspace", body)[1]["WorkspaceId"]
    assert [world.call("GetWorkspace", WorkspaceId=made)[0] for _ in range(2)] == [404, 200]
