"""The client on a local emulator, through the official SDK: pages, odd answers, and an emulator that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from paidsw.cloud import Connection, DswClient, NotFound, NotSent, Refused, Uncertain
from paidsw.cloud.clock import EmulatorClock
from paidsw.emulator.faults import BODIES
from paidsw.emulator.testing import Emulator, running_emulator

REGION = "cn-wulanchabu"
IMAGE = f"dsw-registry-vpc.{REGION}.cr.aliyuncs.com/pai/pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04"


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def cloud(served: Emulator) -> Emulator:
    served.reset()
    return served


def on(cloud: Emulator, work: Callable[[DswClient], Awaitable[Any]]) -> Any:
    async def body() -> Any:
        return await work(DswClient(Connection(cloud.url), REGION))

    return asyncio.run(body())


def request(workspace: str, name: str) -> dict[str, Any]:
    return {
        "InstanceName": name,
        "WorkspaceId": workspace,
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "ImageUrl": IMAGE,
        "Labels": [{"Key": "a", "Value": "b"}],
    }


def test_all_instances_are_of_all_pages(cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paidsw.cloud.pages.PAGE_SIZE", 2)
    workspace = cloud.default_workspace(REGION)

    async def work(client: DswClient) -> list[str]:
        for name in ("one", "two", "three"):
            await client.create_instance(request(workspace, name))
        return sorted(instance.instance_name for instance in await client.all_instances())

    assert on(cloud, work) == ["one", "three", "two"]
    assert [call.operation for call in cloud.calls].count("ListInstances") == 2


def test_an_instance_is_read_with_its_labels_and_guards(cloud: Emulator) -> None:
    workspace = cloud.default_workspace(REGION)

    async def work(client: DswClient) -> Any:
        made = await client.create_instance(request(workspace, "one"))
        bare = await client.get_instance(made)
        await client.create_timer(made, 3600)
        return bare, await client.get_instance(made)

    bare, timed = on(cloud, work)
    assert bare.labels == {"a": "b"}
    assert bare.instance_shutdown_timer is None
    assert timed.instance_shutdown_timer.remaining_time_in_ms == 3_600_000


@pytest.mark.parametrize("body", BODIES)
def test_an_answer_that_cannot_be_read_is_uncertain(cloud: Emulator, body: str) -> None:
    cloud.faults.add("bad-body", "ListInstances", body=body)
    with pytest.raises(Uncertain, match="ListInstances"):
        on(cloud, lambda client: client.all_instances())


def test_an_answer_without_an_id_is_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(*_: object) -> dict[str, Any]:
        return {"Status": "Running", "Labels": [], "RequestId": "R"}

    monkeypatch.setattr(DswClient, "call", answer)
    client = DswClient(Connection("http://127.0.0.1:9"), REGION)
    with pytest.raises(Uncertain, match="no readable InstanceId"):
        asyncio.run(client.get_instance("dsw-1"))
    with pytest.raises(Uncertain, match="without an instance id"):
        asyncio.run(client.create_instance({}))


def test_not_there_and_not_this_region_are_told_apart(cloud: Emulator) -> None:
    with pytest.raises(NotFound):
        on(cloud, lambda client: client.get_instance("dsw-0"))
    cloud.faults.add("wrong-region", "GetInstance")
    with pytest.raises(Refused) as caught:
        on(cloud, lambda client: client.get_instance("dsw-0"))
    assert not isinstance(caught.value, NotFound)


def test_a_client_until_a_cancel_shares_the_sdk(cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = Connection.sdk_client

    async def counted(self: Connection, module: str, *arguments: Any) -> Any:
        made.append(module)
        return await real(self, module, *arguments)

    async def work(client: DswClient) -> None:
        other = client.until(asyncio.Event())
        await other.all_instances()
        await client.all_instances()

    monkeypatch.setattr(Connection, "sdk_client", counted)
    on(cloud, work)
    assert made == ["alibabacloud_pai_dsw20220101"]


def test_the_emulators_clock_is_read_and_moved(cloud: Emulator) -> None:
    async def body() -> tuple[float, float]:
        clock = EmulatorClock(cloud.url)
        before = await clock.now()
        await clock.sleep(90)
        return before, await clock.now()

    before, after = asyncio.run(body())
    assert after - before == 90


def test_an_emulator_that_is_gone_is_one_sentence() -> None:
    clock = EmulatorClock("http://127.0.0.1:9")
    with pytest.raises(NotSent, match="did not answer"):
        asyncio.run(clock.now())
