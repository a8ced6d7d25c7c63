"""Every call of create, update and delete with every fault that the emulator knows.

The calls are recorded from runs without a fault and the faults are read from the emulator, so that a new call or a
new fault can't be forgotten. After each: success or an id; then the next run fixes it, and nothing is billed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from paidsw.emulator.faults import BODIES, KINDS, REFUSING
from tests.support.cloud import THROTTLING_CODES
from tests.support.direct import Direct, World
from tests.support.instance_stack import PLANTED, InstanceStack, assert_clean, differences, recover, unguarded
from tests.support.plugin import Failure

# What each fault needs in addition to its kind; more than one entry where there are kinds of the kind.
DETAILS: dict[str, list[dict[str, Any]]] = {
    **{kind: [{}] for kind in REFUSING},
    "error": [{"http_status": 400, "code": code, "message": "no"} for code in (*THROTTLING_CODES, "Odd")],
    "success-false": [{}],
    "slow": [{"seconds": 30}],
    "cut-before": [{}],
    "cut-after": [{}],
    "bad-body": [{"body": body} for body in BODIES],
    "stale": [{"reads": reads} for reads in (1, 4)],
    "unlisted": [{"seconds": 3600}],
    "stuck": [
        {"status": status} for status in ("Creating", "EnvPreparing", "Stopping", "Updating", "Deleting")
    ],
    "failed": [{"code": "ImagePullBackOff", "message": "cannot pull"}],
    "sold-out": [{}],
}
# Faults that change nothing about a call that only reads.
OF_WRITES = frozenset({"stale", "unlisted", "stuck", "failed", "sold-out"})
BEFORE = {"labels": {"course": "one"}, **PLANTED}
AFTER = {
    **BEFORE,
    "instanceName": "renamed",
    "driver": "550.54.15",
    "labels": {"course": "two"},
    "sessionHours": 2,
    "idleInstanceCuller": {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 5},
}
STOPPED = {**BEFORE, "running": False}
RUNNING_AFTER = {**AFTER, "driver": None}
# What is there before an action, if it isn't BEFORE.
ALREADY = {
    "resume": STOPPED,
    "save-and-delete": {
        **BEFORE,
        "backup": {"snapshot": "llm", "repository": "registry.example.com/me/notebooks"},
    },
}
DELETES = frozenset({"delete", "save-and-delete"})
SOAK = bool(os.environ.get("SOAK"))


@dataclass(frozen=True)
class Case:
    """The `nth` call to `operation` within `action` meets a fault, for once or for good."""

    action: str
    operation: str
    nth: int
    kind: str
    details: int
    times: int = 1

    def __str__(self) -> str:
        often = "" if self.times else "-always"
        return f"{self.action}-{self.operation}{self.nth}-{self.kind}{self.details or ''}{often}"


def begin(action: str) -> tuple[World, Direct, InstanceStack]:
    """A world in which the action is what comes next."""
    world = World()
    plugin = Direct(world)
    stack = InstanceStack(plugin)
    if not action.startswith("create"):
        assert stack.up(world.inputs(**ALREADY.get(action, BEFORE))) is None
    return world, plugin, stack


def act(action: str, world: World, stack: InstanceStack) -> Failure | None:
    if action in DELETES:
        return stack.destroy()
    return stack.up(world.inputs(**DECLARED[action]))


DECLARED: dict[str, dict[str, Any]] = {
    "create": BEFORE,
    "update": AFTER,
    "update-running": RUNNING_AFTER,
    "create-stopped": STOPPED,
    "stop": STOPPED,
    "resume": BEFORE,
    "delete": {},
    "save-and-delete": {},
}


@cache
def calls(action: str) -> tuple[str, ...]:
    """The API calls of an action that nothing disturbs."""
    # Pauses are random, and so is the number of polls; all workers must collect the same tests.
    before = random.getstate()
    random.seed(action)
    try:
        world, _, stack = begin(action)
        world.calls.clear()
        assert act(action, world, stack) is None
    finally:
        random.setstate(before)
    return tuple(world.calls)


def cases() -> Iterator[Case]:
    return iter(_all_cases()) if SOAK else filter(_telling, _all_cases())


def _telling(case: Case) -> bool:
    like = {
        "update-running": "update",
        "create-stopped": "create",
        "resume": "update",
        "save-and-delete": "delete",
    }.get(case.action)
    if like is not None and case.operation in calls(like):
        return False
    polls = calls(case.action).count(case.operation)
    same_kind = case.details > 0 and case.kind in {"error", "bad-body"} and (case.nth > 1 or not case.times)
    return not same_kind and case.nth in {1, polls}


@cache
def _all_cases() -> tuple[Case, ...]:
    return tuple(_generated())


def _generated() -> Iterator[Case]:
    for action in DECLARED:
        made = calls(action)
        for index, operation in enumerate(made):
            nth = made[: index + 1].count(operation)
            for kind, variants in DETAILS.items():
                if kind in OF_WRITES and operation.startswith(("Get", "List")):
                    continue
                for number in range(len(variants)):
                    yield Case(action, operation, nth, kind, number)
                    if nth == 1:
                        yield Case(action, operation, nth, kind, number, times=0)


def test_every_fault_of_the_emulator_is_swept() -> None:
    assert DETAILS.keys() == set(KINDS)


def test_the_recorded_calls_are_those_that_matter() -> None:
    assert calls("create")[:9] == (
        "ListInstances",
        "ListInstances",
        "GetWorkspace",
        "ListImages",
        "ListEcsSpecs",
        "GetUserConfig",
        "CreateInstance",
        "CreateInstanceShutdownTimer",
        "CreateIdleInstanceCuller",
    )
    assert set(calls("create")[9:]) == {"GetInstance", "UpdateInstanceLabels"}
    assert {"StopInstance", "UpdateInstance", "StartInstance", "UpdateInstanceLabels"} < set(calls("update"))
    assert {"DeleteInstanceShutdownTimer", "DeleteIdleInstanceCuller"} < set(calls("update-running"))
    assert set(calls("stop")) == {"StopInstance", "GetInstance", "GetLifecycle"}
    assert "StopInstance" in calls("create-stopped")
    assert {"StartInstance", "CreateInstanceShutdownTimer"} < set(calls("resume"))
    assert calls("delete")[:2] == ("GetInstance", "DeleteInstance")
    assert set(calls("delete")[2:]) == {"GetInstance", "ListInstances"}
    assert {"CreateInstanceSnapshot", "GetInstanceSnapshot", "ListInstanceSnapshot"} < set(
        calls("save-and-delete")
    )


@pytest.mark.parametrize("case", cases(), ids=str)
def test_every_call_survives_every_fault(case: Case) -> None:
    world, plugin, stack = begin(case.action)
    details = DETAILS[case.kind][case.details]
    world.strike(case.kind, case.operation, nth=case.nth, times=case.times, **details)
    plugin.engine.lines.clear()
    failure = act(case.action, world, stack)
    said = [*plugin.engine.messages, *([failure.message, *failure.reasons] if failure else [])]
    assert_clean(*said)
    assert not unguarded(world) or "COULD NOT BE STOPPED" in str(said), said
    if case.action.startswith("create") and failure is not None and not stack.instance_id and world.instances:
        assert "takes it over" in failure.message, failure
    recover(world)
    declared = None if case.action in DELETES else world.inputs(**DECLARED[case.action])
    again = stack.destroy() if declared is None else stack.up(declared)
    if again is not None:  # a stuck instance that recovered midway may need one run more
        again = stack.destroy() if declared is None else stack.up(declared)
    assert again is None, again
    assert differences(world, declared) == []
    assert stack.destroy() is None
    saved = [thing for thing in world.live() if thing.kind == "image"]
    assert world.live() == saved
    assert bool(saved) is (case.action == "save-and-delete")
    assert world.cloud.bill().total == Decimal(0)
