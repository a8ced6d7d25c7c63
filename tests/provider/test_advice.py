"""Each error names its own next step, and following it ends the trouble."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from paidsw.emulator.clock import DAY
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import Failure

HOUR = 3_600_000
# What a permission is asked for with, and what is needed to refuse it.
GRANT = "ask the account's administrator to grant this RAM user {actions} (docs/ram has the policies)"


@pytest.fixture
def stack(direct: Direct) -> InstanceStack:
    return InstanceStack(direct)


def said(failure: Failure | None) -> str:
    """What a failed run says, and what of it is kept in the state."""
    assert failure is not None
    assert_clean(failure.message, *failure.reasons)
    return failure.message


def deny(world: World, *names: str) -> None:
    world.cloud.state.settings.denied = list(names)


def other(world: World, name: str = "other", *, hours: float | None) -> str:
    """Somebody's machine in the same workspace, with a timer or without."""
    body = {
        "InstanceName": name,
        "WorkspaceId": world.workspace,
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "ImageUrl": "registry.example/pai/x:1",
    }
    world.console("CreateInstance", "", **body)
    world.cloud.advance(60)
    (made,) = [one.id for one in world.instances if one.name == name]
    if hours is not None:
        world.console("CreateInstanceShutdownTimer", made, RemainingTimeInMs=round(hours * HOUR))
    return made


def stop(world: World, instance_id: str) -> None:
    world.console("StopInstance", instance_id)
    world.cloud.advance(60)


# --- the quota ---


def test_more_is_reserved_than_is_left(world: World, stack: InstanceStack) -> None:
    made = other(world, hours=336)
    text = said(stack.up(world.inputs()))
    assert " CU are left of the month's quota, and 23" in text
    assert "are reserved for others until their timers end, which leaves too few for a session" in text
    assert text.endswith("; stop other, then run again")
    assert "of them" not in text
    stop(world, made)
    assert stack.up(world.inputs()) is None


def test_of_many_others_some_are_named(world: World, stack: InstanceStack) -> None:
    made = [other(world, f"other{number}", hours=24) for number in range(7)]
    text = said(stack.up(world.inputs()))
    assert text.count("other") == 1 + 5
    assert " and 2 more, then run again" in text
    for one in made:
        stop(world, one)
    assert stack.up(world.inputs()) is None


def test_a_quota_that_is_used_up_is_nobody_elses_fault(world: World, stack: InstanceStack) -> None:
    other(world, hours=1)
    world.cloud.state.trial.used_elsewhere["2026-01"] = "249"
    text = said(stack.up(world.inputs()))
    assert "too few for a session" in text
    assert "stop other" not in text
    assert "it is renewed at 2026-02-01 00:00 China time" in text
    world.cloud.advance(28 * DAY / 1000)
    assert stack.up(world.inputs()) is None


def test_a_machine_without_a_timer_gets_one_or_stops(world: World, stack: InstanceStack) -> None:
    made = other(world, hours=None)
    assert said(stack.up(world.inputs())).endswith("stop it, or give it a timer in the PAI console")
    world.console("CreateInstanceShutdownTimer", made, RemainingTimeInMs=HOUR)
    assert stack.up(world.inputs()) is None


# --- the trial ---


def stopped_by_its_timer(world: World, stack: InstanceStack) -> None:
    assert stack.up(world.inputs()) is None
    world.cloud.advance(timedelta(hours=5).total_seconds())
    assert [one.status for one in world.instances] == ["Stopped"]


@pytest.mark.parametrize("claimed", [True, False])
def test_the_trial_ended_while_the_notebook_was_stopped(
    world: World, stack: InstanceStack, claimed: bool
) -> None:
    stopped_by_its_timer(world, stack)
    world.cloud.state.trial.expires_at = world.cloud.now()
    if not claimed:
        # The account has no trial any more, which doesn't mean that it never had one.
        world.cloud.state.settings.user_config = {"FreeTier": {"IsFreeTierUser": False}}
    text = said(stack.up(world.inputs()))
    assert "the trial ended at" in text
    assert "pulumi up" not in text
    assert text.endswith(
        "pulumi destroy releases what is left, with its files; with allowBilling a notebook starts, and is billed"
    )
    # Both ways.
    assert stack.up(world.inputs(allowBilling=True)) is None
    assert stack.destroy() is None
    assert world.live() == []


