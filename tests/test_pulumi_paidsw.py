"""The module that code made by Pulumi imports: the same declarations as the typed classes', in Python's names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_paidsw
from paidsw.core.text import snake_case
from paidsw.provider import schema
from tests.support.declarations import INSTANCE, run

# As Pulumi's own Python host prints an import.
PRINTED = """
import pulumi
import pulumi_paidsw as paidsw

x = paidsw.Instance("x",
    accessibility="PRIVATE",
    cloud_disks=[{
        "capacity": "100Gi",
        "sub_type": "rootfs",
    }],
    ecs_spec="ecs.gn7i-c8g1.2xlarge",
    environment_variables={
        "MY_TOKEN": "a_b",
    },
    idle_instance_culler={
        "cpu_percent_threshold": 5,
        "gpu_percent_threshold": 10,
        "max_idle_time_in_minutes": 30,
    },
    instance_name="byhand",
    labels={
        "my_course": "one",
    },
    region="cn-wulanchabu",
    running=False,
    session_hours=4,
    user_vpc={
        "bandwidth_limit": {
            "eth_0": "1",
        },
        "v_switch_id": "vsw-1",
        "vpc_id": "vpc-1",
    },
    workspace_id="263502236",
    opts = pulumi.ResourceOptions(protect=True))
"""


def test_the_code_of_an_import_declares_the_instance() -> None:
    declared = run(lambda: exec(PRINTED, {}))
    assert declared.inputs(INSTANCE) == {
        "accessibility": "PRIVATE",
        "cloudDisks": [{"capacity": "100Gi", "subType": "rootfs"}],
        "ecsSpec": "ecs.gn7i-c8g1.2xlarge",
        "environmentVariables": {"MY_TOKEN": "a_b"},
        "idleInstanceCuller": {
            "cpuPercentThreshold": 5,
            "gpuPercentThreshold": 10,
            "maxIdleTimeInMinutes": 30,
        },
        "instanceName": "byhand",
        "labels": {"my_course": "one"},
        "region": "cn-wulanchabu",
        "running": False,
        "sessionHours": 4,
        "userVpc": {"bandwidthLimit": {"eth_0": "1"}, "vSwitchId": "vsw-1", "vpcId": "vpc-1"},
        "workspaceId": "263502236",
    }


def test_parts_that_come_from_other_resources_get_the_schemas_names_too() -> None:
    disks = [{"capacity": pulumi.Output.from_input("100Gi"), "sub_type": "rootfs"}]
    declared = run(lambda: pulumi_paidsw.Instance("x", cloud_disks=pulumi.Output.from_input(disks)))
    assert declared.inputs(INSTANCE) == {"cloudDisks": [{"capacity": "100Gi", "subType": "rootfs"}]}


@pytest.mark.parametrize("token", sorted(schema.package()["resources"]))
def test_every_resource_has_its_class_with_every_input(token: str) -> None:
    names: dict[str, Any] = schema.package()["resources"][token]["inputProperties"]
    kind = getattr(pulumi_paidsw, token.rpartition(":")[2])
    declared = run(lambda: kind("x", **{snake_case(name): "1" for name in names}))
    assert declared.inputs(token) == dict.fromkeys(names, "1")


def test_it_is_no_plugin_to_pulumis_own_host() -> None:
    """That host would give the default provider a version, and with it a process of its own beside an older one."""
    [folder] = pulumi_paidsw.__path__
    assert json.loads(Path(folder, "pulumi-plugin.json").read_text()) == {"resource": False}
