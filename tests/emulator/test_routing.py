"""Hosts, paths and versions; and what is not ours."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from alibabacloud_pai_dsw20220101.client import Client as DswClient
from darabonba.exceptions import DaraException

from paidsw.core.record import NONCE_HEADER
from paidsw.emulator.hosts import is_loopback
from paidsw.emulator.services import OPERATIONS, locate
from paidsw.emulator.testing import Emulator
from paidsw.trial.regions import DSW
from tests.support.cloud import Cloud, config
from tests.support.waiting import PATIENCE

from .test_signature import roa_headers


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("pai-dsw.cn-beijing.aliyuncs.com", ("dsw", "cn-beijing")),
        ("PAI-DSW.cn-beijing.aliyuncs.com:80", ("dsw", "cn-beijing")),
        ("pai-dsw-vpc.cn-wulanchabu.aliyuncs.com", ("dsw", "cn-wulanchabu")),
        ("aiworkspace.ap-southeast-1.aliyuncs.com", ("aiworkspace", "ap-southeast-1")),
        ("aiworkspace-vpc.ap-southeast-5.aliyuncs.com", ("aiworkspace", "ap-southeast-5")),
        ("aiworkspace.cn-guangzhou.aliyuncs.com\t", ("aiworkspace", "cn-guangzhou")),
        ("pai-eas.cn-zhangjiakou.aliyuncs.com", ("eas", "cn-zhangjiakou")),
        ("pai-dlc.cn-beijing.aliyuncs.com", ("dlc", "cn-beijing")),
        ("business.aliyuncs.com", ("bss", "cn-hangzhou")),
        ("business.cn-beijing.aliyuncs.com", None),
        ("pai-dlc.cn-zhangjiakou.aliyuncs.com", None),
        ("pai-dsw.cn-zhangjiakou.aliyuncs.com", None),
        ("pai-dsw.cn-nowhere.aliyuncs.com", None),
        ("ecs.cn-beijing.aliyuncs.com", None),
        ("pai-dsw.cn-beijing.aliyuncs.com.evil.example", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_a_host_names_product_and_region(host: str, place: tuple[str, str] | None) -> None:
    found = locate(host)
    assert (found and (found[0].name, found[1])) == place


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1:8790", True),
        ("localhost", True),
        ("[::1]:8790", True),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("region", DSW)
def test_every_region_answers_the_sdk(emulator: Emulator, region: str) -> None:
    client = DswClient(config(emulator, region))
    assert client.list_instances(m.ListInstancesRequest(resource_id="ALL")).body.total_count == 0
    assert emulator.calls[-1].region == region


def test_an_unknown_region_is_a_clear_error(emulator: Emulator) -> None:
    with pytest.raises(DaraException) as error:
        DswClient(config(emulator, "cn-nowhere")).list_instances(m.ListInstancesRequest())
    assert (error.value.status_code, error.value.code) == (404, "InvalidRegionId.NotFound")
    assert "passes nothing on" in error.value.message


def test_the_home_region_answers_bare_addresses(emulator: Emulator, cloud: Cloud) -> None:
    emulator.settings(home_region="cn-shanghai")
    cloud.create("here", region="cn-shanghai")
    endpoint = emulator.url.removeprefix("http://")
    client = DswClient(config(emulator, endpoint=endpoint, http_proxy=None))
    names = [
        item.instance_name
        for item in client.list_instances(m.ListInstancesRequest(workspace_id="ALL")).body.instances
    ]
    assert names == ["here"]


def ask(emulator: Emulator, method: str, target: str, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(emulator.url.rpartition(":")[2]), timeout=PATIENCE
    )
    try:
        connection.putrequest(method, target, skip_host="Host" in headers)
        for key, value in headers.items():
            connection.putheader(key, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("target", ["http://example.com/", "http://ecs.cn-beijing.aliyuncs.com/x"])
def test_it_is_no_proxy_for_others(emulator: Emulator, target: str) -> None:
    status, body = ask(emulator, "GET", target, {"Host": "example.com"})
    assert (status, body["Code"]) == (404, "InvalidRegionId.NotFound")


def test_connect_is_not_served(emulator: Emulator) -> None:
    status, body = ask(emulator, "CONNECT", "pai-dsw.cn-beijing.aliyuncs.com:443", {"Host": "x"})
    assert (status, body["Success"]) == (404, False)


def test_no_such_action(emulator: Emulator) -> None:
    for method, path in (("GET", "/api/v2/nothing"), ("PATCH", "/api/v1/workspaces")):
        status, body = ask(emulator, method, path, roa_headers(method, path, emulator.secret))
        assert (status, body["Code"]) == (404, "InvalidAction.NotFound")


def test_the_version_must_fit(emulator: Emulator) -> None:
    path = "/api/v2/instances"
    status, body = ask(emulator, "GET", path, roa_headers("GET", path, emulator.secret))
    assert (status, body["Code"]) == (400, "InvalidVersion")


def test_a_refusal_is_recorded_by_its_code(emulator: Emulator) -> None:
    ask(emulator, "GET", "http://nowhere.example/", {"Host": "x"})
    ask(emulator, "GET", "/nothing", roa_headers("GET", "/nothing", emulator.secret))
    assert [(call.operation, call.target, call.status, call.outcome) for call in emulator.calls] == [
        ("-", "/", 404, "InvalidRegionId.NotFound"),
        ("-", "/nothing", 404, "InvalidAction.NotFound"),
    ]


@pytest.mark.parametrize(
    ("host", "version", "status", "code"),
    [
        ("pai-dsw", "2022-01-01", 404, "ValidationError"),
        ("aiworkspace", "2021-02-04", 404, "InvalidAction.NotFound"),
        ("pai-dlc", "2020-12-03", 404, "InvalidAction.NotFound"),
    ],
)
@pytest.mark.parametrize("ending", ["", "/"])
def test_a_product_answers_under_its_own_host_only(
    emulator: Emulator, host: str, version: str, status: int, code: str, ending: str
) -> None:
    path = "/api/v2/instances/dsw-a%20b%2Fc%7B" + ending
    headers = roa_headers("GET", path, emulator.secret, x_acs_version=version)
    target = f"http://{host}.cn-beijing.aliyuncs.com{path}"
    found, body = ask(emulator, "GET", target, {"Host": f"{host}.cn-beijing.aliyuncs.com"} | headers)
    assert (found, body["Code"]) == (status, code)
    if status == 404 and code == "ValidationError":
        assert body["Message"] == "instance dsw-a b/c{ does not exist"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_body_that_is_too_large_is_one_sentence(emulator: Emulator, method: str) -> None:
    from .test_signature import send

    path = "/api/v1/workspaces"
    headers = roa_headers(method, path, emulator.secret)
    status, body = send(emulator, method, path, headers, "x" * (1024**2 + 1))
    assert (status, body["Code"], body["Success"]) == (413, "RequestEntityTooLarge", False)


@pytest.mark.parametrize("path", ["/_emulator/clock", "/api/v2/instances", "/_emulator/nothing", "/nothing"])
def test_every_refusal_says_which_emulator_gives_it(emulator: Emulator, path: str) -> None:
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(emulator.url.rpartition(":")[2]), timeout=PATIENCE
    )
    try:
        connection.request("POST", path, "x" * (1024**2 + 1), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 413
        assert "exceeded" in answer.read().decode()
        assert answer.getheader(NONCE_HEADER) == json.loads(emulator.control("GET", "status"))["nonce"]
    finally:
        connection.close()


def test_operations_are_those_of_the_sdks() -> None:
    from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
    from alibabacloud_bssopenapi20171214.client import Client as BssClient
    from alibabacloud_eas20210701.client import Client as EasClient
    from alibabacloud_pai_dlc20201203.client import Client as DlcClient

    clients = {
        "dsw": DswClient,
        "aiworkspace": WorkspaceClient,
        "eas": EasClient,
        "dlc": DlcClient,
        "bss": BssClient,
    }
    for op in OPERATIONS:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in op.name).lstrip("_")
        assert hasattr(clients[op.service.name], name), op.name
    assert len({(op.service, op.name) for op in OPERATIONS}) == len(OPERATIONS) == 41


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "[" * 100_000])
def test_a_body_that_is_no_object(emulator: Emulator, body: str) -> None:
    from .test_signature import send

    headers = roa_headers("POST", "/api/v1/workspaces", emulator.secret)
    status, answer = send(emulator, "POST", "/api/v1/workspaces", headers, body)
    assert (status, answer["Code"]) == (400, "InvalidJSON")
