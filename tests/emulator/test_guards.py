from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException

from paidsw.emulator.dsw.handlers.guards import MAX_REMAINING
from paidsw.emulator.dsw.lifecycle import STOPPABLE
from tests.support.account import Account
from tests.support.cloud import CPU, Cloud


def unguarded(cloud: Cloud) -> int:
    return next(thing.unguarded_ms for thing in cloud.emulator.live() if thing.kind == "instance")


def due(cloud: Cloud, made: str, time: str) -> None:
    cloud.dsw().create_instance_shutdown_timer(made, m.CreateInstanceShutdownTimerRequest(due_time=time))


# --- timer ---


def test_the_timer_stops_the_instance_in_its_minute(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, hours=4)
    cloud.emulator.clock.advance(hours=4, seconds=-1)
    assert cloud.status(made) == "Running"
    cloud.emulator.clock.advance(1)
    assert cloud.status(made) == "Stopping"
    cloud.emulator.clock.advance(30)
    assert cloud.status(made) == "Stopped"


def test_a_stopped_instance_has_no_timer_left(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, hours=4)
    cloud.emulator.clock.advance(minutes=5)
    cloud.dsw().stop_instance(made, m.StopInstanceRequest())
    cloud.emulator.clock.advance(30)
    assert "InstanceShutdownTimer" not in cloud.get(made)
    with pytest.raises(DaraException) as error:
        cloud.dsw().get_instance_shutdown_timer(made)
    assert error.value.status_code == 404
    cloud.dsw().start_instance(made)
    cloud.emulator.clock.advance(hours=9)
    assert cloud.status(made) == "Running"


def test_a_timer_by_its_time(cloud: Cloud) -> None:
    made = cloud.create()
    due(cloud, made, "2026-01-05T03:30:00Z")
    body = cloud.dsw().get_instance_shutdown_timer(made).body
    assert (body.due_time, body.remaining_time_in_ms) == ("2026-01-05T03:30:00Z", 5_395_000)
    cloud.emulator.clock.advance(hours=2)
    assert cloud.status(made) == "Stopped"


@pytest.mark.parametrize("time", ["2026-01-05T01:00:00Z", "soon", "2026-01-05T03:00:00"])
def test_a_time_that_is_past_or_no_time(cloud: Cloud, time: str) -> None:
    made = cloud.create()
    with pytest.raises(DaraException, match="DueTime"):
        due(cloud, made, time)


def test_a_timer_needs_exactly_one_of_two(cloud: Cloud) -> None:
    made = cloud.create()
    both = m.CreateInstanceShutdownTimerRequest(due_time="2026-01-05T03:30:00Z", remaining_time_in_ms=1)
    for request in (both, m.CreateInstanceShutdownTimerRequest()):
        with pytest.raises(DaraException, match="exactly one"):
            cloud.dsw().create_instance_shutdown_timer(made, request)


def test_a_second_timer(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, 1)
    with pytest.raises(DaraException, match="already has a shutdown timer"):
        cloud.set_timer(made, 2)
    cloud.emulator.settings(timer_exists="replace")
    cloud.set_timer(made, 2)
    cloud.emulator.clock.advance(minutes=90)
    assert cloud.status(made) == "Running"


def test_a_timer_on_a_stopped_instance(cloud: Cloud) -> None:
    made = cloud.stopped()
    with pytest.raises(DaraException, match="needs a running instance"):
        cloud.set_timer(made, 1)
    cloud.emulator.settings(timer_when_stopped="keep")
    cloud.set_timer(made, 1)
    cloud.dsw().start_instance(made)
    cloud.emulator.clock.advance(hours=2)
    assert cloud.status(made) == "Stopped"


def test_deleting_the_timer(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, 1)
    cloud.dsw().delete_instance_shutdown_timer(made)
    with pytest.raises(DaraException, match="no shutdown timer"):
        cloud.dsw().delete_instance_shutdown_timer(made)
    cloud.emulator.clock.advance(hours=9)
    assert cloud.status(made) == "Running"


