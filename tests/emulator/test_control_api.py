"""The control interface call by call: what each changes, what each refuses, and that a refusal changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.clock import DAY, FROZEN_START, iso, parse_iso
from paidsw.emulator.control_api import MAX_CU
from paidsw.emulator.errors import ApiError
from paidsw.emulator.faults import BODIES, KINDS
from paidsw.emulator.state import MAX_SECONDS, Settings
from tests.support.account import Account


@pytest.fixture
def world() -> Account:
    return Account()


def ask(world: Account, method: str, name: str, /, **values: Any) -> Any:
    return json.loads(world.control.handle(method, name, {}, values))


def refusal(world: Account, method: str, name: str, /, **values: Any) -> str:
    before = world.text()
    with pytest.raises(ApiError) as error:
        world.control.handle(method, name, {}, values)
    assert error.value.status == 400
    assert world.text() == before
    return error.value.message


# --- the clock ---


@pytest.mark.parametrize(
    ("values", "now"),
    [
        ({}, 0),
        ({"advance": 0}, 0),
        ({"advance": 0.0004}, 0),
        ({"advance": 0.0006}, 1),
        ({"advance": 1.5}, 1500),
        ({"advance": MAX_SECONDS}, MAX_SECONDS * 1000),
        ({"freeze": True}, 0),
        ({"freeze": True, "at": "2026-01-05T02:00:01Z"}, 1000),
        ({"freeze": True, "at": "2020-01-01T00:00:00Z"}, 0),
        ({"freeze": True, "at": "2026-01-05T02:00:01Z", "advance": 2}, 3000),
        ({"freeze": False}, 0),
        ({"at": "2027-01-01T00:00:00Z"}, 0),
    ],
)
def test_the_clock(world: Account, values: dict[str, Any], now: int) -> None:
    found = ask(world, "POST", "clock", **values)
    assert found["now_ms"] == FROZEN_START + now
    assert found["now"] == iso(FROZEN_START + now)
    assert found["frozen"] is True


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"advance": -0.001}, "advance must be between 0 and"),
        ({"advance": MAX_SECONDS + 1}, "advance must be between 0 and"),
        ({"advance": float("inf")}, "advance must be between 0 and"),
        ({"advance": float("nan")}, "advance must be between 0 and"),
        ({"advance": None}, "advance must be between 0 and"),
        ({"advance": {"seconds": 1}}, "advance must be between 0 and"),
        ({"freeze": True, "at": "tomorrow"}, "Invalid isoformat"),
        ({"freeze": True, "at": "2026-02-01T00:00:00"}, "a time needs its zone"),
        ({"freeze": True, "at": None}, "Invalid isoformat"),
        ({"freeze": True, "at": 5}, "clock: "),
        ({"freeze": True, "at": "9999-12-31T23:59:59Z"}, "at must lie within"),
    ],
)
def test_a_wrong_clock(world: Account, values: dict[str, Any], message: str) -> None:
    assert message in refusal(world, "POST", "clock", **values)


def test_what_is_due_happens_on_the_way(world: Account) -> None:
    made = world.create()
    ask(world, "POST", "clock", freeze=True, at=iso(FROZEN_START + DAY))
    assert world.the(made).status == "Running"
    assert world.the(made).running_since == FROZEN_START + 180_000


# --- settings: every switch ---

SWITCHES: dict[str, tuple[Any, list[Any]]] = {
    "home_region": ("cn-beijing", ["mars", "", None, 5]),
    "latency_ms": (5, ["5", 1.5, True]),
    "durations": (
        {"Creating": 1},
        [{"Creating": -1}, {"Napping": 1}, {"Creating": "1"}, {"Creating": True}, []],
    ),
    "strict_update": (False, [0, "no", None]),
    "strict_delete": (True, [1]),
    "timer_exists": ("replace", ["keep", "", True]),
    "timer_when_stopped": ("keep", ["replace", None]),
    "guards_need_running": (True, ["true"]),
    "snapshots_need_running": (False, [0]),
    "culler_fires": (False, [0]),
    "sold_out": (["ecs.g6.large"], ["ecs.g6.large", [1], {}]),
    "when_sold_out": ("fail", ["cry"]),
    "activated": (False, [0]),
    "account_sufficient": (False, ["no"]),
    "user_config": ({"FreeTier": None}, [[], "x"]),
    "denied": (["Create*"], ["Create*", [None]]),
    "billing": ({"Packs": []}, [[]]),
    "skew_seconds": (-5, ["5", 0.5]),
    "any_reference": (True, [1, "yes"]),
    "recycle_bin_days": (7, [-1, 10**6, "7", 0.5]),
}


@pytest.mark.parametrize("name", Settings.__dataclass_fields__)
def test_a_setting_is_taken_and_kept(world: Account, name: str) -> None:
    value, _ = SWITCHES[name]
    assert ask(world, "POST", "settings", **{name: value})[name] == value
    assert ask(world, "GET", "settings")[name] == value
    assert getattr(world.account.state.settings, name) == value
    others = [key for key in SWITCHES if key != name]
    assert all(getattr(world.account.state.settings, key) == getattr(Settings(), key) for key in others)


@pytest.mark.parametrize(
    ("name", "value"), [(n, value) for n, (_, wrong) in SWITCHES.items() for value in wrong]
)
def test_a_setting_of_the_wrong_form_is_refused_by_its_name(world: Account, name: str, value: Any) -> None:
    assert name in refusal(world, "POST", "settings", **{name: value})


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e300, MAX_SECONDS + 1])
def test_a_duration_without_end_is_refused(world: Account, seconds: float) -> None:
    assert "must last between 0 and" in refusal(world, "POST", "settings", durations={"Creating": seconds})
    assert world.create()


def test_one_wrong_setting_takes_none(world: Account) -> None:
    assert "unknown setting 'strict'" in refusal(world, "POST", "settings", strict_delete=True, strict=1)
    assert world.account.state.settings.strict_delete is False


# --- the trial ---


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"remaining_cu": 0}, "0.000000"),
        ({"remaining_cu": "0.5"}, "0.500000"),
        ({"remaining_cu": 250}, "250.000000"),
        ({"remaining_cu": 300.25}, "300.250000"),
        ({"remaining_cu": MAX_CU}, "1000000.000000"),
        ({"claimed": False}, "0.000000"),
        ({"claimed": True}, "250.000000"),
        ({"expires_at": "2026-01-05T02:00:00Z"}, "0.000000"),
        ({"expires_at": "2026-01-05T02:01:00Z"}, "250.000000"),
        ({"claimed_at": "2026-01-05T02:00:59Z"}, "250.000000"),
        ({"claimed_at": "2026-01-05T02:01:00Z"}, "0.000000"),
        ({"claimed_at": "2025-10-05T02:00:00Z"}, "0.000000"),
        # Three grants, for October to December: the trial's last days have none.
        ({"claimed_at": "2025-10-05T02:01:00Z"}, "0.000000"),
        ({"claimed_at": "2025-11-05T02:01:00Z"}, "250.000000"),
    ],
)
def test_the_trial(world: Account, values: dict[str, Any], left: str) -> None:
    ask(world, "POST", "trial", **values)
    assert ask(world, "GET", "bill")["cu_left"] == left


@pytest.mark.parametrize(
    "values",
    [
        {"remaining_cu": -1},
        {"remaining_cu": "NaN"},
        {"remaining_cu": "Infinity"},
        {"remaining_cu": "1e999999"},
        {"remaining_cu": MAX_CU + 1},
        {"remaining_cu": "many"},
        {"remaining_cu": None},
        {"claimed_at": "x"},
        {"claimed_at": None},
        {"expires_at": "2026-01-01"},
        {"left": 5},
        {"claimed": False, "left": 5},
        {"claimed": False, "expires_at": "x"},
    ],
)
def test_a_wrong_trial(world: Account, values: dict[str, Any]) -> None:
    assert refusal(world, "POST", "trial", **values).startswith("trial: ")
    assert ask(world, "GET", "bill")["cu_left"] == "250.000000"


# --- load ---


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "instance_id is missing"),
        ({"instance_id": "dsw-0", "cpu": 1}, "there is no instance dsw-0"),
        ({"instance_id": None}, "there is no instance None"),
        ({"cpu": None, "gpu": "9"}, "gpu must be a whole number of percent"),
        ({"cpu": -1}, "cpu must be a whole number of percent"),
        ({"cpu": 101}, "cpu must be a whole number of percent"),
        ({"cpu": 1.5}, "cpu must be a whole number of percent"),
        ({"cpu": True}, "cpu must be a whole number of percent"),
        ({"cpu": []}, "cpu must be a whole number of percent"),
    ],
)
def test_a_wrong_load(world: Account, values: dict[str, Any], message: str) -> None:
    made = world.running()
    body = values if "instance_id" in values or not values else values | {"instance_id": made}
    assert message in refusal(world, "POST", "activity", **body)


@pytest.mark.parametrize(
    ("cpu", "gpu", "minutes"),
    [(4, 9, 30), (5, 9, None), (4, 10, None), (100, 100, None), (0, 0, 30), (None, None, 30), (4, None, 30)],
)
def test_only_a_load_below_both_thresholds_is_idle(
    world: Account, cpu: int | None, gpu: int | None, minutes: int | None
) -> None:
    made = world.running()
    culler = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "GpuPercentThreshold": 10}
    world.on("CreateIdleInstanceCuller", made, culler)
    ask(world, "POST", "activity", instance_id=made, cpu=cpu, gpu=gpu)
    world.advance(minutes=30, seconds=-1)
    assert world.the(made).status == "Running"
    told = world.on("GetIdleInstanceCuller", made)[1]["IdleTimeInMinutes"]
    assert told == (29 if minutes else 0)
    world.advance(1)
    assert world.the(made).status == ("Stopping" if minutes else "Running")


def test_idle_time_counts_from_when_the_load_fell(world: Account) -> None:
    made = world.running()
    world.on("CreateIdleInstanceCuller", made, {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5})
    for cpu in (50, 60, 4, 3):
        world.advance(minutes=10)
        ask(world, "POST", "activity", instance_id=made, cpu=cpu)
    # Idle since the third of them, ten minutes ago.
    world.advance(minutes=20, seconds=-1)
    assert world.the(made).status == "Running"
    world.advance(1)
    assert world.the(made).status == "Stopping"


# --- faults ---


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_put_in_force_as_it_was_said(world: Account, kind: str) -> None:
    values = {
        "kind": kind,
        "operation": "Get*",
        "nth": 2,
        "times": 0,
        "region": "cn-beijing",
        "status": "Queuing",
    }
    (shown,) = ask(world, "POST", "faults", **values)
    assert {key: shown[key] for key in values} == values
    assert ask(world, "GET", "faults") == [shown]
    assert ask(world, "DELETE", "faults") == []
    assert world.account.faults.script == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "a fault needs its kind"),
        ({"kind": "boom"}, "unknown fault 'boom'"),
        ({"kind": None}, "kind: Input should be a valid string"),
        ({"kind": "stuck"}, "needs the status in which to stay"),
        ({"kind": "bad-body", "body": "long"}, f"one of {', '.join(BODIES)}"),
        ({"kind": "slow", "seconds": -1}, "seconds must be between 0 and"),
        ({"kind": "slow", "seconds": 1e400}, "seconds must be between 0 and"),
        ({"kind": "slow", "hold_ms": -1}, "hold_ms must be between 0 and"),
        ({"kind": "error", "http_status": 200}, "http_status must be between 400 and 599"),
        ({"kind": "error", "http_status": 600}, "http_status must be between 400 and 599"),
        ({"kind": "unlisted", "seconds": -1}, "seconds must be between 0 and"),
        ({"kind": "stale", "reads": 0}, "reads must be between 1 and"),
        ({"kind": "http-500", "nth": 0}, "nth must be between 1 and"),
        ({"kind": "http-500", "times": -1}, "times must be between 0 and"),
        ({"kind": "throttling", "retry_after": -1}, "retry_after must be between 0 and"),
        ({"kind": "http-500", "nth": "2"}, "nth: Input should be a valid integer"),
        ({"kind": "http-500", "often": 2}, "often: Unexpected keyword argument"),
    ],
)
def test_a_wrong_fault(world: Account, values: dict[str, Any], message: str) -> None:
    assert message in refusal(world, "POST", "faults", **values)
    assert world.account.faults.script == []


# --- the rest ---


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("default_workspace", {}, "region is missing"),
        ("default_workspace", {"region": "mars"}, "unknown region 'mars'"),
        ("default_workspace", {"region": ["cn-beijing"]}, "unknown region"),
        ("dataworks", {"region": "cn-beijing"}, "name is missing"),
        ("dataworks", {"region": "mars", "name": "x"}, "unknown region 'mars'"),
        ("dataworks", {"region": "cn-beijing", "name": ["x"]}, "name: Input should be a valid string"),
        ("empty_recycle_bin", {}, "region is missing"),
        ("empty_recycle_bin", {"region": "mars"}, "unknown region 'mars'"),
        ("other", {}, "region is missing"),
        ("other", {"region": {}, "kind": "dlc-job"}, "unknown region {}"),
        ("other", {"region": "cn-beijing"}, "kind is missing"),
        ("other", {"region": "cn-beijing", "kind": "x"}, "kind must be one of"),
        ("other", {"region": "cn-beijing", "kind": "dlc-job"}, "id is missing"),
        ("force", {}, "instance_id is missing"),
        ("force", {"instance_id": "dsw-0"}, "there is no instance dsw-0"),
        ("stop", {}, "the nonce is not this emulator's"),
        ("stop", {"nonce": "guess"}, "the nonce is not this emulator's"),
    ],
)
def test_a_wrong_call(world: Account, name: str, values: dict[str, Any], message: str) -> None:
    assert refusal(world, "POST", name, **values).startswith(f"{name}: {message}")


def test_a_default_workspace_is_made_once_a_region(world: Account) -> None:
    first = ask(world, "POST", "default_workspace", region="ap-southeast-1")
    assert ask(world, "POST", "default_workspace", region="ap-southeast-1") == first
    assert ask(world, "POST", "default_workspace", region="cn-beijing") != first


@pytest.mark.parametrize(
    ("last", "count"),
    [("0", 0), ("1", 1), ("3", 3), ("4", 3), (None, 3), ("-1", None), ("x", None), ("", None)],
)
def test_the_last_calls(world: Account, last: str | None, count: int | None) -> None:
    for _ in range(3):
        world.call("GetUserConfig")
    query = {} if last is None else {"last": last}
    if count is None:
        with pytest.raises(ApiError):
            world.control.handle("GET", "calls", query, {})
        return
    found = json.loads(world.control.handle("GET", "calls", query, {}))
    assert [call["operation"] for call in found] == ["GetUserConfig"] * count


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("GET", "reset"),
        ("DELETE", "trial"),
        ("PATCH", "clock"),
        ("POST", "live"),
        ("POST", ""),
        ("GET", "/status"),
        ("GET", "_call"),
        ("POST", "instance"),
        ("", "handle"),
        ("__init", "_"),
        ("GET", "status/"),
    ],
)
def test_there_is_no_such_call(world: Account, method: str, name: str) -> None:
    with pytest.raises(ApiError) as error:
        world.control.handle(method, name, {}, {})
    assert error.value.status == 404


NAMES = st.sampled_from(
    ["clock", "trial", "settings", "faults", "activity", "force", "default_workspace", "other"]
)
KEYS = st.sampled_from(
    [
        *("advance", "freeze", "at", "thaw", "claimed", "expires_at", "remaining_cu", "kind", "nth", "cpu"),
        *("gpu", "instance_id", "status", "region", "id", "name", "wire", "durations", "home_region"),
    ]
)
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.lists(st.integers())
)


@settings(max_examples=70)
@given(name=NAMES, values=st.dictionaries(KEYS, VALUES | st.just("dsw-1"), max_size=4))
def test_any_call_is_done_or_refused(name: str, values: dict[str, Any]) -> None:
    world = Account()
    before, refused = world.text(), ""
    try:
        world.control.handle("POST", name, {}, values)
    except ApiError as error:
        refused = f"{error.status} {error.message}"
    if refused:
        assert refused.startswith(f"400 {name}: ")
        assert world.text() == before
    for read in ("status", "live", "bill", "settings", "trial", "faults"):
        assert json.loads(world.control.handle("GET", read, {}, {})) is not None
    assert parse_iso(ask(world, "GET", "status")["now"]) >= FROZEN_START
