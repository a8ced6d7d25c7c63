"""What can be done in each status, with strict and with lenient switches; and what each status means for the meter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.clock import DAY, MINUTE
from paidsw.emulator.dsw.handlers.instances import UPDATABLE, WHILE_RUNNING
from paidsw.emulator.dsw.lifecycle import MACHINE_ON, RESTING, STARTABLE, STOPPABLE
from paidsw.emulator.state import DURATIONS, Usage
from tests.support.account import Account
from tests.support.cloud import A10, OFF_TIER

# Every status of the documentation (GetInstance and GetLifecycle).
STATUSES = (
    *("Creating", "ResourceAllocating", "Queuing", "EnvPreparing", "Starting", "Running", "Recovering"),
    *("Stopping", "Stopped", "Failed", "Updating", "Saving", "Saved", "SaveFailed", "Deleting"),
    *("ArrearStopping", "Arrearge"),
)
# A write, and the statuses in which a strict cloud takes it.
ALLOWED: dict[str, tuple[dict[str, Any], frozenset[str]]] = {
    "StartInstance": ({}, STARTABLE),
    "StopInstance": ({}, STOPPABLE),
    "DeleteInstance": ({}, frozenset(STATUSES)),
    "UpdateInstance": ({"InstanceName": "new"}, UPDATABLE),
    "CreateInstanceShutdownTimer": (
        {"RemainingTimeInMs": 60_000},
        frozenset(STATUSES) - RESTING - {"Stopping", "ArrearStopping", "Deleting"},
    ),
    "CreateIdleInstanceCuller": (
        {"MaxIdleTimeInMinutes": 5, "CpuPercentThreshold": 5},
        frozenset(STATUSES),
    ),
    "CreateInstanceSnapshot": ({"SnapshotName": "s", "ImageUrl": "r/x:1"}, frozenset({"Running"})),
    "UpdateInstanceLabels": ({"Labels": [{"Key": "a"}]}, frozenset(STATUSES)),
}
# What a switch changes of that.
SWITCHES: list[tuple[dict[str, Any], str, frozenset[str]]] = [
    ({"strict_delete": True}, "DeleteInstance", STARTABLE | {"Deleting"}),
    (
        {"timer_when_stopped": "keep"},
        "CreateInstanceShutdownTimer",
        frozenset(STATUSES),
    ),
    ({"guards_need_running": True}, "CreateInstanceShutdownTimer", frozenset({"Running"})),
    ({"guards_need_running": True}, "CreateIdleInstanceCuller", frozenset({"Running"})),
    ({"snapshots_need_running": False}, "CreateInstanceSnapshot", frozenset({"Running", "Stopped"})),
]


def attempt(status: str, name: str, body: dict[str, Any], **switches: Any) -> tuple[int, str, Account, str]:
    world = Account(**switches)
    made = world.create()
    world.force(made, status)
    code, answer = world.on(name, made, body or None)
    return code, str(answer.get("Message", "")), world, made


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize("status", STATUSES)
def test_a_write_in_each_status(name: str, status: str) -> None:
    body, allowed = ALLOWED[name]
    code, message, world, made = attempt(status, name, body)
    assert code == (200 if status in allowed else 400)
    if code == 400:
        assert f"instance {made} is {status}" in message
        assert world.the(made).status == status


@pytest.mark.parametrize(("switches", "name", "allowed"), SWITCHES, ids=[f"{s} {n}" for s, n, _ in SWITCHES])
def test_a_write_in_each_status_of_another_cloud(
    switches: dict[str, Any], name: str, allowed: frozenset[str]
) -> None:
    taken = {status for status in STATUSES if attempt(status, name, ALLOWED[name][0], **switches)[0] == 200}
    assert taken == allowed


CHANGES: dict[str, dict[str, Any]] = {
    "InstanceName": {"InstanceName": "b"},
    "Accessibility": {"Accessibility": "PUBLIC"},
    "Priority": {"Priority": 2},
    "EcsSpec": {"EcsSpec": OFF_TIER},
    "Driver": {"Driver": "535.54.03"},
    "CloudDisks": {"CloudDisks": [{"Capacity": "120Gi"}]},
    "EnvironmentVariables": {"EnvironmentVariables": {"A": "1"}},
    "Datasets": {"Datasets": [{"DatasetId": "d"}]},
    "DisassociateDriver": {"DisassociateDriver": True},
}


@pytest.mark.parametrize("member", CHANGES)
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("status", ["Running", "Stopped", "Failed"])
def test_what_can_be_changed_while_it_runs(member: str, strict: bool, status: str) -> None:
    code, message, world, made = attempt(status, "UpdateInstance", CHANGES[member], strict_update=strict)
    refused = strict and status == "Running" and member not in WHILE_RUNNING
    assert code == (400 if refused else 200)
    if refused:
        assert message == f"instance {made} must be stopped to change {member}"
    else:
        assert world.the(made).status == "Updating"
        world.advance(DURATIONS["Updating"])
        assert world.the(made).status == status


@pytest.mark.parametrize("status", STATUSES)
def test_the_meter_runs_from_the_machine_on_until_it_is_off(status: str) -> None:
    """However an instance came to a status; where the machine may be on or off, it stays as it was."""
    world = Account()
    made = world.create()
    world.force(made, status)
    usage = [one for one in world.account.state.usage if one.kind == "compute"]
    assert world.the(made).machine_on is (status in MACHINE_ON)
    assert [one.end for one in usage] == ([None] if status in MACHINE_ON else [])
    world.force(made, "Running")
    world.force(made, status)
    open_now = [one for one in world.account.state.usage if one.end is None]
    assert len(open_now) == (0 if status in RESTING else 1)


def test_a_forced_run_is_billed() -> None:
    world = Account()
    made = world.create(EcsSpec=OFF_TIER)
    world.force(made, "Queuing")
    world.advance(hours=1)
    assert world.account.bill().total == 0
    world.force(made, "Running")
    world.advance(hours=1)
    assert world.account.bill().lines[0].minutes == 60
    assert world.account.live()[0].billed


# --- how long, and what comes next ---


def history(world: Account, made: str) -> list[tuple[str, int]]:
    begin = world.the(made).created
    return [(phase.status, (phase.start - begin) // 1000) for phase in world.the(made).phases]


def test_a_create_to_the_second() -> None:
    world = Account()
    made = world.create()
    world.advance(hours=1)
    assert history(world, made) == [
        ("Creating", 0),
        ("ResourceAllocating", 5),
        ("EnvPreparing", 65),
        ("Starting", 125),
        ("Running", 180),
    ]


@pytest.mark.parametrize(
    ("when_sold_out", "code", "statuses"),
    [
        ("queue", 200, ["Creating", "Queuing"]),
        ("fail", 200, ["Creating", "ResourceAllocating", "Failed"]),
        ("refuse", 400, []),
    ],
)
@pytest.mark.parametrize("name", [A10, f"cn-wulanchabu/{A10}"])
def test_a_sold_out_type(when_sold_out: str, code: int, statuses: list[str], name: str) -> None:
    world = Account(when_sold_out=when_sold_out, sold_out=[name])
    body = {"InstanceName": "n", "WorkspaceId": "1", "EcsSpec": A10, "ImageUrl": "x"}
    status, answer = world.call("CreateInstance", body)
    assert status == code
    world.advance(days=1)
    if code == 400:
        assert answer["Message"] == f"{A10} is out of stock in cn-wulanchabu"
        assert world.account.state.instances == {}
    else:
        made = world.the(answer["InstanceId"])
        assert [phase.status for phase in made.phases] == statuses
        assert (made.reason_code == "ResourceNotEnough") is (statuses[-1] == "Failed")
        assert world.account.state.usage == []


def test_another_regions_stock_does_not_matter() -> None:
    world = Account(sold_out=[f"cn-beijing/{A10}"], when_sold_out="refuse")
    assert world.running()


@pytest.mark.parametrize(
    ("durations", "seconds", "status"),
    [
        ({}, 179, "Starting"),
        ({}, 180, "Running"),
        (dict.fromkeys(("Creating", "ResourceAllocating", "EnvPreparing", "Starting"), 0), 0, "Creating"),
        (dict.fromkeys(("Creating", "ResourceAllocating", "EnvPreparing", "Starting"), 0), 0.001, "Running"),
        ({"Starting": 600}, 180, "Starting"),
        ({"Creating": 0.5}, 0.499, "Creating"),
        ({"Creating": 0.5}, 0.5, "ResourceAllocating"),
    ],
)
def test_durations(durations: dict[str, float], seconds: float, status: str) -> None:
    world = Account(durations=durations)
    made = world.create()
    if seconds:
        world.advance(seconds)
    assert world.the(made).status == status


@pytest.mark.parametrize("save", [True, False])
def test_a_stop_to_the_second(save: bool) -> None:
    world = Account()
    made = world.running()
    world.on("StopInstance", made, query=f"SaveImage={save}".lower().replace("saveimage", "SaveImage"))
    world.advance(hours=1)
    expected = (
        [("Saving", 180), ("Stopping", 240), ("Stopped", 270)]
        if save
        else [("Stopping", 180), ("Stopped", 210)]
    )
    assert history(world, made)[5:] == expected
    (usage,) = world.account.state.usage
    assert usage.end == world.the(made).created + (270_000 if save else 210_000)


@pytest.mark.parametrize("status", ["Creating", "EnvPreparing", "Running", "Stopping", "Stopped", "Saving"])
def test_a_delete_bills_until_it_is_gone(status: str) -> None:
    world = Account()
    made = world.running()
    world.force(made, status)
    world.on("DeleteInstance", made)
    world.advance(DURATIONS["Deleting"] - 1)
    assert world.on("GetInstance", made)[1]["Status"] == "Deleting"
    assert world.on("DeleteInstance", made)[0] == 200
    world.advance(1)
    assert world.on("GetInstance", made)[0] == 404
    assert world.on("DeleteInstance", made)[0] == 404
    assert [one.end for one in world.account.state.usage if one.end is None] == []
    assert [thing.kind for thing in world.account.live()] == ["workspace"]


# --- two things at one moment ---


def test_a_planned_status_comes_before_a_guard_of_the_same_moment() -> None:
    world = Account()
    made = world.create()
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 180_000})
    world.advance(hours=1)
    assert [phase.status for phase in world.the(made).phases][-3:] == ["Running", "Stopping", "Stopped"]
    assert history(world, made)[-2] == ("Stopping", 180)


def test_a_timer_comes_before_a_culler_of_the_same_moment() -> None:
    world = Account()
    made = world.running()
    world.on("CreateIdleInstanceCuller", made, {"MaxIdleTimeInMinutes": 10, "CpuPercentThreshold": 5})
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 600_000})
    world.advance(minutes=11)
    assert [event.text for event in world.the(made).events if event.level == "WARN"] == [
        "the shutdown timer stops the instance"
    ]


# --- the disk of a stopped instance ---


@pytest.mark.parametrize(
    ("gib", "milliseconds", "cleared"),
    [
        (100, 15 * DAY - 1, False),
        (100, 15 * DAY, True),
        (50, 15 * DAY, True),
        (101, 15 * DAY, False),
        (101, 400 * DAY, False),
    ],
)
def test_the_disk_is_cleared_to_the_millisecond(gib: int, milliseconds: int, cleared: bool) -> None:
    world = Account()
    made = world.create(CloudDisks=[{"Capacity": f"{gib}Gi"}])
    world.force(made, "Stopped")
    world.advance(milliseconds / 1000)
    assert world.the(made).disk_cleared is cleared
    warned = [event.text for event in world.the(made).events if event.level == "WARN"]
    assert warned == (["the system disk is cleared after 15 days stopped"] if cleared else [])


@pytest.mark.parametrize("between", ["UpdateInstance", "UpdateInstanceLabels"])
def test_nothing_but_a_start_begins_the_days_again(between: str) -> None:
    world = Account()
    made = world.create()
    world.force(made, "Stopped")
    world.advance(days=14)
    assert world.on(between, made, ALLOWED[between][0])[0] == 200
    world.advance(days=1)
    assert world.the(made).disk_cleared


def test_a_queue_is_no_start() -> None:
    world = Account()
    made = world.create()
    world.force(made, "Stopped")
    world.advance(days=14)
    world.control.handle("POST", "settings", {}, {"sold_out": [A10]})
    world.on("StartInstance", made)
    world.advance(days=1)
    assert (world.the(made).status, world.the(made).disk_cleared) == ("Queuing", True)


# --- what an update meters ---


def compute(world: Account) -> list[Usage]:
    return [one for one in world.account.state.usage if one.kind == "compute"]


@pytest.mark.parametrize(
    "member", ["InstanceName", "Priority", "Accessibility", "EnvironmentVariables", "Datasets"]
)
def test_a_change_of_no_price_meters_on(member: str) -> None:
    world = Account(strict_update=False)
    made = world.running()
    world.advance(30)
    for number in range(3):
        body = CHANGES[member] if member != "InstanceName" else {"InstanceName": f"n{number}"}
        assert world.on("UpdateInstance", made, body)[0] == 200
        world.advance(10)
    world.advance(MINUTE / 1000)
    assert len(compute(world)) == 1
    assert world.account.bill().lines[0].minutes == 4


@pytest.mark.parametrize(
    "body", [{"EcsSpec": OFF_TIER}, {"SpotSpec": {"SpotStrategy": "SpotWithPriceLimit"}}]
)
def test_a_change_of_price_is_metered_again(body: dict[str, Any]) -> None:
    world = Account(strict_update=False)
    made = world.running()
    world.on("UpdateInstance", made, body)
    world.advance(minutes=10)
    first, second = compute(world)
    assert first.end == second.start
    assert (first.ecs_spec, first.spot) != (second.ecs_spec, second.spot)
    assert world.account.bill().total > 0


def test_a_stopped_machine_is_not_metered_by_an_update() -> None:
    world = Account()
    made = world.create()
    world.force(made, "Stopped")
    world.on("UpdateInstance", made, {"EcsSpec": OFF_TIER})
    world.advance(hours=1)
    assert compute(world) == []


@pytest.mark.parametrize(
    ("capacity", "code"), [("99Gi", 400), ("100Gi", 200), ("101Gi", 200), ("500Gi", 200)]
)
def test_a_disk_grows_and_its_new_size_is_metered(capacity: str, code: int) -> None:
    world = Account()
    made = world.create()
    world.force(made, "Stopped")
    assert world.on("UpdateInstance", made, {"CloudDisks": [{"Capacity": capacity}]})[0] == code
    paid = max(0, int(capacity[:-2]) - 100)
    assert [one.gib for one in world.account.state.usage] == ([paid] if paid and code == 200 else [])
    assert [thing.kind for thing in world.account.live()].count("disk") == bool(paid and code == 200)


# --- whatever happens ---

STEP = st.tuples(st.sampled_from([*ALLOWED, "advance", "advance"]), st.integers(0, 4000))


@settings(max_examples=30)
@given(steps=st.lists(STEP, max_size=12))
def test_whatever_is_called_the_books_are_right(steps: list[tuple[str, int]]) -> None:
    world = Account(strict_update=False, snapshots_need_running=False)
    made = world.create()
    for number, (name, seconds) in enumerate(steps):
        if name == "advance":
            world.advance(seconds)
            continue
        body = ALLOWED[name][0] | ({"InstanceName": f"n{number}"} if name == "UpdateInstance" else {})
        status, answer = world.on(name, made, body or None)
        assert status in (200, 400, 404), answer
    for instance in world.account.state.instances.values():
        usage = [one for one in compute(world) if one.instance_id == instance.id]
        # One meter at most, on exactly while the machine is.
        assert sum(one.end is None for one in usage) == instance.machine_on
        assert all(one.end is None or one.start <= one.end for one in usage)
        assert all(
            one.end == two.start for one, two in zip(instance.phases, instance.phases[1:], strict=False)
        )
        assert instance.phases[-1].status == instance.status
        assert instance.status not in RESTING or instance.timer is None
    if not world.account.state.instances:
        assert [one for one in world.account.state.usage if one.end is None] == []
