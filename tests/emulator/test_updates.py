from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException

from tests.support.account import Account
from tests.support.cloud import A10, HOME, OFF_TIER, V100, Cloud, image


def update(cloud: Cloud, made: str, **members: Any) -> None:
    cloud.dsw().update_instance(made, m.UpdateInstanceRequest(**members))


def disk(size: str) -> list[Any]:
    return [m.UpdateInstanceRequestCloudDisks(sub_type="rootfs", capacity=size)]


def test_rename_in_place_while_running(cloud: Cloud) -> None:
    made = cloud.running()
    update(cloud, made, instance_name="renamed")
    assert cloud.status(made) == "Updating"
    cloud.emulator.clock.advance(10)
    assert (cloud.status(made), cloud.names()) == ("Running", ["renamed"])


def test_a_new_name_must_be_free_and_the_own_one_is(cloud: Cloud) -> None:
    made = cloud.stopped()
    cloud.create("taken")
    with pytest.raises(DaraException, match="already exists"):
        update(cloud, made, instance_name="taken")
    update(cloud, made, instance_name="notebook")
    assert "notebook" in cloud.names()


def test_a_strict_cloud_changes_the_type_only_when_stopped(cloud: Cloud) -> None:
    made = cloud.running()
    with pytest.raises(DaraException, match="must be stopped to change EcsSpec"):
        update(cloud, made, ecs_spec=V100)
    assert cloud.get(made)["EcsSpec"] == A10
    assert cloud.status(made) == "Running"


def test_a_lenient_cloud_changes_it_while_running_and_meters_it(cloud: Cloud) -> None:
    cloud.emulator.settings(strict_update=False)
    made = cloud.running()
    update(cloud, made, ecs_spec=V100)
    cloud.emulator.clock.advance(hours=1)
    items = [line.item for line in cloud.emulator.bill().lines]
    assert cloud.status(made) == "Running"
    assert items == [A10, V100]


def test_update_and_start_in_one_call(cloud: Cloud) -> None:
    made = cloud.stopped()
    update(cloud, made, ecs_spec=V100, start_instance=True)
    assert cloud.status(made) == "Updating"
    cloud.emulator.clock.advance(minutes=4)
    body = cloud.get(made)
    assert (body["Status"], body["EcsSpec"]) == ("Running", V100)


def test_without_start_it_stays_stopped(cloud: Cloud) -> None:
    made = cloud.stopped()
    update(cloud, made, ecs_spec=V100)
    cloud.emulator.clock.advance(minutes=4)
    assert cloud.status(made) == "Stopped"


def test_the_present_type_is_refused(cloud: Cloud) -> None:
    made = cloud.stopped()
    with pytest.raises(DaraException) as error:
        update(cloud, made, ecs_spec=A10)
    assert error.value.status_code == 400


def test_a_disk_only_grows(cloud: Cloud) -> None:
    made = cloud.stopped()
    update(cloud, made, cloud_disks=disk("150Gi"))
    cloud.emulator.clock.advance(10)
    assert cloud.get(made)["CloudDisks"][0]["Capacity"] == "150Gi"
    with pytest.raises(DaraException, match="can only grow"):
        update(cloud, made, cloud_disks=disk("149Gi"))
    assert [thing.detail for thing in cloud.emulator.billed()] == ["50 GiB above the free size"]


def test_public_never_becomes_private(cloud: Cloud) -> None:
    made = cloud.running()
    update(cloud, made, accessibility="PUBLIC")
    cloud.emulator.clock.advance(10)
    with pytest.raises(DaraException, match="PUBLIC to PRIVATE"):
        update(cloud, made, accessibility="PRIVATE")
    assert cloud.get(made)["Accessibility"] == "PUBLIC"


def test_settings_are_replaced_and_taken_away(cloud: Cloud) -> None:
    made = cloud.stopped(driver="535.54.03", environment_variables={"A": "1"})
    new = image().replace("2.6.0-gpu-py310-cu124", "2.3.1-gpu-py310-cu121")
    update(cloud, made, image_url=new, environment_variables={"B": "2"})
    cloud.emulator.clock.advance(10)
    body = cloud.get(made)
    assert (body["ImageUrl"], body["EnvironmentVariables"], body["Driver"]) == (new, {"B": "2"}, "535.54.03")
    update(cloud, made, disassociate_driver=True, disassociate_environment_variables=True)
    cloud.emulator.clock.advance(10)
    assert not {"Driver", "EnvironmentVariables"} & cloud.get(made).keys()


def test_forward_infos_are_taken_from_the_network(cloud: Cloud) -> None:
    vpc = m.CreateInstanceRequestUserVpc(
        vpc_id="vpc-1",
        v_switch_id="vsw-1",
        security_group_id="sg-1",
        forward_infos=[m.ForwardInfo(eip_allocation_id="eip-1")],
    )
    made = cloud.stopped(user_vpc=vpc)
    assert cloud.get(made)["UserVpc"]["ForwardInfos"][0]["EipAllocationId"] == "eip-1"
    update(cloud, made, disassociate_forward_infos=True)
    cloud.emulator.clock.advance(10)
    body = cloud.get(made)["UserVpc"]
    assert (body["VpcId"], body.get("ForwardInfos", [])) == ("vpc-1", [])


def test_all_or_nothing(cloud: Cloud) -> None:
    made = cloud.stopped()
    with pytest.raises(DaraException, match="EcsSpec"):
        update(cloud, made, instance_name="renamed", ecs_spec="ecs.none")
    body = cloud.get(made)
    assert (body["InstanceName"], body["EcsSpec"], body["Status"]) == ("notebook", A10, "Stopped")


@pytest.mark.parametrize("status", ["Creating", "Stopping", "Starting", "Updating", "Deleting", "Saving"])
def test_not_on_the_way(cloud: Cloud, status: str) -> None:
    made = cloud.create()
    cloud.emulator.force(made, status)
    with pytest.raises(DaraException, match="cannot be updated now"):
        update(cloud, made, instance_name="renamed")


def test_a_start_after_an_update_meets_empty_stock(cloud: Cloud) -> None:
    made = cloud.stopped()
    cloud.emulator.settings(sold_out=[f"{HOME}/{V100}"])
    update(cloud, made, ecs_spec=V100, start_instance=True)
    cloud.emulator.clock.advance(hours=1)
    assert cloud.status(made) == "Queuing"


def test_a_refusal_after_the_disk_was_metered_again_takes_that_back() -> None:
    world = Account(strict_update=False)
    made = world.running(CloudDisks=[{"Capacity": "120Gi"}])
    before = world.text()
    body = {"EcsSpec": OFF_TIER, "CloudDisks": [{"Capacity": "150Gi"}], "DisassociateVpc": "maybe"}
    status, answer = world.on("UpdateInstance", made, body)
    assert (status, answer["Message"]) == (400, "DisassociateVpc must be a boolean")
    assert world.text() == before
    world.advance(hours=1)
    assert [one.gib for one in world.account.state.usage if one.kind == "disk" and one.end is None] == [20]
