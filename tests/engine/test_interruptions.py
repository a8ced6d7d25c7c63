"""A command that is interrupted or killed: nothing is lost, and the next command carries on from there."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from paidsw.cli.locks import drop_dead
from paidsw.setup.layout import ROOT
from tests.support.engine import Stack, is_quiet, kill
from tests.support.processes import listed
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]
UP = ("up", "--yes", "--skip-preview", "--stack", "dev")


@pytest.fixture
def launch_folder() -> Path:
    """Every process is started as a user's is."""
    return ROOT


def calls(stack: Stack, operation: str) -> int:
    return sum(call.operation == operation for call in stack.emulator.calls)


def struck(stack: Stack) -> bool:
    """Whether the scripted fault holds a call at this moment."""
    return stack.emulator.do(lambda cloud: any(fault.seen >= fault.nth for fault in cloud.faults.script))


def interrupt_while_it_starts(stack: Stack) -> subprocess.Popen[str]:
    """An `up` that hangs in a read of the instance it has just made and guarded."""
    stack.emulator.faults.add("slow", "GetInstance", nth=4, times=0, hold_ms=300_000)
    process = stack.start(*UP)
    until(lambda: struck(stack), process)
    return process


def test_ctrl_c_keeps_the_id(stack: Stack) -> None:
    process = interrupt_while_it_starts(stack)
    kill(process, signal.SIGINT)
    text, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert is_quiet(text), text
    stack.emulator.faults.clear()
    assert stack.instance_id() == stack.emulator.instances[0].id
    assert stack.emulator.live()[0].timer_due
    stack.up()
    assert calls(stack, "CreateInstance") == 1
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_kill_9_is_recovered_from(stack: Stack) -> None:
    process = interrupt_while_it_starts(stack)
    kill(process, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    stack.emulator.faults.clear()
    assert len(stack.emulator.instances) == 1

    assert "locked" in stack.up(fails=True)
    assert [lock.pid for lock in drop_dead(stack.folder / "state")] == [process.pid]
    stack.up()

    assert calls(stack, "CreateInstance") == 1
    assert stack.instance_id() == stack.emulator.instances[0].id
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_provider_that_lost_its_engine_ends(stack: Stack) -> None:
    process = interrupt_while_it_starts(stack)
    until(lambda: bool(providers(process.pid)), process)
    before = providers(process.pid)
    kill(process, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    until(lambda: not before & listed().keys())


def providers(pulumi: int) -> set[int]:
    """The provider processes that a `pulumi` has started, itself or through a language host; others run beside them."""
    found, mine = listed(), {pulumi}
    while new := {pid for pid, (parent, _) in found.items() if parent in mine} - mine:
        mine |= new
    return {pid for pid in mine - {pulumi} if "/provider " in found[pid][1]}
