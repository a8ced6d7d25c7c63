"""What a preview says: what the run would refuse, stop, start or set; by calls that only ask, and a bounded number."""

from __future__ import annotations

import re
from typing import Any

import pytest

from paidsw.core.values import UNKNOWN
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import URN, Failure
from tests.support.samples import IMAGE, OWNER_ID, REGION

OFFICIAL = IMAGE.rpartition("/")[0]
OTHER_IMAGE = f"{OFFICIAL}/pytorch:2.3.1-gpu-py310-cu121-ubuntu22.04"
V100 = "ecs.gn6v-c8g1.2xlarge"
MOST_CALLS = 9


def previewed(world: World, stack: InstanceStack, declared: dict[str, Any]) -> list[str]:
    """What the preview of an up says; a refusal is the last sentence."""
    assert isinstance(stack.plugin, Direct)
    assert stack.refresh() is None
    stack.plugin.engine.lines.clear()
    world.calls.clear()
    refusal: list[str] = []
    try:
        if stack.instance_id:
            stack.plugin.update(stack.instance_id, stack.inputs, declared, preview=True, state=stack.outputs)
        else:
            stack.plugin.create(declared, preview=True)
    except Failure as failure:
        refusal = [failure.message]
    assert all(name.startswith(("Get", "List")) for name in world.calls)
    assert len(world.calls) <= MOST_CALLS
    said = [*stack.plugin.engine.messages, *refusal]
    assert_clean(*said)
    return said


# --- a take-over is announced ---


def test_what_will_be_taken_over_is_named_unless_it_is_going(world: World, direct: Direct) -> None:
    declared = world.inputs(ownerId=OWNER_ID)
    instance_id, _ = direct.create(declared)
    lost = InstanceStack(Direct(world))
    announced = (
        f"instance {instance_id} named LLM_Finetune_01 (Running) belongs to this stack, whose state doesn't"
    )
    assert announced in previewed(world, lost, declared)[0]
    world.cloud.state.settings.durations["Deleting"] = 600
    world.console("DeleteInstance", instance_id)
    assert not [text for text in previewed(world, lost, declared) if "taken over" in text]


# --- a stop is announced ---

RESTARTS: list[tuple[dict[str, Any], str]] = [
    ({"imageUrl": OTHER_IMAGE}, "image"),
    ({"driver": "550.54.15"}, "driver"),
    ({"ecsSpec": V100}, "ecsSpec"),
    ({"environmentVariables": {"A": "b"}}, "environmentVariables"),
    ({"datasets": [{"mountPath": "/mnt/d", "uri": "oss://bucket/d/"}]}, "datasets"),
    ({"driver": "550.54.15", "imageUrl": OTHER_IMAGE, "instanceName": "renamed"}, "driver, image"),
]


@pytest.mark.parametrize(("changes", "named"), RESTARTS)
def test_a_change_that_restarts_a_running_notebook_is_announced(
    world: World, there: InstanceStack, changes: dict[str, Any], named: str
) -> None:
    declared = world.inputs(**changes)
    said = previewed(world, there, declared)
    assert said[0] == (
        f"instance {there.instance_id} is stopped and started again to change {named}: what runs in it ends, the "
        "files on its disk stay"
    )
    assert "the timer stops it after 4 hours, at " in said[1]
    world.calls.clear()
    assert there.up(declared) is None
    assert [world.calls.count(name) for name in ("StopInstance", "StartInstance")] == [1, 1]


def test_what_is_taken_out_is_announced_by_the_settings_name(world: World, direct: Direct) -> None:
    small = [{"subType": "rootfs", "capacity": "40Gi"}]
    declared = world.inputs(driver="550.54.15", environmentVariables={"A": "b"}, cloudDisks=small)
    there = InstanceStack(direct)
    assert there.up(declared) is None
    said = previewed(world, there, world.inputs())
    assert "started again to change driver, environmentVariables, systemDiskGib: what runs" in said[0]


def test_what_is_replaced_is_not_in_the_way_of_its_replacement(world: World, there: InstanceStack) -> None:
    later = Direct(world)
    assert InstanceStack(later, there.instance_id, there.inputs, there.outputs).refresh() is None
    later.create(world.inputs(ownerId="b2"), preview=True)
    said = later.engine.messages
    assert said[0] == (
        f"instance {there.instance_id} is deleted with all its files, and a new one is made in its place"
    )
    assert "the trial has 249" in said[1]
    assert not [text for text in said if "exists already" in text]


