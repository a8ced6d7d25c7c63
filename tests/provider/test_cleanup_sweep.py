"""Every call of a cleanup's delete with every fault that the emulator knows, and a crash or a cancel at each.

After each: an error or an end; then a later run ends it, nothing runs on, and no work is lost.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from paidsw.emulator.faults import KINDS, REFUSING
from tests.provider.test_sweep import DETAILS, OF_WRITES, SOAK
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import recover, unguarded
from tests.support.owned import cleanup_of, finished, later, unfinished
from tests.support.owners import Held
from tests.support.plugin import Failure


def _deleting(world: World) -> None:
    world.console("DeleteInstance", finished(world).id)


# What is left, and whether it holds work.
LEFT: dict[str, tuple[Callable[[World], object], bool]] = {
    "nothing": (lambda world: None, False),
    "unfinished": (unfinished, False),
    "finished": (finished, True),
    "deleting": (_deleting, False),
}


@dataclass(frozen=True)
class Case:
    """The `nth` call to `operation` meets a fault, for once (times 1) or for good (0)."""

    left: str
    operation: str
    nth: int
    kind: str
    details: int
    times: int

    def __str__(self) -> str:
        often = "" if self.times else "-always"
        return f"{self.left}-{self.operation}{self.nth}-{self.kind}{self.details or ''}{often}"


def begin(left: str) -> tuple[World, Held, Held]:
    """A world in which the delete of the cleanup comes next, and the cleanup as a run after it has it."""
    world = World()
    LEFT[left][0](world)
    cleanup = cleanup_of(world)
    return world, cleanup, later(cleanup, world)


def delete(cleanup: Held) -> Failure | None:
    try:
        cleanup.destroy()
    except Failure as failure:
        return failure
    return None


@cache
def calls(left: str) -> tuple[str, ...]:
    """The API calls of a delete that nothing disturbs."""
    # Pauses are random, and so is the number of polls; all workers must collect the same tests.
    before = random.getstate()
    random.seed(left)
    try:
        world, cleanup, _ = begin(left)
        world.calls.clear()
        delete(cleanup)
    finally:
        random.setstate(before)
    return tuple(world.calls)


def cases() -> Iterator[Case]:
    return _all_cases() if SOAK else filter(_telling, _all_cases())


def _telling(case: Case) -> bool:
    """Whether no other case takes the same way through the code."""
    refuses = case.kind in REFUSING and case.kind not in {"throttling", "permission", "not-found"}
    first = case.nth == 1 or (case.left == "unfinished" and case.times == 1)
    return first and case.details == 0 and not refuses and case.left != "nothing"


def _all_cases() -> Iterator[Case]:
    for left in LEFT:
        made = calls(left)
        for kind in KINDS:
            for index, operation in enumerate(made):
                reads = operation.startswith(("Get", "List"))
                nth = made[: index + 1].count(operation)
                # A long wait makes the same call again and again.
                if nth > 2 or (reads and kind in OF_WRITES):
                    continue
                for number in range(len(DETAILS[kind])):
                    for times in (1, 0) if nth == 1 else (1,):
                        yield Case(left, operation, nth, kind, number, times)


def assert_ended(world: World, again: Held, left: str) -> None:
    """What a later run ends in, once the cloud answers again."""
    recover(world)
    failure = delete(again)
    held_work = LEFT[left][1]
    alive = [(one.id, one.status) for one in world.instances]
    if held_work:
        assert failure is not None
        assert [status for _, status in alive] == ["Stopped"]
        assert alive[0][0] in failure.message
    else:
        assert failure is None
        assert alive == []
    assert world.billed() == []


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_fault_at_any_call_leaves_nothing_behind(case: Case) -> None:
    world, cleanup, again = begin(case.left)
    details = DETAILS[case.kind][case.details]
    world.strike(case.kind, case.operation, nth=case.nth, times=case.times, **details)
    failure = delete(cleanup)
    if failure is None:
        assert [one.status for one in world.instances] == []
    else:
        assert "internal error" not in failure.message
        assert "\n" not in failure.message
    if LEFT[case.left][1]:
        assert len(world.instances) == 1
    assert_ended(world, again, case.left)


@pytest.mark.parametrize("left", LEFT)
def test_a_crash_or_a_cancel_at_any_call_leaves_nothing_behind(left: str) -> None:
    for number in range(len(calls(left))):
        for kill in (None, False, True):
            world, cleanup, again = begin(left)
            plugin = cleanup.plugin
            assert isinstance(plugin, Direct)
            if kill is None:
                plugin.cancel_in(number)
            else:
                plugin.crash_in(number, after=kill)
            try:
                failure = delete(cleanup)
            except Crash:
                pass
            else:
                assert failure is None or "internal error" not in failure.message
            world.before = world.after = None
            assert unguarded(world) == [] or left == "unfinished"
            assert_ended(world, again, left)
