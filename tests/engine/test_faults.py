"""A step that fails: nothing is lost, and the next command fixes it."""

from __future__ import annotations

import pytest

from tests.support.engine import INSTANCE, Stack, is_quiet

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]


def calls(stack: Stack, operation: str) -> int:
    return sum(call.operation == operation for call in stack.emulator.calls)


def test_a_failed_create_keeps_its_id_and_destroy_releases_it(stack: Stack) -> None:
    stack.emulator.faults.add("failed", "CreateInstance", code="ImagePullBackOff", message="no such image")
    text = stack.up(fails=True)
    assert "ImagePullBackOff" in text
    assert is_quiet(text)
    assert len(text.splitlines()) < 60
    assert stack.instance_id() == stack.emulator.instances[0].id
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


def test_a_drift_in_the_console_is_shown_and_fixed(stack: Stack) -> None:
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
