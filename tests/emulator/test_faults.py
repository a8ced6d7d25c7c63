"""Each scripted fault, seen by the official SDK, and what the cloud holds afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException, UnretryableException

from paidsw.emulator.faults import KINDS, REFUSING, Fault, Faults, fault_from
from tests.support.cloud import A10, THROTTLING_CODES, Cloud, image

NEVER_DONE = [*REFUSING, "error", "cut-before"]


@pytest.mark.parametrize("kind", NEVER_DONE)
def test_a_refused_create_makes_nothing(cloud: Cloud, kind: str) -> None:
    space = cloud.workspace()
    cloud.emulator.faults.add(kind, "CreateInstance")
    with pytest.raises((DaraException, UnretryableException)):
        cloud.create(workspace=space)
    assert cloud.emulator.instances == []
    assert cloud.create(workspace=space)


@pytest.mark.parametrize("kind", ["cut-after", "bad-body"])
def test_a_lost_answer_hides_what_was_made(cloud: Cloud, kind: str) -> None:
    space = cloud.workspace()
    cloud.emulator.faults.add(kind, "CreateInstance")
    with pytest.raises(Exception):  # noqa: B017, PT011 - the SDK raises what its parser or socket raises
        cloud.create(workspace=space)
    assert cloud.names() == ["notebook"]


@pytest.mark.parametrize("body", ["truncated", "html", "empty"])
def test_bodies_that_are_no_answer(cloud: Cloud, body: str) -> None:
    cloud.emulator.faults.add("bad-body", "ListInstances", body=body)
    with pytest.raises(Exception):  # noqa: B017, PT011 - as above
        cloud.names()
    assert cloud.names() == []


def test_a_bad_gateway_page(cloud: Cloud) -> None:
    cloud.emulator.faults.add("http-502", "ListInstances")
    cloud.emulator.faults.add("bad-body", "ListInstances", body="html")
    with pytest.raises(Exception):  # noqa: B017, PT011 - as above
        cloud.names()
    last = cloud.emulator.calls[-1]
    assert (last.status, last.fault) == (502, "http-502,bad-body")


def test_success_false_in_a_good_answer_does_nothing(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.emulator.faults.add("success-false", "DeleteInstance", message="not now")
    answer = cloud.dsw().delete_instance(made)
    assert (answer.status_code, answer.body.success, answer.body.message) == (200, False, "not now")
    assert cloud.status(made) == "Running"


@pytest.mark.parametrize("code", THROTTLING_CODES)
def test_throttling_carries_its_code_and_when_to_come_back(cloud: Cloud, code: str) -> None:
    cloud.emulator.faults.add("throttling", "ListInstances", code=code, retry_after=7)
    with pytest.raises(DaraException) as error:
        cloud.names()
    assert (error.value.code, error.value.retry_after) == (code, 7)


@pytest.mark.parametrize(("kind", "status"), [("http-500", 500), ("http-503", 503), ("permission", 403)])
def test_statuses(cloud: Cloud, kind: str, status: int) -> None:
    cloud.emulator.faults.add(kind, "ListInstances")
    with pytest.raises(DaraException) as error:
        cloud.names()
    assert error.value.status_code == status
    if kind == "permission":
        assert "No permission ListInstances for resource: acs:paidsw:cn-wulanchabu" in error.value.message


def test_any_error(cloud: Cloud) -> None:
    cloud.emulator.faults.add("error", http_status=409, code="Conflict", message="in {region}")
    with pytest.raises(DaraException) as error:
        cloud.names()
    assert (error.value.status_code, error.value.code) == (409, "Conflict")
    assert "in cn-wulanchabu" in error.value.message


def test_a_slow_answer_moves_the_clock(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.emulator.faults.add("slow", "GetInstance", seconds=180)
    before = cloud.emulator.clock.now_ms()
    assert cloud.status(made) == "Running"
    assert cloud.emulator.clock.now_ms() - before == 180_000


def test_a_client_gives_up_on_an_answer_held_back(cloud: Cloud) -> None:
    space = cloud.workspace()
    cloud.emulator.faults.add("slow", "CreateInstance", hold_ms=600_000)
    client = cloud.dsw()
    client._read_timeout = 200
    request = m.CreateInstanceRequest(instance_name="a", workspace_id=space, ecs_spec=A10, image_url=image())
    with pytest.raises(UnretryableException, match="timed out"):
        client.create_instance(request)
    assert cloud.names() == ["a"]


def test_reads_lag_behind_a_create(cloud: Cloud) -> None:
    cloud.emulator.faults.add("stale", "CreateInstance", reads=3)
    made = cloud.create()
    for _ in range(2):
        with pytest.raises(DaraException) as error:
            cloud.get(made)
        assert error.value.status_code == 404
    assert cloud.names() == []
    assert cloud.names() == ["notebook"]


def test_reads_lag_behind_an_update_and_a_delete(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.emulator.faults.add("stale", "UpdateInstance", reads=1)
    cloud.dsw().update_instance(made, m.UpdateInstanceRequest(instance_name="new"))
    assert cloud.get(made)["InstanceName"] == "notebook"
    assert cloud.get(made)["InstanceName"] == "new"
    cloud.emulator.faults.add("stale", "DeleteInstance", reads=2)
    cloud.emulator.settings(durations={"Deleting": 0})
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(1)
    assert cloud.status(made) == "Updating"
    assert cloud.names() == ["new"]
    assert cloud.names() == []


@pytest.mark.parametrize("status", ["Creating", "ResourceAllocating", "EnvPreparing", "Starting"])
def test_stuck_on_the_way_up(cloud: Cloud, status: str) -> None:
    cloud.emulator.faults.add("stuck", "CreateInstance", status=status)
    made = cloud.create()
    cloud.emulator.clock.advance(days=1)
    assert cloud.status(made) == status
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(20)
    assert cloud.emulator.instances == []


def test_stuck_on_the_way_down_keeps_using_cu(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.emulator.faults.add("stuck", "DeleteInstance", status="Deleting")
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(hours=1)
    assert cloud.status(made) == "Deleting"
    assert cloud.emulator.live()[0].cu_per_hour > 0


def test_a_start_that_fails(cloud: Cloud) -> None:
    cloud.emulator.faults.add("failed", "CreateInstance", code="ImagePullBackOff", message="no such tag")
    made = cloud.create()
    cloud.emulator.clock.advance(minutes=5)
    body = cloud.get(made)
    assert (body["Status"], body["ReasonCode"], body["ReasonMessage"]) == (
        "Failed",
        "ImagePullBackOff",
        "no such tag",
    )
    cloud.dsw().start_instance(made)
    cloud.emulator.clock.advance(minutes=5)
    assert cloud.status(made) == "Running"


def test_sold_out(cloud: Cloud) -> None:
    cloud.emulator.faults.add("sold-out", "CreateInstance")
    made = cloud.create()
    cloud.emulator.clock.advance(days=1)
    assert cloud.status(made) == "Queuing"


def test_permissions_taken_by_name(cloud: Cloud) -> None:
    cloud.emulator.settings(denied=["Create*"])
    with pytest.raises(DaraException) as error:
        cloud.workspace()
    assert (error.value.status_code, error.value.code) == (403, "NoPermissionError")
    assert cloud.names() == []


def test_every_call_is_recorded_with_its_outcome(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.emulator.faults.add("throttling", "GetInstance")
    with pytest.raises(DaraException):
        cloud.get(made)
    cloud.names("cn-beijing")
    seen = [(c.operation, c.region, c.target, c.outcome, c.fault) for c in cloud.emulator.calls]
    space = cloud.emulator.workspaces[0].id
    assert seen == [
        ("CreateWorkspace", "cn-wulanchabu", space, "ok", ""),
        ("CreateInstance", "cn-wulanchabu", made, "ok", ""),
        ("GetInstance", "cn-wulanchabu", made, "Throttling.User", "throttling"),
        ("ListInstances", "cn-beijing", "", "ok", ""),
    ]


def strikes(fault: Fault, *calls: str) -> list[bool]:
    return [fault.strikes(call, "cn-beijing") for call in calls]


def test_which_call_is_struck() -> None:
    assert strikes(Fault("http-500", "Get*", nth=2, times=2), "GetA", "List", "GetB", "GetC", "GetD") == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert strikes(Fault("http-500", times=0), "A", "B", "C") == [True] * 3
    assert strikes(Fault("http-500", region="cn-hangzhou"), "A") == [False]
    script = Faults()
    script.add(Fault("slow"))
    script.add(Fault("http-500", nth=2))
    assert [len(script.strike("A", "")), len(script.strike("A", ""))] == [1, 1]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "kind"),
        ({"kind": "boom"}, "boom"),
        ({"kind": "slow", "second": 1}, "second"),
        ({"kind": "slow", "nth": "1"}, "nth"),
        ({"kind": "slow", "nth": True}, "nth"),
        ({"kind": "stuck"}, "status"),
        ({"kind": "bad-body", "body": "nice"}, "nice"),
    ],
)
def test_a_wrong_fault_says_what_is_wrong(values: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        fault_from(values)


def test_all_kinds_can_be_written_as_json() -> None:
    for kind in KINDS:
        fault = Fault(kind, status="Starting")
        assert fault_from(json.loads(json.dumps(vars(fault)))) == fault
