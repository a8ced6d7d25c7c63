from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models as ws
from darabonba.exceptions import DaraException

from tests.support.cloud import HOME, Cloud, image


def create(cloud: Cloud, **members: Any) -> str:
    valid = {"workspace_name": "space", "description": "d", "env_types": ["prod"]}
    body = cloud.aiws().create_workspace(ws.CreateWorkspaceRequest(**valid | members)).body
    return str(body.workspace_id)


def get(cloud: Cloud, found: str, **query: Any) -> dict[str, Any]:
    body = cloud.aiws().get_workspace(found, ws.GetWorkspaceRequest(**query)).body
    return dict(body.to_map())


def test_a_workspace_from_making_to_release(cloud: Cloud) -> None:
    found = create(cloud, env_types=["dev", "prod"], display_name="Space")
    assert get(cloud, found)["Status"] == "INITIALIZING"
    cloud.emulator.clock.advance(3)
    body = get(cloud, found)
    expected = {
        "Status": "ENABLED",
        "WorkspaceName": "space",
        "DisplayName": "Space",
        "Description": "d",
        "EnvTypes": ["dev", "prod"],
        "IsDefault": False,
        "WorkspaceId": found,
    }
    assert {key: body[key] for key in expected} == expected
    assert not {"Code", "Success", "Message", "Owner"} & body.keys()
    update = ws.UpdateWorkspaceRequest(description="other", display_name="Other")
    cloud.aiws().update_workspace(found, update)
    assert (get(cloud, found)["Description"], get(cloud, found)["DisplayName"]) == ("other", "Other")
    cloud.aiws().delete_workspace(found, ws.DeleteWorkspaceRequest())
    with pytest.raises(DaraException) as error:
        get(cloud, found)
    assert (error.value.status_code, error.value.code) == (404, "100400027")
    assert cloud.emulator.live() == []


def test_verbose_shows_the_owner(cloud: Cloud) -> None:
    assert get(cloud, create(cloud), verbose=True)["Owner"]["UserName"] == "rehearsal"


@pytest.mark.parametrize(
    "members",
    [
        {"workspace_name": "ab"},
        {"workspace_name": "a" * 24},
        {"workspace_name": "1abc"},
        {"workspace_name": "a-bc"},
        {"description": ""},
        {"description": "d" * 81},
        {"env_types": []},
        {"env_types": ["dev"]},
    ],
)
def test_a_wrong_workspace(cloud: Cloud, members: dict[str, Any]) -> None:
    with pytest.raises(DaraException) as error:
        create(cloud, **members)
    assert (error.value.status_code, error.value.code) == (400, "InvalidParameter")
    assert cloud.emulator.workspaces == []


def test_a_name_is_taken_once_in_a_region(cloud: Cloud) -> None:
    cloud.workspace("space")
    assert refused(cloud) == (400, "100400009", "Workspace exist error")
    cloud.workspace("space", region="cn-beijing")
    assert len(cloud.emulator.workspaces) == 2


def delete(cloud: Cloud, found: str) -> None:
    cloud.aiws().delete_workspace(found, ws.DeleteWorkspaceRequest())


def refused(cloud: Cloud, **members: Any) -> tuple[int, str, str]:
    with pytest.raises(DaraException) as error:
        create(cloud, **members)
    message = str(error.value.message).rpartition("code: 400, ")[2]
    return error.value.status_code, error.value.code, message.partition(" request id")[0]


def test_the_name_of_a_deleted_workspace_is_kept_for_two_weeks(cloud: Cloud) -> None:
    cloud.emulator.settings(recycle_bin_days=14)
    delete(cloud, create(cloud))
    assert cloud.aiws().list_workspaces(ws.ListWorkspacesRequest()).body.workspaces == []
    assert refused(cloud) == (400, "100400009", "Workspace exist error")
    # Per region, and each name by itself.
    cloud.workspace("space", region="cn-beijing")
    create(cloud, workspace_name="other")
    cloud.emulator.clock.advance(days=14, seconds=-6)
    assert refused(cloud)[1] == "100400009"
    cloud.emulator.clock.advance(1)
    assert create(cloud)
    assert len(cloud.emulator.live()) == 3


def test_a_refused_delete_keeps_no_name(cloud: Cloud) -> None:
    space = cloud.workspace("holding")
    made = cloud.create(workspace=space)
    with pytest.raises(DaraException, match=made):
        delete(cloud, space)
    assert cloud.emulator.state().taken_names == []


def test_the_recycle_bin_can_be_emptied_or_switched_off(cloud: Cloud) -> None:
    cloud.emulator.settings(recycle_bin_days=14)
    delete(cloud, create(cloud))
    cloud.emulator.empty_recycle_bin("cn-beijing")
    assert refused(cloud)[1] == "100400009"
    cloud.emulator.empty_recycle_bin(HOME)
    cloud.emulator.settings(recycle_bin_days=0)
    delete(cloud, create(cloud))
    assert create(cloud)


def test_names_are_shared_with_dataworks(cloud: Cloud) -> None:
    cloud.emulator.dataworks(HOME, "space")
    assert refused(cloud) == (400, "100400009", "Workspace exist error")
    assert cloud.emulator.live() == []
    cloud.emulator.clock.advance(days=60)
    cloud.emulator.empty_recycle_bin(HOME)
    assert refused(cloud)[1] == "100400009"
    cloud.emulator.dataworks(HOME, "space", taken=False)
    assert create(cloud)