@pytest.mark.parametrize(
    "changes",
    [{"instanceName": "renamed"}, {"labels": {"a": "b"}}, {"sessionHours": 4.0}, {"backup": None}, {}],
)
def test_a_change_that_stops_nothing_announces_none(
    world: World, there: InstanceStack, changes: dict[str, Any]
) -> None:
    declared = world.inputs(**changes)
    assert previewed(world, there, declared) == []
    world.calls.clear()
    assert there.up(declared) is None
    assert "StopInstance" not in world.calls


def test_a_declared_stop_is_announced(world: World, there: InstanceStack) -> None:
    (said,) = previewed(world, there, world.inputs(running=False))
    assert "is stopped, as declared: what runs in it ends; its disk is kept for 15 days" in said


def test_of_a_stopped_one_no_stop_is_announced(world: World, there: InstanceStack) -> None:
    assert there.up(world.inputs(running=False)) is None
    assert previewed(world, there, world.inputs(running=False, driver="550.54.15")) == []
    (said,) = previewed(world, there, world.inputs(driver="550.54.15"))
    assert "the timer stops it after 4 hours" in said


def test_a_new_one_declared_stopped_is_said_to_start_first(world: World, direct: Direct) -> None:
    said = previewed(world, InstanceStack(direct), world.inputs(running=False))
    assert said[-1] == "a new instance always starts; it is stopped once it runs, as declared"


# --- the timer that is really set ---


def shown_hours(said: list[str]) -> float:
    (found,) = [
        match
        for one in said
        for match in re.findall(r"timer stops (?:it after|instance \S+ in) (\S+) h", one)
    ]
    return float(found)


def timer_hours(world: World) -> float:
    timer = world.instances[0].timer
    assert timer is not None
    return (timer.due - world.cloud.now()) / 3_600_000


def leave(world: World, cu: float) -> None:
    """The account's other use leaves only so much of the month's quota."""
    world.cloud.state.trial.used_elsewhere["2026-01"] = str(250 - cu)


@pytest.mark.parametrize("left", [250, 60, 45, 30])
@pytest.mark.parametrize("hours", [2, 6, 12])
def test_the_timer_announced_for_a_new_one_is_the_one_that_is_set(
    world: World, direct: Direct, left: int, hours: int
) -> None:
    leave(world, left)
    stack, declared = InstanceStack(direct), world.inputs(sessionHours=hours)
    said = previewed(world, stack, declared)
    failure = stack.up(declared)
    if failure is not None:
        assert failure.message == said[-1]
    else:
        assert timer_hours(world) == pytest.approx(shown_hours(said), abs=0.05)


@pytest.mark.parametrize("left", [250, 90, 60])
@pytest.mark.parametrize("hours", [1, 3, 5, 12])
@pytest.mark.parametrize("after", [0, 1.5])
def test_the_end_announced_for_a_changed_session_is_the_one_that_is_set(
    world: World, there: InstanceStack, left: int, hours: float, after: float
) -> None:
    world.cloud.state.instances[there.instance_id].cpu_percent = 90
    world.cloud.advance(after * 3600)
    leave(world, left)
    declared = world.inputs(sessionHours=hours)
    said = previewed(world, there, declared)
    before = timer_hours(world)
    failure = there.up(declared)
    assert failure is None or failure.message.startswith(said[-1])
    if any("timer stops" in one for one in said):
        assert timer_hours(world) == pytest.approx(shown_hours(said), abs=0.05)
    else:
        assert timer_hours(world) == pytest.approx(before, abs=0.05)


def test_a_session_that_is_billed_is_not_said_to_end_with_the_quota(world: World, direct: Direct) -> None:
    leave(world, 45)
    declared = world.inputs(allowBilling=True)
    said = previewed(world, InstanceStack(direct), declared)
    assert any("WHAT THE TRIAL DOESN'T PAY IS BILLED" in one for one in said)
    assert not any("not after sessionHours" in one for one in said)


# --- what the run refuses, the preview refuses in the same words, and nothing is made or stopped ---

