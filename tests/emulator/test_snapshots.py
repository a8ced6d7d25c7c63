from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models as ws
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException

from tests.support.cloud import Cloud

TARGET = "registry.cn-wulanchabu.aliyuncs.com/me/env:v1"


def snapshot(cloud: Cloud, made: str, **more: Any) -> str:
    members = {"snapshot_name": "env-v1", "image_url": TARGET} | more
    answer = cloud.dsw().create_instance_snapshot(made, m.CreateInstanceSnapshotRequest(**members))
    return str(answer.body.snapshot_id)


def status(cloud: Cloud, made: str, found: str) -> str:
    return str(cloud.dsw().get_instance_snapshot(made, found).body.status)


def test_committing_pushing_saved(cloud: Cloud) -> None:
    made = cloud.running()
    found = snapshot(cloud, made)
    assert (status(cloud, made, found), cloud.status(made)) == ("Committing", "Saving")
    cloud.emulator.clock.advance(60)
    assert (status(cloud, made, found), cloud.status(made)) == ("Pushing", "Running")
    cloud.emulator.clock.advance(120)
    assert status(cloud, made, found) == "Saved"
    assert cloud.get(made)["LatestSnapshot"]["Status"] == "Saved"


def test_a_saved_environment_can_be_started_again(cloud: Cloud) -> None:
    made = cloud.running()
    snapshot(cloud, made)
    cloud.emulator.clock.advance(minutes=3)
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(20)
    images = cloud.aiws().list_images(ws.ListImagesRequest(accessibility="PRIVATE")).body.images
    assert [image.image_uri for image in images] == [TARGET]
    again = cloud.create("again", image_url=None, image_id=images[0].image_id)
    assert cloud.get(again)["ImageUrl"] == TARGET
    assert "image" in [thing.kind for thing in cloud.emulator.live()]


def test_deleting_the_instance_while_it_is_pushed_loses_it(cloud: Cloud) -> None:
    made = cloud.running()
    snapshot(cloud, made)
    cloud.emulator.clock.advance(90)
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(minutes=10)
    body = cloud.aiws().list_images(ws.ListImagesRequest(accessibility="PRIVATE")).body
    assert body.total_count == 0


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"snapshot_name": "Env"}, "lower-case"),
        ({"snapshot_name": None}, "SnapshotName"),
        ({"image_url": None}, "ImageUrl"),
    ],
)
def test_a_wrong_snapshot(cloud: Cloud, members: dict[str, Any], word: str) -> None:
    made = cloud.running()
    with pytest.raises(DaraException, match=word):
        snapshot(cloud, made, **members)
    assert cloud.status(made) == "Running"


def test_only_of_a_running_instance(cloud: Cloud) -> None:
    made = cloud.stopped()
    with pytest.raises(DaraException, match="needs it Running"):
        snapshot(cloud, made)


def test_an_image_is_not_overwritten_unasked(cloud: Cloud) -> None:
    made = cloud.running()
    snapshot(cloud, made)
    cloud.emulator.clock.advance(minutes=4)
    with pytest.raises(DaraException, match="Overwrite"):
        snapshot(cloud, made)
    snapshot(cloud, made, overwrite=True)
    body = cloud.dsw().list_instance_snapshot(made, m.ListInstanceSnapshotRequest()).body
    assert [item.status for item in body.snapshots] == ["Saved", "Committing"]


def test_delete(cloud: Cloud) -> None:
    made = cloud.running()
    found = snapshot(cloud, made)
    cloud.emulator.clock.advance(minutes=4)
    cloud.dsw().delete_instance_snapshot(made, found)
    with pytest.raises(DaraException) as error:
        status(cloud, made, found)
    assert error.value.status_code == 404
    assert cloud.emulator.state().images == {}