def test_what_was_allowed_to_be_billed_is_not_told_how_to_avoid_it(
    world: World, stack: InstanceStack
) -> None:
    world.cloud.state.trial.claimed_at = None
    assert stack.up(world.inputs(allowBilling=True)) is None
    (line,) = [line for line in stack.plugin.engine.messages if "BILLED" in line]
    assert line.startswith("allowBilling is on, so it runs although this account has no PAI-DSW trial; WHAT")
    assert "claim it" not in line


@pytest.mark.parametrize("exists", [True, False])
def test_a_region_without_types_of_the_trial(world: World, stack: InstanceStack, exists: bool) -> None:
    if exists:
        stopped_by_its_timer(world, stack)
    world.cloud.state.settings.user_config = {"FreeTierSpecAvailable": False}
    text = said(stack.up(world.inputs()))
    # What exists can't be moved.
    assert ("a notebook can't be moved with its files" in text) is exists
    assert ("; try cn-" in text) is not exists


@pytest.mark.parametrize("exists", [True, False])
def test_a_type_that_is_sold_out(world: World, stack: InstanceStack, exists: bool) -> None:
    if exists:
        stopped_by_its_timer(world, stack)
    world.cloud.state.settings.sold_out = ["ecs.gn7i-c8g1.2xlarge"]
    text = said(stack.up(world.inputs()))
    assert text.endswith("try again later" if exists else "try again later, or another region of the trial")
    world.cloud.state.settings.sold_out = []
    assert stack.up(world.inputs()) is None


# --- permissions ---


@pytest.mark.parametrize(
    ("operation", "actions", "or_billed"),
    [
        ("GetUserConfig", "paidsw:GetUserConfig", True),
        ("ListEcsSpecs", "paidsw:ListEcsSpecs", False),
        ("ListInstances", "paidsw:ListInstances and paidsw:ListAllInstances", False),
        ("CreateInstance", "paidsw:CreateInstance and paidsw:CreatePostPaidInstance", False),
    ],
)
def test_a_missing_permission_is_named_and_granted(
    world: World, stack: InstanceStack, operation: str, actions: str, or_billed: bool
) -> None:
    deny(world, operation)
    text = said(stack.up(world.inputs()))
    assert GRANT.format(actions=actions) in text
    assert "later" not in text
    assert ("allowBilling" in text) is or_billed
    # Where it is said that allowBilling does as well, it does.
    assert (stack.up(world.inputs(allowBilling=True)) is None) is or_billed
    deny(world)
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("credentials-expired", "the credentials are not valid any more; sign in again, or set new ones"),
        ("clock-skew", "set this machine's clock by the network"),
        ("http-500", "run pulumi up again later"),
        ("validation", "dsw doctor says what is wrong"),
    ],
)
def test_a_trial_that_cannot_be_asked(world: World, stack: InstanceStack, kind: str, advice: str) -> None:
    world.strike(kind, "GetUserConfig", times=0)
    text = said(stack.up(world.inputs()))
    assert text.endswith(f"{advice}; or set allowBilling, and what the trial doesn't pay for is billed")
    world.cloud.faults.clear()
    assert stack.up(world.inputs()) is None


