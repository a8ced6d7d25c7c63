from __future__ import annotations

import pytest

from components import NotebookArgs
from paidsw.core.settings import key_of, setting_of

REGION = "cn-wulanchabu"


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("cloudDisks[0].capacity", "systemDiskGib"),
        ("imageUrl", "image"),
        ("idleInstanceCuller", "idleMinutes"),
        ("idleInstanceCuller.maxIdleTimeInMinutes", "idleMinutes"),
        ("idleInstanceCuller.gpuPercentThreshold", "idleGpuPercent"),
        ("sessionHours", "sessionHours"),
    ],
)
def test_a_property_of_the_instance_leads_to_its_setting(path: str, setting: str) -> None:
    assert setting_of(path) == setting


def test_every_input_that_the_component_declares_comes_from_a_setting() -> None:
    declared = NotebookArgs(
        labels={"a": "b"}, datasets=[{"mountPath": "/mnt", "datasetId": "d-1"}], allow_billing=True
    )
    for name in declared.instance_inputs(REGION):
        assert setting_of(name) in {*NotebookArgs.names(), "region"}


def test_the_region_is_the_setting_of_the_cloud_provider() -> None:
    assert key_of("region", "dsw-free-tier") == "alicloud:region"
    assert key_of("image", "dsw-free-tier") == "dsw-free-tier:image"
