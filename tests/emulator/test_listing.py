from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException

from tests.support.account import Account
from tests.support.cloud import CPU, HOME, Cloud


def label(key: str, value: str) -> Any:
    return m.CreateInstanceRequestLabels(key=key, value=value)


@pytest.fixture
def three(cloud: Cloud) -> Cloud:
    space = cloud.workspace()
    cloud.create("x", workspace=space, labels=[label("stack", "dev"), label("urn", "1")])
    cloud.emulator.clock.advance(60)
    cloud.create("x_v2", workspace=space, labels=[label("stack", "dev")], accessibility="PUBLIC")
    cloud.emulator.clock.advance(60)
    cloud.create("other", workspace=space, ecs_spec=CPU, tag=[m.CreateInstanceRequestTag(key="t", value="1")])
    return cloud


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["other", "x_v2", "x"]),
        ({"instance_name": "x"}, ["x_v2", "x"]),
        ({"instance_name": "X"}, []),
        ({"labels": {"stack": "dev"}}, ["x_v2", "x"]),
        ({"labels": {"stack": "dev", "urn": "1"}}, ["x"]),
        ({"labels": {"stack": "prod"}}, []),
        ({"accessibility": "PUBLIC"}, ["x_v2"]),
        ({"accelerator_type": "CPU"}, ["other"]),
        ({"gpu_type": "NVIDIA A10"}, ["x_v2", "x"]),
        ({"status": "Creating"}, ["other"]),
        ({"workspace_id": "ALL"}, ["other", "x_v2", "x"]),
        ({"workspace_id": "1"}, []),
        ({"payment_type": "Subscription"}, []),
        ({"image_name": "modelscope"}, []),
        ({"tag": [m.ListInstancesRequestTag(key="t", value="1")]}, ["other"]),
        ({"sort_by": "GmtCreateTime", "order": "ASC"}, ["x", "x_v2", "other"]),
        ({"sort_by": "Priority", "order": "DESC"}, ["other", "x_v2", "x"]),
        ({"create_time_after": "2026-01-05T02:00:30Z"}, ["other", "x_v2"]),
        ({"create_time_before": "2026-01-05T02:00:30Z"}, ["x"]),
    ],
)
def test_filters(three: Cloud, query: dict[str, Any], names: list[str]) -> None:
    assert three.names(**query) == names


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"sort_by": "GmtCreateTime"}, "together"),
        ({"order": "ASC"}, "together"),
        ({"sort_by": "Name", "order": "ASC"}, "SortBy"),
        ({"page_size": 101}, "PageSize"),
        ({"page_number": 0}, "PageNumber"),
        ({"labels": {str(i): "" for i in range(5)}}, "at most 4"),
        ({"create_time_after": "yesterday"}, "CreateTimeAfter"),
    ],
)
def test_a_wrong_query_is_refused(three: Cloud, query: dict[str, Any], word: str) -> None:
    with pytest.raises(DaraException) as error:
        three.names(**query)
    assert error.value.status_code == 400
    assert word in error.value.message


def test_without_workspace_id_only_the_default_workspace(three: Cloud) -> None:
    assert three.names(workspace_id="") == []
    default = three.emulator.default_workspace(HOME)
    assert three.names(workspace_id="") == []
    three.create("here", workspace=default)
    assert three.names(workspace_id="") == three.names(workspace_id=default) == ["here"]
    assert len(three.names(workspace_id="ALL")) == 4


def test_a_default_workspace_is_of_its_region(three: Cloud) -> None:
    three.create("here", workspace=three.emulator.default_workspace(HOME))
    three.emulator.default_workspace("cn-beijing")
    assert three.names(region="cn-beijing", workspace_id="") == []
    assert three.names(workspace_id="") == ["here"]


def test_all_workspaces_may_need_an_action_of_its_own(three: Cloud) -> None:
    three.create("here", workspace=three.emulator.default_workspace(HOME))
    three.emulator.settings(denied=["paidsw:ListAllInstances"])
    with pytest.raises(DaraException) as error:
        three.names(workspace_id="ALL", resource_id="ALL")
    assert (error.value.status_code, error.value.code) == (403, "NoPermissionError")
    assert "ListAllInstances" in error.value.message
    assert three.names(workspace_id="", resource_id="ALL") == ["here"]


