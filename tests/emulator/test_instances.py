from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException

from tests.support.cloud import A10, CPU, HOME, V100, Cloud, image


def refused(error: pytest.ExceptionInfo[Any]) -> tuple[int, str, str]:
    return error.value.status_code, error.value.code, error.value.message


def test_create_starts_the_instance(cloud: Cloud) -> None:
    made = cloud.create()
    seen: list[str] = []
    for _ in range(20):
        status = cloud.status(made)
        if not seen or seen[-1] != status:
            seen.append(status)
        cloud.emulator.clock.advance(10)
    assert seen == ["Creating", "ResourceAllocating", "EnvPreparing", "Starting", "Running"]


def test_create_answers_in_the_documented_form(cloud: Cloud) -> None:
    request = m.CreateInstanceRequest(
        instance_name="a", workspace_id=cloud.workspace(), ecs_spec=A10, image_url=image()
    )
    answer = cloud.dsw().create_instance(request)
    body = answer.body.to_map()
    assert answer.status_code == 200
    assert body.keys() == {"Code", "HttpStatusCode", "InstanceId", "Message", "RequestId", "Success"}
    assert body["Success"] is True
    assert body["InstanceId"].startswith("dsw-")


def test_the_async_client_works_through_the_same_proxy(cloud: Cloud) -> None:
    space = cloud.workspace()
    client = cloud.dsw()

    async def scenario() -> tuple[str, str]:
        request = m.CreateInstanceRequest(
            instance_name="a", workspace_id=space, ecs_spec=A10, image_url=image()
        )
        made = (await client.create_instance_async(request)).body.instance_id
        found = await client.get_instance_async(made, m.GetInstanceRequest())
        return made, found.body.instance_id

    made, found = asyncio.run(scenario())
    assert made == found


def test_get_has_every_documented_member(cloud: Cloud) -> None:
    more: dict[str, Any] = {
        "labels": [m.CreateInstanceRequestLabels(key="stack", value="dev")],
        "tag": [m.CreateInstanceRequestTag(key="team", value="x")],
        "environment_variables": {"A": "1"},
        "driver": "535.54.03",
        "datasets": [m.CreateInstanceRequestDatasets(dataset_id="d-1", mount_path="/mnt/data")],
    }
    made = cloud.create(**more)
    cloud.set_timer(made, 4)
    cloud.set_culler(made, 30)
    cloud.emulator.clock.advance(minutes=4)
    body = cloud.get(made)
    expected = {
        "AcceleratorType": "GPU",
        "Accessibility": "PRIVATE",
        "AccumulatedRunningTimeInMs": 60_000,
        "Driver": "535.54.03",
        "EcsSpec": A10,
        "EnvironmentVariables": {"A": "1"},
        "GmtCreateTime": "2026-01-05T02:00:05Z",
        "HttpStatusCode": 200,
        "ImageUrl": image(),
        "InstanceId": made,
        "InstanceName": "notebook",
        "Labels": [{"Key": "stack", "Value": "dev"}],
        "PaymentType": "PayAsYouGo",
        "ReasonCode": "",
        "Status": "Running",
        "Success": True,
        "Tags": [{"TagKey": "team", "TagValue": "x"}],
        "WorkspaceName": "ws_notebook",
    }
    assert {key: body[key] for key in expected} == expected
    assert body["CloudDisks"][0]["Capacity"] == "100Gi"
    assert body["CloudDisks"][0]["SubType"] == "rootfs"
    status = body["CloudDisks"][0]["Status"]
    assert status["Available"] + status["Usage"] == status["Capacity"] == 100 * 1024**3
    assert body["Datasets"][0]["DatasetId"] == "d-1"
    assert body["IdleInstanceCuller"]["MaxIdleTimeInMinutes"] == 30
    assert body["IdleInstanceCuller"]["IdleTimeInMinutes"] == 1
    assert body["InstanceShutdownTimer"]["DueTime"] == "2026-01-05T06:00:05Z"
    assert body["InstanceShutdownTimer"]["RemainingTimeInMs"] == 4 * 3_600_000 - 240_000
    assert "SpotSpec" not in body


def test_addresses_carry_a_token_and_exist_only_while_running(cloud: Cloud) -> None:
    made = cloud.running()
    members = ("InstanceUrl", "JupyterlabUrl", "WebIDEUrl", "TerminalUrl")
    body = cloud.get(made)
    assert all("?token=" in body[key] and made in body[key] for key in members)
    assert len({body[key] for key in members}) == 4
    cloud.dsw().stop_instance(made, m.StopInstanceRequest())
    stopping = cloud.get(made)
    assert [stopping[key] for key in members] == [""] * 4


