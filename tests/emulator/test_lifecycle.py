"""The clock goes through every due moment in order, however far it is moved."""

from __future__ import annotations

import time
from itertools import pairwise

from alibabacloud_pai_dsw20220101 import models as m
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.dsw import lifecycle
from paidsw.emulator.dsw.models import Culler, Instance, Spec, Timer
from paidsw.emulator.ledger import meters
from paidsw.emulator.ledger.tariff import load
from paidsw.emulator.state import DURATIONS, Settings, State
from tests.support.cloud import A10, HOME, Cloud

STEP = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 7200)),
    st.tuples(st.just("stop"), st.just(0)),
    st.tuples(st.just("start"), st.just(0)),
    st.tuples(st.just("timer"), st.integers(1, 7200)),
    st.tuples(st.just("culler"), st.integers(1, 120)),
    st.tuples(st.just("bare"), st.just(0)),
    st.tuples(st.just("delete"), st.just(0)),
)
TARIFF = load()


def run(state: State, until: int) -> None:
    for _ in lifecycle.run_until(state, until, TARIFF):
        pass


def fresh() -> tuple[State, Instance]:
    instance = Instance("dsw-1", HOME, "1", "n", "u", Spec(A10), 100, 0, 0)
    state = State(instances={instance.id: instance})
    lifecycle.begin(state, instance, 0)
    return state, instance


def apply(state: State, instance: Instance, kind: str, value: int, now: int) -> None:
    if kind == "stop" and instance.status in lifecycle.STOPPABLE:
        lifecycle.stop(state, instance, now)
    elif kind == "start" and instance.status in lifecycle.STARTABLE:
        lifecycle.start(state, instance, now)
    elif kind == "timer" and instance.status in lifecycle.STOPPABLE:
        instance.timer = Timer(now + value * 1000, now, now)
    elif kind == "culler":
        instance.culler = Culler(value, 5, 10, now)
    elif kind == "bare":
        instance.timer = instance.culler = None
    elif kind == "delete" and instance.id in state.instances:
        lifecycle.delete(state, instance, now)
    instance.note_guards(now)


def play(steps: list[tuple[str, int]], pieces: int) -> tuple[State, Instance]:
    """Plays steps; each advance in so many pieces."""
    state, instance = fresh()
    now = 0
    for kind, value in steps:
        if kind != "advance":
            apply(state, instance, kind, value, now)
            continue
        for part in range(1, pieces + 1):
            run(state, now + value * 1000 * part // pieces)
        now += value * 1000
    return state, instance


@settings(max_examples=150)
@given(st.lists(STEP, max_size=12))
def test_one_leap_is_the_same_as_many_steps(steps: list[tuple[str, int]]) -> None:
    leap, one = play(steps, 1)
    walk, two = play(steps, 7)
    history = [[(p.status, p.start, p.end) for p in instance.phases] for instance in (one, two)]
    assert history[0] == history[1]
    assert leap.usage == walk.usage
    assert (one.unguarded_ms, one.ran_ms) == (two.unguarded_ms, two.ran_ms)


@settings(max_examples=150)
@given(st.lists(STEP, max_size=12))
def test_what_always_holds(steps: list[tuple[str, int]]) -> None:
    state, instance = play(steps, 1)
    alive = instance.id in state.instances
    metered = [usage for usage in state.usage if usage.kind == "compute" and usage.end is None]
    assert len(metered) == int(instance.machine_on)
    assert not (instance.machine_on and not alive)
    assert not (instance.status in lifecycle.STARTABLE and (instance.timer or instance.machine_on))
    ends = [phase.end for phase in instance.phases[:-1]]
    assert ends == [phase.start for phase in instance.phases[1:]]
    spans = [(usage.start, usage.end) for usage in state.usage]
    assert all(end is None or start <= end for start, end in spans)
    assert all(a[1] is not None and a[1] <= b[0] for a, b in pairwise(spans))


def test_a_timer_and_a_culler_fire_in_their_order(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, 1)
    cloud.set_culler(made, 20)
    cloud.emulator.clock.advance(days=1)
    events = cloud.dsw().get_instance_events(made, m.GetInstanceEventsRequest()).body.events
    warnings = [line for line in events if " WARN " in line]
    assert len(warnings) == 1
    assert "2026-01-05T02:23:05Z WARN the idle culler" in warnings[0]


def test_durations_can_be_changed(cloud: Cloud) -> None:
    cloud.emulator.settings(durations=dict.fromkeys(DURATIONS, 0))
    made = cloud.create()
    cloud.emulator.clock.advance(0)
    assert cloud.status(made) == "Running"
    cloud.dsw().delete_instance(made)
    assert cloud.names() == []


def test_a_typical_start_takes_two_to_five_minutes() -> None:
    state = State(settings=Settings())
    start = ("Creating", "ResourceAllocating", "EnvPreparing", "Starting")
    assert 120_000 <= sum(state.settings.duration(status) for status in start) <= 300_000


def test_a_thousand_instances_a_month_are_quick() -> None:
    state = State()
    for number in range(1000):
        instance = Instance(f"dsw-{number}", HOME, "1", f"n{number}", "u", Spec(A10), 150, 0, 0)
        state.instances[instance.id] = instance
        meters.open_disk(state, instance, number, TARIFF.free_disk_gib)
        lifecycle.begin(state, instance, number)
        instance.timer = Timer(3_600_000 + number, 0, 0)
    begin = time.process_time()
    run(state, 30 * 86_400_000)
    assert time.process_time() - begin < 5
    assert {instance.status for instance in state.instances.values()} == {"Stopped"}
    assert [usage.end is None for usage in state.usage if usage.kind == "disk"] == [True] * 1000
