"""Short ways to the calls that most tests make, all through the official SDKs."""

from __future__ import annotations

from typing import Any, Protocol, cast

from alibabacloud_aiworkspace20210204 import models as ws
from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from alibabacloud_pai_dsw20220101 import models as m
from alibabacloud_pai_dsw20220101.client import Client as DswClient
from alibabacloud_tea_openapi.utils_models import Config

from paidsw.emulator.control import Control
from paidsw.emulator.testing import Emulator

A10 = "ecs.gn7i-c8g1.2xlarge"
V100 = "ecs.gn6v-c8g1.2xlarge"
OFF_TIER = "ecs.gn7i-c16g1.4xlarge"
CPU = "ecs.g6.xlarge"
HOME = "cn-wulanchabu"
# What the services are known to answer when they are asked too often.
THROTTLING_CODES = (
    "Throttling",
    "Throttling.Api",
    "Throttling.User",
    "Throttling.UserFlow",
    "Rejected.Throttling",
    "ServiceUnavailable",
)


def image(region: str = HOME) -> str:
    return f"dsw-registry-vpc.{region}.cr.aliyuncs.com/pai/pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04"


class Target(Protocol):
    """What a client needs to know of an emulator."""

    proxy: str
    secret: str


def config(emulator: Target, region: str = HOME, **more: Any) -> Config:
    return Config(
        **{
            "access_key_id": "LTAI-rehearsal",
            "access_key_secret": emulator.secret,
            "region_id": region,
            "protocol": "HTTP",
            "http_proxy": emulator.proxy,
        }
        | more
    )


class Cloud:
    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def dsw(self, region: str = HOME) -> Any:
        return DswClient(config(self.emulator, region))

    def aiws(self, region: str = HOME) -> Any:
        # Named, since the SDK's own table of addresses has a tab in it for one region.
        return WorkspaceClient(config(self.emulator, region, endpoint=f"aiworkspace.{region}.aliyuncs.com"))

    def workspace(self, name: str = "space", region: str = HOME) -> str:
        request = ws.CreateWorkspaceRequest(workspace_name=name, description="for tests", env_types=["prod"])
        made: str = self.aiws(region).create_workspace(request).body.workspace_id
        self.emulator.clock.advance(5)
        return made

    def create(self, name: str = "notebook", region: str = HOME, workspace: str = "", **more: Any) -> str:
        workspace = workspace or self.workspace(f"ws_{name}"[:23], region)
        members = {"ecs_spec": A10, "image_url": image(region)} | more
        request = m.CreateInstanceRequest(instance_name=name, workspace_id=workspace, **members)
        made: str = self.dsw(region).create_instance(request).body.instance_id
        return made

    def running(self, name: str = "notebook", region: str = HOME, **more: Any) -> str:
        made = self.create(name, region, **more)
        self.emulator.clock.advance(minutes=3)
        assert self.status(made, region) == "Running"
        return made

    def stopped(self, name: str = "notebook", region: str = HOME, **more: Any) -> str:
        made = self.running(name, region, **more)
        self.dsw(region).stop_instance(made, m.StopInstanceRequest())
        self.emulator.clock.advance(seconds=30)
        assert self.status(made, region) == "Stopped"
        return made

    def delete(self, instance_id: str, region: str = HOME) -> None:
        self.dsw(region).delete_instance(instance_id)
        self.emulator.clock.advance(minutes=3)

    def get(self, instance_id: str, region: str = HOME) -> dict[str, Any]:
        body: dict[str, Any] = (
            self.dsw(region).get_instance(instance_id, m.GetInstanceRequest()).body.to_map()
        )
        return body

    def status(self, instance_id: str, region: str = HOME) -> str:
        return str(self.get(instance_id, region)["Status"])

    def names(self, region: str = HOME, **query: Any) -> list[str]:
        """Names as ListInstances gives them, of all workspaces unless the query says otherwise."""
        request = m.ListInstancesRequest(**{"workspace_id": "ALL"} | query)
        body = self.dsw(region).list_instances(request).body
        return [item.instance_name for item in body.instances]

    def set_timer(self, instance_id: str, hours: float, region: str = HOME) -> None:
        request = m.CreateInstanceShutdownTimerRequest(remaining_time_in_ms=round(hours * 3_600_000))
        self.dsw(region).create_instance_shutdown_timer(instance_id, request)

    def set_culler(self, instance_id: str, minutes: int, region: str = HOME, **more: Any) -> None:
        members = {"cpu_percent_threshold": 5, "gpu_percent_threshold": 10} | more
        request = m.CreateIdleInstanceCullerRequest(max_idle_time_in_minutes=minutes, **members)
        self.dsw(region).create_idle_instance_culler(instance_id, request)


class _Away:
    """An emulator in another process, as far as its clients and its clock go."""

    def __init__(self, url: str) -> None:
        self.proxy = url
        self.secret = Emulator.secret
        self.clock = Control(url)


def sdk(url: str) -> Cloud:
    """The calls to an emulator in another process."""
    return Cloud(cast(Emulator, _Away(url)))