@pytest.mark.parametrize("name", ["LLM-Finetune-01", "a" * 28, "a b", "", "名前", "x\n"])
def test_a_bad_name_is_refused(cloud: Cloud, name: str) -> None:
    space = cloud.workspace()
    with pytest.raises(DaraException) as error:
        cloud.create(name, workspace=space)
    status, code, message = refused(error)
    assert (status, code) == (400, "ValidationError")
    assert "InstanceName" in message


def test_a_name_is_taken_once_in_a_region_and_case_counts(cloud: Cloud) -> None:
    cloud.create("note", workspace=(space := cloud.workspace()))
    with pytest.raises(DaraException) as error:
        cloud.create("note", workspace=space)
    assert refused(error)[:2] == (400, "ValidationError")
    assert "instance name already exists" in error.value.message
    cloud.create("Note", workspace=space)
    cloud.create("note", region="cn-beijing")
    assert sorted(cloud.names()) == ["Note", "note"]


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"ecs_spec": "ecs.none"}, "EcsSpec"),
        ({"ecs_spec": None}, "EcsSpec"),
        ({"image_url": None}, "ImageUrl"),
        ({"image_id": "image-1"}, "exactly one"),
        ({"image_url": None, "image_id": "image-1"}, "does not exist"),
        ({"accessibility": "private"}, "PUBLIC, PRIVATE"),
        ({"workspace": "12345"}, "workspace 12345 does not exist"),
        ({"priority": 11}, "Priority"),
        ({"cloud_disks": [m.CreateInstanceRequestCloudDisks(capacity="100")]}, "Capacity"),
        ({"cloud_disks": [m.CreateInstanceRequestCloudDisks(capacity="9Gi", sub_type="data")]}, "rootfs"),
        ({"labels": [m.CreateInstanceRequestLabels(key="acs:x", value="1")]}, "acs:"),
        ({"labels": [m.CreateInstanceRequestLabels(key="k", value="v" * 129)]}, "128"),
        ({"user_vpc": m.CreateInstanceRequestUserVpc(vpc_id="vpc-1")}, "VSwitchId"),
    ],
)
def test_a_wrong_setting_is_refused_and_nothing_is_made(
    cloud: Cloud, members: dict[str, Any], word: str
) -> None:
    with pytest.raises(DaraException) as error:
        cloud.create(**members)
    assert refused(error)[:2] == (400, "ValidationError")
    assert word in error.value.message
    assert cloud.emulator.instances == []


def test_a_workspace_must_be_enabled_and_of_the_region(cloud: Cloud) -> None:
    space = cloud.workspace(region="cn-beijing")
    with pytest.raises(DaraException, match="does not exist in cn-wulanchabu"):
        cloud.create(workspace=space)


def test_an_image_id_brings_its_address(cloud: Cloud) -> None:
    url = image()
    found = cloud.get(cloud.create(image_url=url))
    by_id = cloud.get(cloud.create("second", image_url=None, image_id=found["ImageId"]))
    assert by_id["ImageUrl"] == url
    assert by_id["ImageName"] == found["ImageName"] != ""


def test_an_image_of_another_region_fails_with_its_reason(cloud: Cloud) -> None:
    made = cloud.create(image_url=image("cn-beijing"))
    cloud.emulator.clock.advance(minutes=5)
    body = cloud.get(made)
    assert (body["Status"], body["ReasonCode"]) == ("Failed", "ImagePullBackOff")
    assert cloud.emulator.live()[0].billed is False


def test_a_cpu_instance_says_so(cloud: Cloud) -> None:
    assert cloud.get(cloud.create(ecs_spec=CPU))["AcceleratorType"] == "CPU"


def test_a_resource_group_means_subscription(cloud: Cloud) -> None:
    made = cloud.create(ecs_spec=None, resource_id="quota-1")
    body = cloud.get(made)
    assert (body["PaymentType"], body["ResourceId"]) == ("Subscription", "quota-1")