def test_without_resource_id_only_pay_as_you_go(three: Cloud) -> None:
    three.create("paid", ecs_spec=None, resource_id="quota-1")
    assert "paid" not in three.names()
    assert three.names(resource_id="quota-1") == ["paid"]
    assert len(three.names(resource_id="ALL")) == 4


def test_pages_are_whole_and_counted(cloud: Cloud) -> None:
    space = cloud.workspace()
    made = [f"n{i}" for i in range(25)]
    for name in made:
        cloud.create(name, workspace=space)
    pages = []
    for number in (1, 2, 3, 4):
        request = m.ListInstancesRequest(workspace_id="ALL", page_number=number, page_size=10)
        body = cloud.dsw().list_instances(request).body
        assert body.total_count == 25
        pages.append([item.instance_name for item in body.instances])
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert sorted(name for page in pages for name in page) == sorted(made)


def test_an_item_lacks_what_only_get_has(three: Cloud) -> None:
    body = (
        three.dsw()
        .list_instances(m.ListInstancesRequest(workspace_id="ALL", instance_name="other"))
        .body.to_map()
    )
    item = body["Instances"][0]
    assert item["OversoldType"] == "ForbiddenQuotaOverSold"
    assert not {"PodIps", "ProxyPath", "NodeErrorRecovery", "DockerConfig"} & item.keys()
    assert "Status" not in item["CloudDisks"][0]
    assert body["TotalCount"] == 1


def test_regions_are_apart(three: Cloud) -> None:
    assert three.names(region="cn-hangzhou") == []
    three.create("far", region="cn-hangzhou")
    assert three.names(region="cn-hangzhou") == ["far"]
    assert "far" not in three.names()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("CreateTimeAfter=2026-01-05T02:00:00Z", ["second", "first"]),
        ("CreateTimeAfter=2026-01-05T02:00:00.001Z", ["second"]),
        ("CreateTimeAfter=2026-01-05T10:01:00%2B08:00", ["second"]),
        ("CreateTimeAfter=2026-01-05T02:01:00.001Z", []),
        ("CreateTimeBefore=2026-01-05T02:01:00Z", ["second", "first"]),
        ("CreateTimeBefore=2026-01-05T02:00:59.999Z", ["first"]),
        ("CreateTimeBefore=1969-12-31T23:59:59Z", []),
        ("CreateTimeBefore=1970-01-01T00:00:00Z", []),
    ],
)
def test_times_to_the_millisecond_with_both_ends(query: str, names: list[str]) -> None:
    world = Account()
    world.create("first")
    world.advance(60)
    world.create("second")
    shown = world.call("ListInstances", query="WorkspaceId=ALL&" + query.replace("%2B", "+"))[1]["Instances"]
    assert [one["InstanceName"] for one in shown] == names


@pytest.mark.parametrize(
    ("query", "first", "last", "count"),
    [
        ("", "Creating", "Stopped", 7),
        ("MaxEventsNum=1", "Stopped", "Stopped", 1),
        ("MaxEventsNum=2", "Stopping", "Stopped", 2),
        ("MaxEventsNum=100", "Creating", "Stopped", 7),
        ("EventLevel=ERROR", "", "", 0),
        ("StartTime=2026-01-05T02:03:00Z", "Running", "Stopped", 3),
        ("EndTime=2026-01-05T02:03:00Z", "Creating", "Running", 5),
        ("StartTime=2026-01-05T02:03:00Z&EndTime=2026-01-05T02:03:00Z", "Running", "Running", 1),
    ],
)
def test_the_newest_events_oldest_first(query: str, first: str, last: str, count: int) -> None:
    world = Account()
    made = world.running()
    world.advance(1)
    world.on("StopInstance", made)
    world.advance(minutes=1)
    events = world.on("GetInstanceEvents", made, query=query)[1]["Events"]
    assert len(events) == count
    shown = [event.rpartition(" status ")[2] for event in events]
    assert shown[:1] == [first][:count]
    assert shown[-1:] == [last][:count]