def test_the_timer_ends_a_wait_in_the_queue(cloud: Cloud) -> None:
    cloud.emulator.settings(sold_out=["ecs.gn7i-c8g1.2xlarge"])
    made = cloud.create()
    cloud.set_timer(made, 1)
    cloud.emulator.clock.advance(hours=2)
    assert cloud.status(made) == "Stopped"


@pytest.mark.parametrize("status", sorted(STOPPABLE | {"Saving", "Updating"}))
def test_the_timer_fires_whatever_is_under_way(status: str) -> None:
    world = Account()
    made = world.create()
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 600_000})
    world.force(made, status)
    world.advance(minutes=10, seconds=-1)
    assert world.the(made).status == status
    world.advance(1)
    assert (world.the(made).status, world.the(made).timer) == ("Stopping", None)
    world.advance(30)
    assert world.the(made).status == "Stopped"


@pytest.mark.parametrize("status", ["Deleting", "Stopping", "ArrearStopping"])
def test_the_timer_does_not_turn_what_goes_down_around(status: str) -> None:
    world = Account()
    made = world.create()
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 600_000})
    world.force(made, status)
    world.advance(hours=1)
    assert world.the(made).status == status


@pytest.mark.parametrize(
    ("member", "value", "taken"),
    [
        ("RemainingTimeInMs", 1, True),
        ("RemainingTimeInMs", 0, False),
        ("RemainingTimeInMs", -1, False),
        ("RemainingTimeInMs", MAX_REMAINING, True),
        ("RemainingTimeInMs", MAX_REMAINING + 1, False),
        ("RemainingTimeInMs", 2**53, False),
        ("DueTime", "2026-01-05T02:00:00Z", False),
        ("DueTime", "2026-01-05T02:00:00.001Z", True),
        ("DueTime", "2026-01-05T10:00:01+08:00", True),
        ("DueTime", "2036-01-12T02:00:00Z", True),
        ("DueTime", "2036-01-14T02:00:00Z", False),
        ("DueTime", "9999-12-31T23:59:59-12:00", False),
    ],
)
def test_a_timer_within_its_bounds(member: str, value: object, taken: bool) -> None:
    world = Account()
    made = world.create()
    status, answer = world.on("CreateInstanceShutdownTimer", made, {member: value})
    assert status == (200 if taken else 400)
    assert taken or member in answer["Message"]
    # What was taken can be shown.
    assert world.on("GetInstance", made)[0] == 200
    assert world.on("GetInstanceShutdownTimer", made)[0] == (200 if taken else 404)


# --- culler ---