def test_listing(cloud: Cloud) -> None:
    ids = [cloud.workspace(name) for name in ("one", "two", "twofold")]
    cloud.workspace("far", region="cn-shenzhen")

    def names(**query: Any) -> list[str]:
        body = cloud.aiws().list_workspaces(ws.ListWorkspacesRequest(**query)).body
        return [item.workspace_name for item in body.workspaces]

    assert names() == ["one", "two", "twofold"]
    assert names(workspace_name="two") == ["two", "twofold"]
    assert names(workspace_ids=f"{ids[0]},{ids[2]}") == ["one", "twofold"]
    assert names(status="INITIALIZING") == []
    assert names(sort_by="WorkspaceName", order="DESC", page_size=2) == ["twofold", "two"]
    with pytest.raises(DaraException, match="together"):
        names(sort_by="WorkspaceName")


def test_one_with_instances_is_not_deleted(cloud: Cloud) -> None:
    space = cloud.workspace()
    made = cloud.create(workspace=space)
    with pytest.raises(DaraException, match=made):
        cloud.aiws().delete_workspace(space, ws.DeleteWorkspaceRequest())
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(20)
    cloud.aiws().delete_workspace(space, ws.DeleteWorkspaceRequest())
    assert cloud.emulator.live() == []


def test_the_default_workspace(cloud: Cloud) -> None:
    with pytest.raises(DaraException) as error:
        cloud.aiws().get_default_workspace(ws.GetDefaultWorkspaceRequest())
    assert error.value.status_code == 404
    made = cloud.emulator.default_workspace(HOME)
    assert cloud.emulator.default_workspace(HOME) == made
    body = cloud.aiws().get_default_workspace(ws.GetDefaultWorkspaceRequest()).body
    assert (body.workspace_id, body.status) == (made, "ENABLED")
    with pytest.raises(DaraException):
        cloud.aiws("cn-beijing").get_default_workspace(ws.GetDefaultWorkspaceRequest())
    assert cloud.create(workspace=made)


def images(cloud: Cloud, region: str = HOME, **query: Any) -> list[Any]:
    return list(cloud.aiws(region).list_images(ws.ListImagesRequest(**query)).body.images)


def test_official_images_of_each_region(cloud: Cloud) -> None:
    for region in (HOME, "cn-beijing"):
        assert image(region) in [item.image_uri for item in images(cloud, region)]
    home, far = ({item.image_id for item in images(cloud, region)} for region in (HOME, "cn-beijing"))
    assert not home & far


def test_image_filters(cloud: Cloud) -> None:
    assert len(images(cloud, name="pytorch-2.6.0")) == 1
    assert len(images(cloud, image_uri=image())) == 1
    assert images(cloud, labels="system.chipType=CPU", verbose=True)[0].labels
    assert all("-cpu-" in item.name for item in images(cloud, labels="system.chipType=CPU"))
    assert images(cloud)[0].labels is None or images(cloud)[0].labels == []
    one = images(cloud, image_uri=image())[0]
    found = cloud.aiws().get_image(one.image_id, ws.GetImageRequest()).body
    assert found.image_uri == image()
    with pytest.raises(DaraException) as error:
        cloud.aiws().get_image("image-none", ws.GetImageRequest())
    assert error.value.status_code == 404


def purchased(cloud: Cloud) -> dict[str, bool]:
    request = ws.ListProductsRequest(product_codes="PAI_share,OSS_share")
    return {
        item.product_code: item.is_purchased for item in cloud.aiws().list_products(request).body.products
    }


def test_whether_pai_is_activated(cloud: Cloud) -> None:
    assert purchased(cloud) == {"PAI_share": True, "OSS_share": False}
    cloud.emulator.settings(activated=False)
    assert purchased(cloud)["PAI_share"] is False


def test_an_order_is_refused_and_remembered(cloud: Cloud) -> None:
    product = ws.CreateProductOrdersRequestProducts(product_code="PAI_share", charge_type="POSTPAY")
    request = ws.CreateProductOrdersRequest(auto_pay=True, products=[product])
    with pytest.raises(DaraException) as error:
        cloud.aiws().create_product_orders(request)
    assert error.value.status_code == 403
    attempts = cloud.emulator.bill().attempts
    assert [(a.operation, a.region, a.detail) for a in attempts] == [
        ("CreateProductOrders", HOME, "PAI_share")
    ]


def test_where_any_reference_is_taken_what_is_named_exists(cloud: Cloud) -> None:
    other = image().replace("pytorch:2.6.0", "pytorch:9.9.9")
    cloud.emulator.settings(any_reference=True)
    assert [one.image_uri for one in images(cloud, image_uri=other, labels="system.official=true")] == [other]
    assert len(images(cloud, image_uri=image())) == 1
    assert cloud.aiws().get_image("image-of-mine", ws.GetImageRequest()).body.accessibility == "PUBLIC"
    found = cloud.aiws().get_workspace("424242", ws.GetWorkspaceRequest()).body
    assert (found.workspace_id, found.status) == ("424242", "ENABLED")
    # Nothing was made of it.
    assert not [one for one in images(cloud) if one.image_uri == other]
    assert cloud.emulator.state().workspaces == {}
    cloud.emulator.settings(any_reference=False)
    assert images(cloud, image_uri=other) == []