UNKNOWN_TAG = f"{OFFICIAL}/pytorch:2.6.0-gpu-py310-cu124-ubuntu22.4"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"imageUrl": UNKNOWN_TAG}, "such as pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04"),
    ({"imageUrl": f"{OFFICIAL}/pytorch"}, f"{REGION} has no official image pytorch; set image to"),
    ({"imageUrl": f"{OFFICIAL}/nowhere:1"}, "set image to one of the list on the PAI console's create page"),
    ({"imageUrl": IMAGE.replace(REGION, "cn-beijing")}, "reached from the network of cn-beijing only"),
    ({"imageUrl": "registry-vpc.cn-beijing.aliyuncs.com/me/nb:1"}, "reached from the network of cn-beijing"),
    ({"imageUrl": None, "imageId": "image-0123"}, f"{REGION} has no image with the id image-0123"),
    ({"ecsSpec": V100, "sessionHours": 1}, "sold out"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_a_create_is_refused_in_preview_and_run_alike(
    world: World, direct: Direct, changes: dict[str, Any], words: str
) -> None:
    world.cloud.state.settings.sold_out = [V100]
    stack, declared = InstanceStack(direct), world.inputs(**changes)
    said = previewed(world, stack, declared)
    failure = stack.up(declared)
    assert failure is not None
    assert said[-1] == failure.message
    assert words in failure.message
    assert world.live() == []
    assert "CreateInstance" not in world.calls


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_a_running_notebook_is_not_stopped_for_what_is_refused(
    world: World, there: InstanceStack, changes: dict[str, Any], words: str
) -> None:
    world.cloud.state.settings.sold_out = [V100]
    declared = world.inputs(**changes)
    said = previewed(world, there, declared)
    failure = there.up(declared)
    assert failure is not None
    assert words in said[-1]
    assert words in failure.message
    assert "StopInstance" not in world.calls
    # Nobody is told of a timer that isn't set.
    assert isinstance(there.plugin, Direct)
    assert not any("the timer stops it after" in line for line in [*said, *there.plugin.engine.messages])
    assert [one.status for one in world.instances] == ["Running"]
    # Back to what it is, nothing is left of it.
    assert there.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def smaller(gib: int) -> list[dict[str, str]]:
    return [{"subType": "rootfs", "capacity": f"{gib}Gi"}]


@pytest.mark.parametrize("more", [{}, {"driver": "550.54.15"}, {"running": False}])
def test_a_disk_cannot_shrink_says_preview_and_run_alike(
    world: World, there: InstanceStack, more: dict[str, Any]
) -> None:
    declared = world.inputs(cloudDisks=smaller(50), **more)
    said = previewed(world, there, declared)
    failure = there.up(declared)
    assert failure is not None
    sentence = f"the system disk of instance {there.instance_id} has 100Gi and can't shrink to 50Gi; set systemDiskGib"
    assert said[-1].startswith(sentence)
    assert failure.message.startswith(sentence)
    assert "was grown" not in " ".join([*said, failure.message])
    assert "UpdateInstance" not in world.calls
    # The advice ends it.
    assert there.up(world.inputs(cloudDisks=smaller(100))) is None
    assert differences(world, world.inputs()) == []


def test_a_smaller_one_that_was_made_so_grows_within_what_is_free(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(cloudDisks=smaller(50))) is None
    assert "systemDiskGib" in previewed(world, stack, world.inputs())[0]
    assert stack.up(world.inputs()) is None
    assert world.instances[0].disk_gib == 100


def test_too_little_of_the_quota_for_a_restart_is_refused_in_the_preview(
    world: World, there: InstanceStack
) -> None:
    leave(world, 10)
    said = previewed(world, there, world.inputs(driver="550.54.15"))
    assert "too few for a session" in said[-1]
    assert [one.status for one in world.instances] == ["Running"]


@pytest.mark.parametrize("owner", [None, "otherowner01"])
def test_a_name_that_is_taken_is_said_in_the_preview(
    world: World, there: InstanceStack, owner: str | None
) -> None:
    assert isinstance(there.plugin, Direct)
    other, _ = there.plugin.create(world.inputs(instanceName="taken", ownerId=owner), urn=f"{URN}2")
    changed: tuple[dict[str, Any], ...] = ({"driver": "550.54.15"}, {"running": False}, {})
    for stack, changes in (*((there, one) for one in changed), (InstanceStack(Direct(world)), {})):
        declared = world.inputs(instanceName="taken", ownerId="oneowner0001", **changes)
        said = previewed(world, stack, declared)
        failure = stack.up(declared)
        assert failure is not None
        for text in (said[-1], failure.message):
            assert f"an instance named taken exists already ({other}, Running)" in text
            assert "choose another instanceName" in text
        assert not {"StopInstance", "CreateInstance", "UpdateInstance"} & set(world.calls)


def test_a_resource_that_was_renamed_without_an_alias_is_said_to_be_that(
    world: World, direct: Direct
) -> None:
    declared = world.inputs(ownerId="oneowner0001")
    made, _ = direct.create(declared, urn=URN.replace("::notebook", "::old_name"))
    stack = InstanceStack(Direct(world))
    said = previewed(world, stack, declared)
    failure = stack.up(declared)
    assert failure is not None
    for text in (said[-1], failure.message):
        assert made in text
        assert "aliases=[pulumi.Alias(name=" in text
    assert [one.id for one in world.instances] == [made]


def test_a_replacement_that_could_not_be_made_deletes_nothing(world: World, there: InstanceStack) -> None:
    elsewhere: dict[str, Any] = {"region": "cn-beijing", "workspaceId": UNKNOWN}
    there_too = IMAGE.replace(REGION, "cn-beijing")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"workspaceId": "999999"}, "there is no workspace 999999"),
        (elsewhere, "reached from the network of cn-wulanchabu only"),
        ({**elsewhere, "imageUrl": f"{there_too}-x"}, "cn-beijing has no official image"),
        ({**elsewhere, "imageUrl": there_too}, "sold out in cn-beijing"),
    ]
    world.cloud.state.settings.sold_out = [f"cn-beijing/{world.inputs()['ecsSpec']}"]
    for changes, words in wrong:
        declared = {**world.inputs(), "replaceId": there.instance_id, **changes}
        with pytest.raises(Failure, match=words):
            there.plugin.diff(there.inputs, declared, there.outputs)
    assert [one.status for one in world.instances] == ["Running"]


