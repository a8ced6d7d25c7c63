"""Each kind of fault on each kind of call: what was done, what was answered, what later reads show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.faults import BODIES, KINDS, REFUSING, Fault, Faults
from paidsw.emulator.gateway import Answer
from tests.support.account import OPS, Account
from tests.support.cloud import A10, HOME, image

DONE = ("slow", "cut-after", "bad-body", "stale", "unlisted")
NOT_DONE = (*REFUSING, "error", "success-false", "cut-before")
# Of a call: its name, body, and how the instance shows that it was done.
CALLS: dict[str, tuple[str, dict[str, Any] | None, Any]] = {
    "stop": ("StopInstance", None, lambda instance: instance.status == "Stopping"),
    "delete": ("DeleteInstance", None, lambda instance: instance.status == "Deleting"),
    "rename": ("UpdateInstance", {"InstanceName": "new"}, lambda instance: instance.name == "new"),
    "label": ("UpdateInstanceLabels", {"Labels": [{"Key": "a"}]}, lambda instance: "a" in instance.labels),
    "timer": ("CreateInstanceShutdownTimer", {"RemainingTimeInMs": 10**7}, lambda instance: instance.timer),
    "culler": (
        "CreateIdleInstanceCuller",
        {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5},
        lambda instance: instance.culler,
    ),
}


@pytest.fixture
def world() -> Account:
    return Account()


def answer(world: Account, name: str, made: str, body: Any = None) -> Answer:
    """The answer as it leaves, damaged or not."""
    octets = b"" if body is None else json.dumps(body).encode()
    return world.gateway.perform(OPS[name], HOME, {"InstanceId": made}, body=octets)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [*DONE, *NOT_DONE])
def test_a_write_is_done_whole_or_not_at_all(world: Account, kind: str, call: str) -> None:
    name, body, done = CALLS[call]
    made = world.running()
    before = world.text()
    world.strike(kind, name)
    found = answer(world, name, made, body)
    assert bool(done(world.the(made))) is (kind in DONE)
    if kind in NOT_DONE:
        assert world.text() == before
    assert found.cut is (kind in ("cut-before", "cut-after"))
    if kind in REFUSING:
        status, code, _ = REFUSING[kind]
        body = json.loads(found.body)
        assert (found.status, body["Code"], body["Success"]) == (status, code, False)
    # The fault is over, and what was refused can be done.
    if kind in NOT_DONE:
        assert answer(world, name, made, CALLS[call][1]).status == 200
        assert done(world.the(made))


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_changes_nothing_whatever_strikes_it(world: Account, kind: str) -> None:
    made = world.running()
    before = world.text()
    world.strike(kind, "GetInstance")
    answer(world, "GetInstance", made)
    assert world.text() == before
    assert json.loads(answer(world, "GetInstance", made).body)["Status"] == "Running"


@pytest.mark.parametrize("body", BODIES)
def test_damaged_bodies(world: Account, body: str) -> None:
    made = world.running()
    whole = answer(world, "GetInstance", made).body
    world.strike("bad-body", body=body)
    found = answer(world, "GetInstance", made)
    assert found.status == 200
    expected = {"truncated": whole[: len(whole) // 2], "html": b"<html>", "empty": b""}[body]
    assert len(found.body) == len(expected) if body != "html" else found.body.startswith(expected)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(found.body)


# --- how often, where, on what ---


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        ({}, [1]),
        ({"times": 0}, [1, 2, 3, 4, 5, 6]),
        ({"times": 3}, [1, 2, 3]),
        ({"nth": 3}, [3]),
        ({"nth": 3, "times": 2}, [3, 4]),
        ({"nth": 5, "times": 0}, [5, 6]),
        ({"nth": 7}, []),
        ({"region": HOME}, [1]),
        ({"region": "cn-beijing"}, []),
        ({"operation": "GetInstance"}, [1]),
        ({"operation": "Get*"}, [1]),
        ({"operation": "*Instance"}, [1]),
        ({"operation": "get*"}, []),
        ({"operation": "ListInstances"}, []),
    ],
)
def test_which_calls_are_struck(world: Account, fault: dict[str, Any], struck: list[int]) -> None:
    made = world.running()
    world.strike("http-503", **{"operation": "GetInstance"} | fault)
    statuses = [answer(world, "GetInstance", made).status for _ in range(6)]
    assert [number for number, status in enumerate(statuses, 1) if status == 503] == struck


@settings(max_examples=60)
@given(nth=st.integers(1, 6), times=st.integers(0, 4), calls=st.lists(st.booleans(), max_size=12))
def test_a_fault_counts_its_own_calls_only(nth: int, times: int, calls: list[bool]) -> None:
    script = Faults()
    script.add(Fault("slow", "Get*", nth=nth, times=times))
    found = [bool(script.strike("GetX" if own else "ListX", HOME)) for own in calls]
    own = [struck for struck, is_own in zip(found, calls, strict=True) if is_own]
    last = nth + times if times else len(own) + 1
    assert own == [nth <= number < last for number in range(1, len(own) + 1)]
    assert not [struck for struck, is_own in zip(found, calls, strict=True) if struck and not is_own]


def test_the_first_of_two_refusals_answers_and_both_are_recorded(world: Account) -> None:
    made = world.running()
    world.strike("http-503")
    world.strike("throttling")
    assert answer(world, "GetInstance", made).status == 503
    assert world.account.calls[-1].fault == "http-503,throttling"


def test_slow_and_refused(world: Account) -> None:
    made = world.running()
    before = world.account.now()
    world.strike("slow", seconds=30, hold_ms=250)
    world.strike("http-500")
    found = answer(world, "GetInstance", made)
    assert (found.status, found.hold_ms) == (500, 250)
    assert world.account.now() == before + 30_000


def test_a_slow_call_meets_what_happens_meanwhile(world: Account) -> None:
    made = world.running()
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 10_000})
    world.strike("slow", "StopInstance", seconds=20)
    # The timer was quicker.
    found = answer(world, "StopInstance", made)
    assert (found.status, json.loads(found.body)["Code"]) == (400, "ValidationError")
    assert world.the(made).phases[-1].start == world.account.now() - 10_000


def test_permission_comes_before_the_thing(world: Account) -> None:
    world.control.handle("POST", "settings", {}, {"denied": ["paidsw:getinstance"]})
    status, body = world.on("GetInstance", "dsw-none")
    assert (status, body["Code"]) == (403, "NoPermissionError")
    assert body["Message"] == (
        "No permission GetInstance for resource: acs:paidsw:cn-wulanchabu:1000000000000001:*"
    )


@pytest.mark.parametrize(
    ("pattern", "name", "denied"),
    [
        ("UpdateInstance", "UpdateInstance", True),
        ("paidsw:UpdatePostPaidInstance", "UpdateInstance", True),
        ("paidsw:UpdateInstance", "UpdateInstance", False),
        ("paidsw:*", "UpdateInstance", True),
        ("PaiDSW:*", "UpdateInstance", True),
        ("paiworkspace:*", "UpdateInstance", False),
        ("paidsw:DeletePostPaidInstance", "DeleteInstance", True),
        ("paidsw:DeleteInstance", "DeleteInstance", True),
        ("paidsw:StopInstance", "DeleteInstance", False),
        ("*", "DeleteInstance", True),
    ],
)
def test_denied_by_name_or_action(world: Account, pattern: str, name: str, denied: bool) -> None:
    made = world.running()
    world.control.handle("POST", "settings", {}, {"denied": [pattern]})
    status, _ = world.on(name, made, {"InstanceName": "b"} if name == "UpdateInstance" else None)
    assert status == (403 if denied else 200)


# --- a start that goes elsewhere ---


@pytest.mark.parametrize("status", ["Creating", "ResourceAllocating", "EnvPreparing", "Starting", "Running"])
def test_stuck_in_a_status_on_the_way(world: Account, status: str) -> None:
    world.strike("stuck", "CreateInstance", status=status)
    made = world.create()
    world.advance(days=10)
    assert world.the(made).status == status
    assert world.the(made).pending == []
    # The machine of a start that hangs is paid for all the same.
    assert (world.account.bill().cu_used > 0) is (status in ("EnvPreparing", "Starting", "Running"))


def test_stuck_in_a_status_that_does_not_come_is_no_fault(world: Account) -> None:
    world.strike("stuck", "CreateInstance", status="Stopping")
    made = world.create()
    world.advance(minutes=3)
    assert world.the(made).status == "Running"


@pytest.mark.parametrize("name", ["CreateInstance", "StartInstance"])
@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "InternalError", "Internal Error"),
        ({"code": "ImagePullBackOff"}, "ImagePullBackOff", "Internal Error"),
        ({"code": "X", "message": "no {region}"}, "X", "no {region}"),
    ],
)
def test_a_start_that_fails_says_why(
    world: Account, name: str, members: dict[str, str], code: str, message: str
) -> None:
    if name == "StartInstance":
        made = world.create()
        world.force(made, "Stopped")
    world.strike("failed", name, **members)
    if name == "CreateInstance":
        made = world.create()
    else:
        assert world.on("StartInstance", made)[0] == 200
    world.advance(minutes=5)
    shown = world.on("GetInstance", made)[1]
    assert (shown["Status"], shown["ReasonCode"], shown["ReasonMessage"]) == ("Failed", code, message)
    assert not world.the(made).machine_on
    assert world.on("GetInstanceEvents", made, query="EventLevel=ERROR")[1]["Events"][0].endswith(
        f"ERROR status Failed {code} {message}"
    )


def test_sold_out_waits_for_good_and_can_be_stopped(world: Account) -> None:
    world.strike("sold-out", "CreateInstance")
    made = world.create()
    world.advance(days=3)
    assert [phase.status for phase in world.the(made).phases] == ["Creating", "Queuing"]
    assert world.account.bill().lines == []
    assert world.on("StopInstance", made)[0] == 200
    world.advance(minutes=1)
    assert world.the(made).status == "Stopped"


@pytest.mark.parametrize(
    ("region", "status"), [(HOME, "Running"), ("cn-beijing", "Failed"), ("registry.example", "Running")]
)
def test_an_image_of_another_region_cannot_be_pulled(world: Account, region: str, status: str) -> None:
    url = image(region) if "." not in region else f"{region}/x:1"
    made = world.create(ImageUrl=url, EcsSpec=A10)
    world.advance(minutes=5)
    assert world.the(made).status == status
    assert world.the(made).reason_code == ("ImagePullBackOff" if status == "Failed" else "")


# --- a fault's message ---


@pytest.mark.parametrize("message", ["{", "}", "{}", "{0}", "{x}", "{operation!r:>99999999}", "100 %s"])
def test_a_faults_message_is_reported_as_it_is(message: str) -> None:
    assert Fault("error", message=message).error("GetInstance", "r").message == message


def test_a_faults_message_can_name_the_call() -> None:
    said = Fault("error", message="{operation} in {region}: {operation}").error("GetInstance", "r").message
    assert said == "GetInstance in r: GetInstance"
