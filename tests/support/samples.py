"""Inputs that tests start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from paidsw.resources import InstanceArgs

REGION = "cn-wulanchabu"
# The owner of the sample's notebook.
OWNER_ID = "0123456789ab"
IMAGE = f"dsw-registry-vpc.{REGION}.cr.aliyuncs.com/pai/pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04"


def inputs(**changes: Any) -> dict[str, Any]:
    """The tutorial's notebook as inputs of the resource; a change of None leaves a property out."""
    values: dict[str, Any] = {
        "region": REGION,
        "workspaceId": "w1",
        "instanceName": "LLM_Finetune_01",
        "ecsSpec": "ecs.gn7i-c8g1.2xlarge",
        "imageUrl": IMAGE,
        "cloudDisks": [{"subType": "rootfs", "capacity": "100Gi"}],
        "accessibility": "PRIVATE",
        "idleInstanceCuller": {
            "maxIdleTimeInMinutes": 30,
            "cpuPercentThreshold": 5,
            "gpuPercentThreshold": 10,
        },
        "sessionHours": 4,
        "running": True,
        "ownerId": OWNER_ID,
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def arguments(**changes: Any) -> InstanceArgs:
    """The same for the typed class, in programs."""
    return cast("InstanceArgs", inputs(**changes))