def test_a_workspace_that_does_not_exist_is_refused(world: World, direct: Direct) -> None:
    stack, declared = InstanceStack(direct), world.inputs() | {"workspaceId": "999999"}
    said = previewed(world, stack, declared)
    failure = stack.up(declared)
    assert failure is not None
    assert failure.message == said[-1]
    assert failure.message.startswith(f"there is no workspace 999999 in {REGION}; set workspaceId to one")
    assert "CreateInstance" not in world.calls


# --- what can't be asked ---


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("http-500", "run pulumi up again later"), ("permission", "grant this RAM user paiimage:ListImages")],
)
def test_where_the_images_cannot_be_asked_for_nothing_is_stopped(
    world: World, there: InstanceStack, kind: str, advice: str
) -> None:
    world.strike(kind, "ListImages", times=0)
    declared = world.inputs(imageUrl=OTHER_IMAGE)
    said = previewed(world, there, declared) if kind == "permission" else []
    failure = there.up(declared)
    assert failure is not None
    for text in (*said[-1:], failure.message):
        assert "whether there is such an image can't be checked" in text
        assert advice in text
    assert "StopInstance" not in world.calls
    world.cloud.faults.clear()
    assert there.up(declared) is None


def test_a_cloud_that_lists_no_official_image_is_a_warning(
    world: World, direct: Direct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paidsw.emulator.aiworkspace.handlers.official_images", lambda _region: [])
    stack = InstanceStack(direct)
    said = previewed(world, stack, world.inputs())
    assert said[0].startswith(f"the cloud lists no official image in {REGION}")
    assert stack.up(world.inputs()) is None


@pytest.mark.parametrize("image", ["registry.example.com/me/nb:1", f"registry.{REGION}.aliyuncs.com/me/nb:1"])
def test_another_registry_cannot_be_asked(world: World, direct: Direct, image: str) -> None:
    stack = InstanceStack(direct)
    previewed(world, stack, world.inputs(imageUrl=image))
    assert "ListImages" not in world.calls
    assert stack.up(world.inputs(imageUrl=image)) is None


def test_what_is_not_known_yet_is_not_announced(world: World, direct: Direct, there: InstanceStack) -> None:
    assert previewed(world, there, world.inputs(driver=UNKNOWN)) == []
    assert there.destroy() is None
    new = InstanceStack(Direct(world))
    said = previewed(world, new, world.inputs(ecsSpec=UNKNOWN) | {"workspaceId": UNKNOWN})
    assert said == []
    assert "GetWorkspace" not in world.calls
