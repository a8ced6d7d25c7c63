"""Many clients at once, the async SDK throughout, and what every answer carries."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models as ws
from alibabacloud_pai_dsw20220101 import models as m

from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import A10, HOME, Cloud, image
from tests.support.waiting import PATIENCE

ENVELOPE = {"Code", "HttpStatusCode", "Message", "RequestId", "Success"}
NO_HTTP = ENVELOPE - {"HttpStatusCode"}
Step = Callable[[Any, str], Any]
EVERY: dict[str, tuple[Step, set[str]]] = {
    "get": (lambda c, i: c.get_instance(i, m.GetInstanceRequest()), ENVELOPE | {"InstanceId"}),
    "list": (lambda c, _: c.list_instances(m.ListInstancesRequest()), ENVELOPE | {"TotalCount"}),
    "timer": (
        lambda c, i: c.create_instance_shutdown_timer(
            i, m.CreateInstanceShutdownTimerRequest(remaining_time_in_ms=7_200_000)
        ),
        ENVELOPE | {"InstanceId"},
    ),
    "get timer": (lambda c, i: c.get_instance_shutdown_timer(i), ENVELOPE | {"DueTime"}),
    "no timer": (lambda c, i: c.delete_instance_shutdown_timer(i), ENVELOPE | {"InstanceId"}),
    "culler": (
        lambda c, i: c.create_idle_instance_culler(
            i, m.CreateIdleInstanceCullerRequest(max_idle_time_in_minutes=30, cpu_percent_threshold=5)
        ),
        NO_HTTP | {"InstanceId"},
    ),
    "no culler": (lambda c, i: c.delete_idle_instance_culler(i), NO_HTTP | {"InstanceId"}),
    "snapshot": (
        lambda c, i: c.create_instance_snapshot(
            i, m.CreateInstanceSnapshotRequest(snapshot_name="s", image_url="r/i:1")
        ),
        ENVELOPE | {"InstanceId", "SnapshotId"},
    ),
    "specs": (
        lambda c, _: c.list_ecs_specs(m.ListEcsSpecsRequest(accelerator_type="CPU")),
        ENVELOPE | {"EcsSpecs"},
    ),
    "config": (lambda c, _: c.get_user_config(), ENVELOPE | {"FreeTier", "AccountSufficient"}),
    "events": (
        lambda c, i: c.get_instance_events(i, m.GetInstanceEventsRequest()),
        ENVELOPE | {"Events", "InstanceId"},
    ),
    "lifecycle": (lambda c, i: c.get_lifecycle(i, m.GetLifecycleRequest()), NO_HTTP | {"Lifecycle"}),
    "stop": (lambda c, i: c.stop_instance(i, m.StopInstanceRequest()), ENVELOPE | {"InstanceId"}),
    "delete": (lambda c, i: c.delete_instance(i), ENVELOPE | {"InstanceId"}),
}


def test_every_answer_has_its_documented_envelope(cloud: Cloud) -> None:
    made = cloud.running()
    client = cloud.dsw()
    for name, (step, members) in EVERY.items():
        cloud.emulator.clock.advance(minutes=1)
        answer = step(client, made)
        body = answer.body.to_map()
        assert members <= body.keys(), name
        assert body["Success"] is True, name
        assert ("HttpStatusCode" in body) == ("HttpStatusCode" in members), name
        assert body["RequestId"] == answer.headers["x-acs-request-id"]


def test_the_date_of_an_answer_is_the_emulators(cloud: Cloud) -> None:
    cloud.emulator.clock.advance(days=400)
    answer = cloud.dsw().list_instances(m.ListInstancesRequest())
    date = parsedate_to_datetime(answer.headers["date"])
    assert round(date.timestamp() * 1000) == cloud.emulator.clock.now_ms()


def test_a_whole_life_through_the_async_clients(cloud: Cloud) -> None:
    dsw, aiws, clock = cloud.dsw(), cloud.aiws(), cloud.emulator.clock

    async def life() -> list[str]:
        seen = []
        request = ws.CreateWorkspaceRequest(workspace_name="abc", description="d", env_types=["prod"])
        space = (await aiws.create_workspace_async(request)).body.workspace_id
        clock.advance(5)
        create = m.CreateInstanceRequest(
            instance_name="a", workspace_id=space, ecs_spec=A10, image_url=image()
        )
        made = (await dsw.create_instance_async(create)).body.instance_id
        timer = m.CreateInstanceShutdownTimerRequest(remaining_time_in_ms=7_200_000)
        await dsw.create_instance_shutdown_timer_async(made, timer)
        for seconds in (0, 180, 7_200):
            clock.advance(seconds)
            found = await dsw.get_instance_async(made, m.GetInstanceRequest())
            seen.append(found.body.status)
        await dsw.delete_instance_async(made)
        clock.advance(20)
        await aiws.delete_workspace_async(space, ws.DeleteWorkspaceRequest())
        return seen

    assert asyncio.run(life()) == ["Creating", "Running", "Stopped"]
    assert cloud.emulator.live() == []
    assert cloud.emulator.bill().total == 0


def test_a_name_is_given_once_however_many_ask(cloud: Cloud) -> None:
    space = cloud.workspace()

    def ask(_: int) -> bool:
        try:
            cloud.create("same", workspace=space)
        except Exception as error:
            assert "already exists" in str(error)  # noqa: PT017 - counted below
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(16))) == 1
    assert cloud.names() == ["same"]


def test_latency_of_calls_side_by_side_does_not_add_up(cloud: Cloud) -> None:
    cloud.emulator.settings(latency_ms=100)
    clients = [cloud.dsw(region) for region in (HOME, "cn-beijing", "cn-shanghai", "cn-hangzhou") * 5]

    async def all_at_once() -> float:
        begin = time.perf_counter()
        asked = (client.list_instances_async(m.ListInstancesRequest()) for client in clients)
        await asyncio.gather(*asked)
        return time.perf_counter() - begin

    took = asyncio.run(all_at_once())
    assert 0.1 <= took < 0.1 * len(clients)


def test_two_emulators_are_two_accounts(cloud: Cloud) -> None:
    with running_emulator() as other:
        cloud.workspace()
        assert len(cloud.emulator.live()) == 1
        assert other.live() == []
        assert other.url != cloud.emulator.url


def test_the_fixture_offers_copies_only(emulator: Emulator, cloud: Cloud) -> None:
    cloud.create()
    emulator.instances[0].name = "changed"
    emulator.workspaces.clear()
    assert cloud.names() == ["notebook"]
    assert len(emulator.workspaces) == 1


def test_settings_of_the_fixture_hold_from_the_start() -> None:
    with running_emulator(strict_delete=True, home_region="cn-beijing") as emulator:
        assert emulator.state().settings.strict_delete is True
        text = json.loads(emulator.control("GET", "status"))
        assert text["region"] == "cn-beijing"
    with pytest.raises(TypeError), running_emulator(strict=True):
        pass


def test_nothing_listens_after_the_block() -> None:
    with running_emulator() as emulator:
        url = emulator.url
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(OSError, match="refused"):
        opener.open(url + "/_emulator/status", timeout=PATIENCE)
