"""What the trial doesn't pay for isn't made, nor started again; what it pays for in part ends in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from paidsw.emulator.testing import Emulator
from tests.engine.test_refusals import nothing_was_made
from tests.support.engine import UNCHANGED, Stack, is_quiet

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]


def timer_hours(stack: Stack) -> float:
    """Hours that the one notebook's timer has left."""
    (instance,) = stack.emulator.instances
    assert instance.timer is not None
    return (instance.timer.due - stack.emulator.clock.now_ms()) / 3_600_000


def busy(stack: Stack) -> None:
    """Keep the culler from firing."""
    stack.emulator.activity(stack.emulator.instances[0].id, cpu=90, gpu=90)


def unavailable(cloud: Emulator) -> None:
    cloud.faults.add("http-500", "GetUserConfig", times=0)


REFUSED: dict[str, tuple[Callable[[Emulator], None], str]] = {
    "not claimed": (lambda cloud: cloud.trial(claimed=False), "claim it first"),
    "expired": (lambda cloud: cloud.trial(expires_at="2026-01-01T00:00:00Z"), "the trial ended at"),
    "used up": (lambda cloud: cloud.trial(remaining_cu=0), "it is renewed at"),
    "too little": (lambda cloud: cloud.trial(remaining_cu=20), "too few for a session"),
    "ineligible": (
        lambda cloud: cloud.settings(user_config={"FreeTier": {"Status": "ineligible"}}),
        ", not valid",
    ),
    "unclear": (
        lambda cloud: cloud.settings(user_config={"FreeTier": {"PeriodBaseUnit": "points"}}),
        "can't be understood",
    ),
    "region": (
        lambda cloud: cloud.settings(user_config={"FreeTierSpecAvailable": False}),
        "no types of the trial in cn-wulanchabu",
    ),
    "not activated": (lambda cloud: cloud.settings(activated=False), "PAI is not activated"),
    "unavailable": (unavailable, "whether the trial pays can't be checked"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_the_trial_does_not_pay_for_is_not_made(stack: Stack, reason: str) -> None:
    spoil, said = REFUSED[reason]
    spoil(stack.emulator)

    text = stack.up(pack=False, fails=True)
    assert said in text
    assert is_quiet(text)
    assert all(kind == "workspace" for kind, _ in stack.live())
    assert stack.nothing_billed()

    stack.emulator.faults.clear()
    stack.destroy()
    assert stack.live() == []


def test_a_preview_says_so_already(stack: Stack) -> None:
    stack.emulator.trial(claimed=False)
    shown = stack.preview(pack=False, fails=True)
    assert "claim it first" in shown
    assert is_quiet(shown)
    assert nothing_was_made(stack)


def test_a_type_that_no_pack_pays_for_is_not_made(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.emulator.do(lambda cloud: _without_labels(cloud, monkeypatch))
    text = stack.up(pack=False, fails=True)
    assert "not marked as paid for by the trial" in text
    assert is_quiet(text)
    assert not [kind for kind, _ in stack.live() if kind == "instance"]
    assert stack.nothing_billed()


def _without_labels(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "tariff", replace(cloud.tariff, trial_types=frozenset()))


def test_nearly_used_up_the_timer_is_shorter_and_up_again_changes_nothing(stack: Stack) -> None:
    stack.emulator.trial(remaining_cu=40)
    shown = stack.preview(pack=False)
    assert "the trial has 40.0 CU left this month" in shown
    assert "since the quota pays for no more" in shown
    assert "China time" in shown

    stack.up(pack=False)
    assert stack.live() == BOTH
    assert 2.2 < timer_hours(stack) < 2.4

    assert UNCHANGED in stack.up(pack=False)

    stack.configure(sessionHours=6)
    assert "1 updated" in stack.up(pack=False)
    assert 2.2 < timer_hours(stack) < 2.4

    busy(stack)
    stack.emulator.clock.advance(days=10)
    assert stack.live() == [("instance", "Stopped"), ("workspace", "ENABLED")]
    text = stack.up(pack=False, fails=True)
    assert "too few for a session" in text
    assert stack.live() == [("instance", "Stopped"), ("workspace", "ENABLED")]

    # Stopped for so long, it is started only when that is asked for: its disk was cleared.
    stack.emulator.clock.advance(days=20)
    assert "startClearedId" in stack.preview(pack=False, fails=True)
    stack.configure(startClearedId=stack.instance_id())
    stack.up(pack=False)
    assert stack.live() == BOTH
    assert 5.8 < timer_hours(stack) <= 6
    stack.destroy()
    assert stack.nothing_billed()


def test_a_longer_session_is_extended_within_the_quota(stack: Stack) -> None:
    stack.up(pack=False)
    assert 3.8 < timer_hours(stack) <= 4
    stack.configure(sessionHours=6)
    stack.up(pack=False)
    assert 5.8 < timer_hours(stack) <= 6
    stack.emulator.trial(remaining_cu=0)
    assert UNCHANGED in stack.up(pack=False)
    stack.configure(sessionHours=8)
    text = stack.up(pack=False, fails=True)
    assert "too few for a session" in text
    assert 5.8 < timer_hours(stack) <= 6
    stack.destroy()


def test_the_override_is_printed_with_the_price_and_bills(stack: Stack) -> None:
    stack.emulator.trial(claimed=False)
    stack.configure(allowBilling=True)
    shown = stack.preview()
    assert "IS BILLED, at 11.6 yuan an hour" in shown
    assert "no-billing-override" in shown

    text = stack.up()
    assert "IS BILLED, at 11.6 yuan an hour" in text
    assert stack.live() == BOTH
    stack.emulator.clock.advance(hours=5)
    assert stack.emulator.bill().total > 0
    stack.destroy()


def test_left_alone_for_a_month_nothing_is_billed(stack: Stack) -> None:
    stack.up()
    busy(stack)
    stack.emulator.clock.advance(days=31)
    assert stack.emulator.bill().total == 0
    assert stack.emulator.billed() == []
    assert stack.emulator.bill().attempts == []
    stack.destroy()
    assert stack.live() == []
