"""What an error of a start or a change advises: it is true, and following it ends the trouble."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.direct import FAST, Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import Failure
from tests.support.samples import REGION

OTHER_IMAGE = f"dsw-registry-vpc.{REGION}.cr.aliyuncs.com/pai/pytorch:2.3.1-gpu-py310-cu121-ubuntu22.04"
RESUME = "run pulumi up to resume"


@pytest.fixture
def stack(direct: Direct) -> InstanceStack:
    return InstanceStack(direct)


def text_of(failure: Failure | None) -> str:
    assert failure is not None
    assert_clean(failure.message)
    return failure.message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ImagePullBackOff", "cannot pull"),
        ("InternalError", "ImagePullBackOff"),
        ("InternalError", "failed to pull and unpack image: denied"),
        ("ErrImagePull", ""),
        ("InvalidImage", "manifest unknown"),
    ],
)
def test_an_image_that_cannot_be_pulled_is_to_be_corrected(
    world: World, stack: InstanceStack, code: str, message: str
) -> None:
    world.strike("failed", "*Instance", code=code, message=message, times=2)
    text = text_of(stack.up(world.inputs()))
    assert "correct the image (pulumi config set image IMAGE" in text
    assert RESUME not in text
    assert stack.refresh() is None
    assert "correct the image" in stack.reasons[0]
    assert "starts it again" not in stack.reasons[0]
    world.cloud.faults.clear()
    declared = world.inputs(imageUrl=OTHER_IMAGE)
    assert stack.up(declared) is None
    assert differences(world, declared) == []


def test_another_failure_of_a_start_may_pass(world: World, stack: InstanceStack) -> None:
    world.strike("failed", "CreateInstance", code="InternalError", message="odd")
    assert text_of(stack.up(world.inputs())).endswith(
        "run pulumi up to resume, or pulumi destroy to release it"
    )
    assert stack.refresh() is None
    assert stack.reasons[0].endswith("pulumi up starts it again")
    assert stack.up(world.inputs()) is None


@pytest.mark.parametrize("message", ["resource insufficient", "SoldOut", "no stock left"])
def test_a_failure_for_lack_of_machines_names_another_type(
    world: World, stack: InstanceStack, message: str
) -> None:
    world.strike("failed", "CreateInstance", code="InternalError", message=message)
    assert "run pulumi up again later, or choose another ecsSpec" in text_of(stack.up(world.inputs()))
    assert stack.up(world.inputs(ecsSpec="ecs.gn6v-c8g1.2xlarge")) is None


def test_after_the_end_of_the_trial_only_the_end_is_advised(world: World, there: InstanceStack) -> None:
    world.cloud.advance(100 * 86_400)
    text = text_of(there.up(world.inputs(systemDisk=None, ecsSpec="ecs.gn6v-c8g1.2xlarge")))
    assert RESUME not in text
    assert "pulumi destroy" in text
    assert there.destroy() is None
    assert world.live() == []


def test_what_somebody_deletes_while_it_starts_is_not_called_stopped(
    world: World, stack: InstanceStack
) -> None:
    def delete() -> None:
        world.console("DeleteInstance", world.instances[0].id)

    world.cloud.state.settings.durations = {**FAST, "Creating": 60}
    world.after = (12, delete)
    text = text_of(stack.up(world.inputs()))
    assert f"instance {stack.instance_id} was deleted by somebody while it started" in text
    assert "guard stopped it" not in text
    assert text.endswith("run pulumi up to create it again, or pulumi destroy")
    first = stack.instance_id
    world.cloud.advance(60)
    assert stack.up(world.inputs()) is None
    assert stack.instance_id != first


def test_a_living_notebook_is_not_sent_to_another_region(world: World, there: InstanceStack) -> None:
    world.cloud.state.settings.sold_out = ["ecs.gn6v-c8g1.2xlarge"]
    text = text_of(there.up(world.inputs(ecsSpec="ecs.gn6v-c8g1.2xlarge")))
    assert "try again later, or choose another ecsSpec" in text
    assert "region of the trial" not in text
    assert there.up(world.inputs()) is None


def test_a_new_one_may_go_to_another_region(world: World, stack: InstanceStack) -> None:
    world.cloud.state.settings.sold_out = ["ecs.gn7i-c8g1.2xlarge"]
    assert "choose another ecsSpec or another region of the trial" in text_of(stack.up(world.inputs()))


@pytest.mark.parametrize("size", ["50Gi", "99Gi"])
def test_a_disk_that_is_declared_smaller_is_refused_in_preview_and_up_alike(
    world: World, there: InstanceStack, size: str
) -> None:
    declared = world.inputs(cloudDisks=[{"subType": "rootfs", "capacity": size}])
    sentence = (
        f"the system disk of instance {there.instance_id} has 100Gi and can't shrink to {size}; declare it as it is: "
        "pulumi config set systemDiskGib 100 (in a program of your own capacity 100Gi)"
    )
    with pytest.raises(Failure) as caught:
        there.plugin.update(there.instance_id, there.inputs, declared, preview=True, state=there.outputs)
    assert caught.value.message == sentence
    world.calls.clear()
    failure = there.up(declared)
    assert failure is not None
    assert failure.reasons == [sentence]
    assert "UpdateInstance" not in world.calls
    assert there.up(world.inputs()) is None
    assert there.refresh() is None
    assert there.reasons == []


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        (["CreateInstanceShutdownTimer"], "lacks a guard that is declared; ending it"),
        (["CreateInstanceShutdownTimer", "CreateIdleInstanceCuller"], "has no guard; ending it"),
    ],
)
def test_what_has_one_guard_is_not_said_to_have_none(
    world: World, stack: InstanceStack, operations: list[str], said: str
) -> None:
    for operation in operations:
        world.strike("permission", operation, times=0)
    text = text_of(stack.up(world.inputs()))
    messages = " ".join(stack.plugin.engine.messages)
    assert said in messages
    assert [other for other in ("has no guard", "lacks a guard") if other in messages] == [
        said.partition(" that")[0].partition(";")[0]
    ]
    assert text.endswith("run pulumi up to create it again, or pulumi destroy")
    world.cloud.faults.clear()
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_arrears_are_to_be_settled_and_nothing_else_is_advised(world: World, there: InstanceStack) -> None:
    found = world.cloud.state.instances[there.instance_id]
    found.status, found.pending, found.machine_on = "Arrearge", [], False
    world.cloud.commit()
    world.strike("validation", "StartInstance", times=0)
    text = text_of(there.up(world.inputs(**_another_type())))
    assert "settle it in the console's" in text
    assert RESUME not in text


def _another_type() -> dict[str, Any]:
    return {"ecsSpec": "ecs.gn6v-c8g1.2xlarge"}