def test_stop_and_start(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.dsw().stop_instance(made, m.StopInstanceRequest())
    assert cloud.status(made) == "Stopping"
    cloud.emulator.clock.advance(30)
    assert cloud.status(made) == "Stopped"
    cloud.dsw().start_instance(made)
    assert cloud.status(made) == "ResourceAllocating"
    cloud.emulator.clock.advance(minutes=3)
    assert cloud.status(made) == "Running"


def test_stop_may_save_the_environment_first(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.dsw().stop_instance(made, m.StopInstanceRequest(save_image=True))
    assert cloud.status(made) == "Saving"
    cloud.emulator.clock.advance(60)
    assert cloud.status(made) == "Stopping"
    cloud.emulator.clock.advance(30)
    assert cloud.status(made) == "Stopped"


def test_start_only_from_stopped_or_failed(cloud: Cloud) -> None:
    made = cloud.running()
    with pytest.raises(DaraException, match="Stopped or Failed only"):
        cloud.dsw().start_instance(made)
    cloud.emulator.force(made, "Failed", "InternalError", "broken")
    cloud.dsw().start_instance(made)
    assert cloud.status(made) == "ResourceAllocating"


def test_stop_needs_something_to_stop(cloud: Cloud) -> None:
    made = cloud.stopped()
    with pytest.raises(DaraException, match="cannot be stopped"):
        cloud.dsw().stop_instance(made, m.StopInstanceRequest())


@pytest.mark.parametrize(
    "status",
    [
        "Creating",
        "ResourceAllocating",
        "EnvPreparing",
        "Starting",
        "Queuing",
        "Running",
        "Stopping",
        "Stopped",
        "Failed",
        "Saving",
        "Saved",
        "SaveFailed",
        "Recovering",
        "Updating",
    ],
)
def test_delete_from_any_status(cloud: Cloud, status: str) -> None:
    made = cloud.create()
    cloud.emulator.force(made, status)
    cloud.dsw().delete_instance(made)
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(20)
    with pytest.raises(DaraException) as error:
        cloud.dsw().delete_instance(made)
    assert error.value.status_code == 404
    assert cloud.emulator.instances == []


def test_a_strict_cloud_deletes_only_what_is_stopped(cloud: Cloud) -> None:
    cloud.emulator.settings(strict_delete=True)
    made = cloud.running()
    with pytest.raises(DaraException, match="stop it before"):
        cloud.dsw().delete_instance(made)
    cloud.dsw().stop_instance(made, m.StopInstanceRequest())
    cloud.emulator.clock.advance(30)
    cloud.dsw().delete_instance(made)
    assert cloud.status(made) == "Deleting"


def test_delete_releases_everything(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.dsw().delete_instance(made)
    assert cloud.status(made) == "Deleting"
    cloud.emulator.clock.advance(20)
    assert cloud.names() == []
    assert [thing.kind for thing in cloud.emulator.live()] == ["workspace"]
    assert cloud.emulator.bill().total == 0


def test_a_missing_instance_is_404_with_code_message_and_request(cloud: Cloud) -> None:
    with pytest.raises(DaraException) as error:
        cloud.get("dsw-none")
    status, code, message = refused(error)
    assert (status, code) == (404, "ValidationError")
    assert "dsw-none does not exist" in message
    assert len(error.value.request_id) == 36


def test_an_instance_is_not_seen_from_another_region(cloud: Cloud) -> None:
    made = cloud.create()
    with pytest.raises(DaraException) as error:
        cloud.get(made, region="cn-shanghai")
    assert error.value.status_code == 404
    assert cloud.get(made, region=HOME)["InstanceId"] == made


@pytest.mark.parametrize(
    ("setting", "code"),
    [({"activated": False}, "ServiceNotOpened"), ({"account_sufficient": False}, "InsufficientBalance")],
)
def test_an_account_that_may_not_create(cloud: Cloud, setting: dict[str, bool], code: str) -> None:
    space = cloud.workspace()
    cloud.emulator.settings(**setting)
    with pytest.raises(DaraException) as error:
        cloud.create(workspace=space)
    assert error.value.code == code
    assert cloud.emulator.instances == []


@pytest.mark.parametrize(("how", "status"), [("queue", "Queuing"), ("fail", "Failed")])
def test_no_stock(cloud: Cloud, how: str, status: str) -> None:
    cloud.emulator.settings(sold_out=[f"{HOME}/{A10}"], when_sold_out=how)
    made = cloud.create()
    cloud.emulator.clock.advance(hours=2)
    assert cloud.status(made) == status
    assert cloud.emulator.bill().lines == []
    other = cloud.running("other", ecs_spec=V100)
    assert cloud.status(other) == "Running"


def test_no_stock_may_refuse_the_call(cloud: Cloud) -> None:
    cloud.emulator.settings(sold_out=[A10], when_sold_out="refuse")
    with pytest.raises(DaraException, match="out of stock"):
        cloud.create()
    assert cloud.emulator.instances == []