def test_the_culler_stops_an_idle_instance(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_culler(made, 30)
    cloud.emulator.clock.advance(minutes=32)
    assert cloud.status(made) == "Running"
    cloud.emulator.clock.advance(minutes=2)
    assert cloud.status(made) == "Stopped"


def test_a_culler_that_comes_late_waits_its_whole_time(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.emulator.clock.advance(hours=2)
    cloud.set_culler(made, 30)
    cloud.emulator.clock.advance(minutes=30, seconds=-1)
    assert cloud.status(made) == "Running"
    cloud.emulator.clock.advance(1)
    assert cloud.status(made) == "Stopping"


def test_the_culler_lets_a_busy_instance_run(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.set_culler(made, 30)
    cloud.emulator.activity(made, cpu=3, gpu=80)
    cloud.emulator.clock.advance(hours=5)
    assert cloud.status(made) == "Running"
    cloud.emulator.activity(made, cpu=3, gpu=9)
    cloud.emulator.clock.advance(minutes=29)
    assert cloud.status(made) == "Running"
    cloud.emulator.clock.advance(minutes=2)
    assert cloud.status(made) == "Stopped"


def test_the_culler_stays_for_the_next_session(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_culler(made, 10)
    cloud.emulator.clock.advance(hours=1)
    cloud.dsw().start_instance(made)
    cloud.emulator.clock.advance(minutes=5)
    assert cloud.status(made) == "Running"
    cloud.emulator.clock.advance(hours=1)
    assert cloud.status(made) == "Stopped"


def test_a_culler_that_does_not_fire(cloud: Cloud) -> None:
    cloud.emulator.settings(culler_fires=False)
    made = cloud.create()
    cloud.set_culler(made, 10)
    cloud.emulator.clock.advance(hours=9)
    assert cloud.status(made) == "Running"


def test_one_culler_for_an_instance(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_culler(made, 30)
    with pytest.raises(DaraException) as error:
        cloud.set_culler(made, 60)
    assert error.value.status_code == 400
    cloud.dsw().delete_idle_instance_culler(made)
    cloud.set_culler(made, 60)
    body = cloud.dsw().get_idle_instance_culler(made).body.to_map()
    assert body.keys() == {
        "Code",
        "CpuPercentThreshold",
        "GpuPercentThreshold",
        "IdleTimeInMinutes",
        "InstanceId",
        "MaxIdleTimeInMinutes",
        "Message",
        "RequestId",
        "Success",
    }
    assert body["MaxIdleTimeInMinutes"] == 60


def test_no_culler_is_404(cloud: Cloud) -> None:
    made = cloud.create()
    for call in (cloud.dsw().get_idle_instance_culler, cloud.dsw().delete_idle_instance_culler):
        with pytest.raises(DaraException) as error:
            call(made)
        assert error.value.status_code == 404


@pytest.mark.parametrize(
    "members",
    [
        {"cpu_percent_threshold": 0},
        {"gpu_percent_threshold": 101},
        {"max_idle_time_in_minutes": 0},
        {"max_idle_time_in_minutes": None},
        {"cpu_percent_threshold": None, "gpu_percent_threshold": None},
    ],
)
def test_a_wrong_culler(cloud: Cloud, members: dict[str, Any]) -> None:
    made = cloud.create()
    valid = {"cpu_percent_threshold": 5, "gpu_percent_threshold": 10, "max_idle_time_in_minutes": 30}
    with pytest.raises(DaraException) as error:
        cloud.dsw().create_idle_instance_culler(made, m.CreateIdleInstanceCullerRequest(**valid | members))
    assert error.value.code == "ValidationError"


def test_a_gpu_threshold_is_for_gpu_types(cloud: Cloud) -> None:
    made = cloud.create(ecs_spec=CPU)
    with pytest.raises(DaraException, match="GPU instances only"):
        cloud.set_culler(made, 30)
    cloud.set_culler(made, 30, gpu_percent_threshold=None)
    cloud.emulator.clock.advance(minutes=40)
    assert cloud.status(made) == "Stopped"


# --- the time with neither ---


def test_time_without_a_guard_is_counted_from_the_machine_on(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.emulator.clock.advance(65)
    assert unguarded(cloud) == 0
    cloud.emulator.clock.advance(minutes=10)
    assert unguarded(cloud) == 600_000
    cloud.set_timer(made, 1)
    cloud.emulator.clock.advance(minutes=10)
    assert unguarded(cloud) == 600_000


def test_swapping_the_culler_under_a_timer_leaves_no_gap(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, 4)
    cloud.set_culler(made, 30)
    cloud.emulator.clock.advance(minutes=5)
    cloud.dsw().delete_idle_instance_culler(made)
    cloud.emulator.clock.advance(minutes=1)
    cloud.set_culler(made, 60)
    assert unguarded(cloud) == 0


def test_swapping_it_without_a_timer_leaves_one(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_culler(made, 30)
    cloud.emulator.clock.advance(minutes=5)
    cloud.dsw().delete_idle_instance_culler(made)
    cloud.emulator.clock.advance(minutes=1)
    cloud.set_culler(made, 60)
    assert unguarded(cloud) == 60_000
