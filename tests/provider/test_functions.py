"""getWorkspace and getOwnedInstance: which workspace has a name now, and what an owner has."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.emulator.testing import Emulator
from paidsw.provider.values import decode, encode
from tests.support.cloud import HOME, Cloud
from tests.support.direct import Direct, World
from tests.support.owned import finished
from tests.support.plugin import Failure, Plugin
from tests.support.samples import OWNER_ID, REGION


def workspace_of(plugin: Plugin, name: str, region: str = HOME) -> object:
    arguments = encode({"region": region, "workspaceName": name})
    request = provider_pb2.InvokeRequest(tok="paidsw:index:getWorkspace", args=arguments)
    return decode(getattr(plugin.call("Invoke", request), "return")).values["workspaceId"]


def test_a_workspace_is_found_by_its_whole_name_in_its_region(plugin: Plugin, cloud: Emulator) -> None:
    found = Cloud(cloud).workspace("mine")
    assert workspace_of(plugin, "mine") == found
    assert workspace_of(plugin, "min") == ""
    assert workspace_of(plugin, "mine", "cn-beijing") == ""


def test_its_description_is_told(plugin: Plugin, cloud: Emulator) -> None:
    Cloud(cloud).workspace("mine")
    arguments = encode({"region": HOME, "workspaceName": "mine"})
    request = provider_pb2.InvokeRequest(tok="paidsw:index:getWorkspace", args=arguments)
    answer = decode(getattr(plugin.call("Invoke", request), "return")).values
    assert answer["description"] == "for tests"


def test_a_deleted_one_is_not_shown(plugin: Plugin, cloud: Emulator) -> None:
    found = Cloud(cloud).workspace("mine")
    cloud.do(lambda account: account.state.workspaces.pop(found))
    assert workspace_of(plugin, "mine") == ""


def test_a_transient_error_is_retried(plugin: Plugin, cloud: Emulator) -> None:
    found = Cloud(cloud).workspace("mine")
    cloud.faults.add("http-503", "ListWorkspaces", times=2)
    assert workspace_of(plugin, "mine") == found


def test_what_cannot_be_asked_is_an_error(plugin: Plugin, cloud: Emulator) -> None:
    cloud.faults.add("permission", "ListWorkspaces", times=0)
    with pytest.raises(Failure) as error:
        workspace_of(plugin, "mine")
    assert "ListWorkspaces" in error.value.message


def owned(world: World, **arguments: str) -> dict[str, object]:
    asked = encode({"region": REGION, "ownerId": OWNER_ID, **arguments})
    request = provider_pb2.InvokeRequest(tok="paidsw:index:getOwnedInstance", args=asked)
    return dict(decode(getattr(Direct(world).call("Invoke", request), "return")).values)


NOTHING = {"instanceId": "", "instanceName": "", "workspaceId": ""}


def test_an_instance_of_an_owner_is_found_wherever_in_the_region_it_is() -> None:
    world = World()
    assert owned(world) == NOTHING
    found = finished(world, ownerId=OWNER_ID)
    assert owned(world) == {
        "instanceId": found.id,
        "instanceName": found.name,
        "workspaceId": world.workspace,
    }
    assert owned(world, ownerId="ba9876543210") == NOTHING
    assert owned(world, region="cn-beijing") == NOTHING
    assert owned(world, replaceId=found.id) == NOTHING
    world.console("DeleteInstance", found.id)
    assert owned(world) == NOTHING