@pytest.mark.parametrize(
    ("denied", "lacking"),
    [
        (["CreateInstanceShutdownTimer"], "no shutdown timer"),
        (["CreateIdleInstanceCuller"], "no idle shutdown"),
        (
            ["CreateInstanceShutdownTimer", "CreateIdleInstanceCuller"],
            "neither shutdown timer nor idle shutdown",
        ),
    ],
)
def test_guards_that_may_not_be_set(
    world: World, stack: InstanceStack, denied: list[str], lacking: str
) -> None:
    deny(world, *denied)
    text = said(stack.up(world.inputs()))
    assert any(line.endswith(f"has {lacking}; ending it") for line in stack.plugin.engine.messages)
    assert "its guards could not all be set" in text
    assert text.endswith(GRANT.format(actions=f"paidsw:{denied[0]}"))
    deny(world)
    world.cloud.advance(60)
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


# --- starts that end elsewhere ---


@pytest.mark.parametrize(
    ("code", "message"), [("ImagePullBackOff", "cannot pull"), ("Internal Error", "ImagePullBackOff")]
)
def test_an_image_that_cannot_be_pulled(world: World, stack: InstanceStack, code: str, message: str) -> None:
    world.strike("failed", "CreateInstance", code=code, message=message)
    text = said(stack.up(world.inputs()))
    advice = "correct the image or its credentials, then run pulumi up; or release it with pulumi destroy"
    assert text.endswith(f"failed: {code}: {message}; {advice}")
    # A refresh says the same of it.
    refreshed = stack.refresh()
    assert refreshed is None or advice in refreshed.message
    corrected = world.inputs(imageUrl="registry.example/me/notebook:2")
    assert stack.up(corrected) is None
    assert differences(world, corrected) == []


def test_a_start_that_finds_no_machine(world: World, stack: InstanceStack) -> None:
    world.strike("failed", "CreateInstance", code="ResourceNotEnough", message="no stock")
    assert said(stack.up(world.inputs())).endswith(
        "run pulumi up again later, when there is stock; or release it with pulumi destroy"
    )
    assert stack.up(world.inputs()) is None


def test_a_start_that_waits_in_the_queue_is_ended_for_that(world: World, stack: InstanceStack) -> None:
    world.strike("sold-out", "CreateInstance")
    text = said(stack.up(world.inputs()))
    (line,) = [line for line in stack.plugin.engine.messages if "ending it" in line]
    assert line.endswith("still waits for a machine and would start at any hour; ending it")
    assert text.endswith("so it was deleted, it held nothing yet; run pulumi up again")
    world.cloud.advance(60)
    assert stack.up(world.inputs()) is None


def test_a_notebook_that_somebody_deletes_while_it_starts(world: World, stack: InstanceStack) -> None:
    stopped_by_its_timer(world, stack)
    settings = world.cloud.state.settings
    settings.durations = {**settings.durations, "Starting": 300, "Deleting": 120}

    def delete() -> None:
        world.console("DeleteInstance", stack.instance_id)

    # After the list, the prices, the trial and the start.
    world.after = (8, delete)
    text = said(stack.up(world.inputs()))
    assert world.calls.count("StartInstance") == 1
    assert (
        "is being deleted: somebody deleted it; run pulumi up once it is gone, which creates it again" in text
    )
    assert "a guard" not in text
    world.cloud.advance(120)
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_a_change_that_the_cloud_refuses(world: World, stack: InstanceStack) -> None:
    assert stack.up(world.inputs()) is None
    world.strike("validation", "UpdateInstance", times=0)
    text = said(stack.up(world.inputs(driver="999.99.99")))
    assert text.endswith(
        "correct what the cloud refuses, then run pulumi up; or release it with pulumi destroy"
    )
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_a_session_that_nothing_guards_while_it_is_moved(world: World, stack: InstanceStack) -> None:
    bare: dict[str, Any] = {**world.inputs(), "idleInstanceCuller": None}
    bare = {name: value for name, value in bare.items() if value is not None}
    assert stack.up(bare) is None
    text = said(stack.up(bare | {"sessionHours": 2}))
    assert text.endswith(
        "set an idle shutdown (idleMinutes, idleInstanceCuller of an Instance), then run pulumi up again"
    )
    assert stack.up(world.inputs(sessionHours=2)) is None
    assert differences(world, world.inputs(sessionHours=2)) == []
