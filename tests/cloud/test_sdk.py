"""The official SDK behind the clients: loaded once, asked without blocking, its requests as they were meant."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from paidsw.cloud import Connection, DswClient, NotSent, Uncertain
from paidsw.cloud.clock import EmulatorClock
from paidsw.cloud.sdk import Once
from paidsw.cloud.services import BillingClient, DlcClient, EasClient
from tests.support.answering import REGION, Answers, Reply


class Loader:
    """Loads something; fails as often as it is told."""

    def __init__(self, failures: int = 0, error: BaseException | None = None) -> None:
        self.loads = 0
        self.failures = failures
        self.error = error or OSError("no such SDK")

    async def __call__(self) -> int:
        self.loads += 1
        await asyncio.sleep(0)
        if self.loads <= self.failures:
            raise self.error
        return self.loads


def test_many_that_ask_at_once_load_once() -> None:
    async def body() -> list[int]:
        once = Once(loader)
        return [*await asyncio.gather(*(once.get() for _ in range(20))), await once.get()]

    loader = Loader()
    assert asyncio.run(body()) == [1] * 21
    assert loader.loads == 1


@pytest.mark.parametrize("error", [OSError("x"), KeyError("x"), asyncio.CancelledError()])
def test_a_load_that_failed_is_tried_again(error: BaseException) -> None:
    async def body() -> tuple[list[type], int]:
        once = Once(loader)
        first = await asyncio.gather(once.get(), once.get(), return_exceptions=True)
        return [type(one) for one in first], await once.get()

    loader = Loader(1, error)
    assert asyncio.run(body()) == ([type(error)] * 2, 2)


def test_one_that_gives_up_waiting_does_not_stop_the_load() -> None:
    async def body() -> int:
        once = Once(loader)
        impatient = asyncio.ensure_future(once.get())
        patient = asyncio.ensure_future(once.get())
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    loader = Loader()
    assert asyncio.run(body()) == 1
    assert loader.loads == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"InstanceName": "a"},
        {"CloudDisks": [{"SubType": "rootfs", "Capacity": "120Gi"}]},
        {"EnvironmentVariables": {"A": "1"}, "Priority": 3},
        {"DisassociateDriver": True, "StartInstance": False},
        {"UserVpc": {"VpcId": "v", "VSwitchId": "s", "SecurityGroupId": "g", "ForwardInfos": []}},
        {},
    ],
)
def test_a_request_changes_what_it_names_and_nothing_else(answers: Answers, changes: dict[str, Any]) -> None:
    answers.always({"InstanceId": "dsw-1"})
    answers.run(DswClient, lambda client: client.update_instance("dsw-1", changes))
    assert (answers.asked[0].body or {}) == changes


@pytest.mark.parametrize("client", [EasClient, DlcClient])
def test_the_neighbours_are_asked_in_their_region(
    answers: Answers, client: type[EasClient] | type[DlcClient]
) -> None:
    operation = {"pai-eas": "ListServices", "pai-dlc": "ListJobs"}[client.product]
    answers.always({"RequestId": "R", "TotalCount": 0})
    answers.run(client, lambda one: one.call(operation, {"PageNumber": 1}))
    (asked,) = answers.asked
    assert (asked.host, asked.method) == (f"{client.product}.{REGION}.aliyuncs.com", "GET")
    assert asked.query == {"PageNumber": "1"}


def test_bills_are_asked_for_at_one_host(answers: Answers) -> None:
    answers.always({"Success": True, "Data": {"Currency": "CNY"}, "RequestId": "R"})
    body = answers.run(BillingClient, lambda one: one.call("QueryAccountBalance", {}))
    assert body["Data"]["Currency"] == "CNY"
    assert (answers.asked[0].host, answers.asked[0].method) == ("business.aliyuncs.com", "POST")


def test_ids_are_one_step_of_the_path(answers: Answers) -> None:
    answers.always({"InstanceId": "x"})
    answers.run(DswClient, lambda client: client.get_instance("a/../b?c=d"))
    assert answers.asked[0].path == "/api/v2/instances/a%2F..%2Fb%3Fc=d"


def test_a_client_until_a_cancel_answers_in_time(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workspaces are asked by another client, which is to be given up as well."""
    monkeypatch.setattr("paidsw.cloud.sdk.GRACE_SECONDS", 0.01)

    async def silence(*_: object) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(Connection, "sdk_client", silence)

    async def body(name: str) -> None:
        cancelled = asyncio.Event()
        client = DswClient(Connection(answers.url), REGION).until(cancelled)
        cancelled.set()
        await getattr(client, name)()

    for name in ("list_products", "get_user_config"):
        with pytest.raises(Uncertain, match="cancelled before its reply came"):
            asyncio.run(body(name))
    assert answers.asked == []


def test_nobody_there_is_not_sent(answers: Answers) -> None:
    async def body() -> None:
        await DswClient(Connection("http://127.0.0.1:9"), REGION).create_instance({"InstanceName": "a"})

    with pytest.raises(NotSent) as caught:
        asyncio.run(body())
    assert caught.value.transient
    assert type(caught.value) is NotSent


# --- the emulator's clock ---


def clock(answers: Answers, seconds: float | None = None) -> Any:
    async def body() -> Any:
        one = EmulatorClock(answers.url + "/")
        return await (one.now() if seconds is None else one.sleep(seconds))

    return asyncio.run(body())


def test_the_clock_is_read_in_seconds(answers: Answers) -> None:
    answers.script = lambda asked: Reply({"now_ms": 1_500}, headers={"Content-Type": "application/json"})
    assert clock(answers) == 1.5
    assert (answers.asked[0].method, answers.asked[0].path) == ("GET", "/_emulator/status")


def test_a_wait_moves_it(answers: Answers) -> None:
    answers.script = lambda asked: Reply({"now_ms": 1}, headers={"Content-Type": "application/json"})
    clock(answers, 2.5)
    assert (answers.asked[0].method, answers.asked[0].path) == ("POST", "/_emulator/clock")
    assert answers.asked[0].body == {"advance": 2.5}


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"now": 5}),
        Reply([]),
        Reply("x"),
        Reply({"now_ms": None}),
        Reply({"now_ms": "soon"}),
        Reply(b"<html>"),
        Reply(b""),
        Reply({"now_ms": 1}, 500),
        Reply(cut=True),
    ],
    ids=["no time", "list", "text", "null", "no number", "html", "empty", "500", "cut"],
)
def test_another_server_in_its_place_is_one_sentence(answers: Answers, reply: Reply) -> None:
    reply.headers["Content-Type"] = "application/json"
    answers.script = lambda asked: reply
    with pytest.raises(NotSent, match=r"the emulator at http://127\.0\.0\.1:.* did not answer"):
        clock(answers)
