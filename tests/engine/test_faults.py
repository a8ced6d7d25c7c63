"""A step that fails, is interrupted or killed: nothing is lost, and the next command mends it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from paidsw.cli.locks import drop_dead
from tests.engine.stack import INSTANCE, Stack, is_quiet, kill

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]
UP = ("up", "--yes", "--skip-preview", "--stack", "dev")
# How long a test looks for something that is about to happen, in seconds.
PATIENCE = 60


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Look until the emulator shows something; the command must not end before."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


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


def test_a_failed_create_keeps_its_id_and_destroy_releases_it(stack: Stack) -> None:
    stack.emulator.faults.add("failed", "CreateInstance", code="ImagePullBackOff", message="no such image")
    text = stack.up(fails=True)
    assert "ImagePullBackOff" in text
    assert is_quiet(text)
    assert len(text.splitlines()) < 60
    assert stack.instance()["id"] == stack.emulator.instances[0].id
    assert stack.live() == [("instance", "Failed"), ("workspace", "ENABLED")]
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_lost_reply_makes_no_second_instance(stack: Stack) -> None:
    stack.emulator.faults.add("cut-after", "CreateInstance")
    stack.up()
    assert calls(stack, "CreateInstance") == 1
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []


def test_an_unguardable_instance_does_not_live(stack: Stack) -> None:
    stack.emulator.faults.add("validation", "CreateInstanceShutdownTimer", times=0)
    text = stack.up(fails=True)
    assert "guard" in text, text
    assert is_quiet(text)
    assert {status for kind, status in stack.live() if kind == "instance"} <= {"Deleting"}
    stack.emulator.faults.clear()
    stack.up()
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_name_that_a_stranger_has_is_refused(stack: Stack) -> None:
    stack.up()
    first = stack.emulator.instances[0].id
    stack.emulator.do(lambda cloud: cloud.state.instances[first].labels.clear())
    stack.run("state", "delete", stack.instance()["urn"], "--yes", "--stack", "dev")
    text = stack.up(fails=True)
    assert first in text
    assert f"pulumi config set importId {first}" in text
    assert is_quiet(text)
    assert calls(stack, "CreateInstance") == 1


def test_ctrl_c_keeps_the_id(stack: Stack) -> None:
    process = interrupt_while_it_starts(stack)
    kill(process, signal.SIGINT)
    text, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert is_quiet(text), text
    stack.emulator.faults.clear()
    assert stack.instance()["id"] == stack.emulator.instances[0].id
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
    process.communicate(timeout=30)
    stack.emulator.faults.clear()
    assert len(stack.emulator.instances) == 1

    assert "locked" in stack.up(fails=True)
    assert [lock.pid for lock in drop_dead(stack.folder / "state")] == [process.pid]
    stack.up()

    assert calls(stack, "CreateInstance") == 1
    assert stack.instance()["id"] == stack.emulator.instances[0].id
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_provider_that_lost_its_engine_ends(stack: Stack) -> None:
    process = interrupt_while_it_starts(stack)
    until(lambda: bool(providers(process.pid)), process)
    before = providers(process.pid)
    kill(process, signal.SIGKILL)
    process.communicate(timeout=30)
    end = time.monotonic() + PATIENCE
    while before & _listed().keys():
        assert time.monotonic() < end, "a provider outlived its engine"
        time.sleep(0.1)


def providers(pulumi: int) -> set[int]:
    """The provider processes that a `pulumi` has started, itself or through a language host; others run beside them."""
    listed, mine = _listed(), {pulumi}
    while new := {pid for pid, (parent, _) in listed.items() if parent in mine} - mine:
        mine |= new
    return {pid for pid in mine - {pulumi} if "/provider " in listed[pid][1]}


def _listed() -> dict[int, tuple[int, str]]:
    """All processes: the parent of each, and its command; those that have ended left out."""
    shown = subprocess.run(["ps", "-eo", "pid,ppid,stat,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in shown.stdout.splitlines()[1:]]
    return {int(pid): (int(parent), args) for pid, parent, stat, args in rows if not stat.startswith("Z")}


def test_a_drift_in_the_console_is_shown_and_mended(stack: Stack) -> None:
    stack.up()
    first = stack.emulator.instances[0].id

    def without_culler(cloud: object) -> None:
        cloud.state.instances[first].culler = None  # type: ignore[attr-defined] # the emulator's own account

    stack.emulator.do(without_culler)
    assert "idleInstanceCuller" in stack.run("preview", "--diff", "--stack", "dev").text
    stack.up()
    assert stack.emulator.live()[0].culler_minutes == 30
    assert INSTANCE in stack.resources()
    stack.destroy()
    assert stack.live() == []
