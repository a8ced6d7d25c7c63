"""`pulumi import`: what it records passes the rules, and so does the code that Pulumi makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.provider.test_import_check import made
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import Failure
from tests.support.samples import REGION

CULLER = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "GpuPercentThreshold": 10}
TOO_LONG = {**CULLER, "MaxIdleTimeInMinutes": 600}


def calls(world: World) -> set[str]:
    return {name for name in world.calls if not name.startswith(("Get", "List"))}


def as_code(direct: Direct, instance_id: str) -> tuple[InstanceStack, dict[str, Any]]:
    """A stack after `pulumi import`, and the inputs of the code that Pulumi makes of it."""
    _, seen, state = direct.read(f"{REGION}/{instance_id}", {}, {})
    # The engine checks what it read, and blames the provider for what is refused.
    assert direct.check(seen)[1] == []
    code = {name: value for name, value in seen.items() if not name.startswith("__")}
    assert direct.check(code)[1] == []
    return InstanceStack(direct, instance_id, seen, state), code


@pytest.mark.parametrize(
    ("timer", "culler", "stopped", "hours", "lacks"),
    [
        (2.9, {}, False, 3, ["idleInstanceCuller"]),
        (2.9, CULLER, False, 3, []),
        (0.1, CULLER, False, 0.25, []),
        (24, CULLER, False, 24, []),
        (None, CULLER, False, 4, ["sessionHours"]),
        (None, TOO_LONG, False, 4, ["idleInstanceCuller", "sessionHours"]),
        (None, {}, True, 4, []),
        (None, CULLER, True, 4, []),
    ],
)
def test_the_code_of_an_import_passes_the_rules_and_changes_only_the_guards_that_are_lacking(
    world: World,
    direct: Direct,
    timer: float | None,
    culler: dict[str, int],
    stopped: bool,
    hours: float,
    lacks: list[str],
) -> None:
    found = made(world)
    world.console("DeleteInstanceShutdownTimer", found)
    if timer:
        world.console("CreateInstanceShutdownTimer", found, RemainingTimeInMs=int(timer * 3_600_000))
    if culler:
        world.console("CreateIdleInstanceCuller", found, **culler)
    if stopped:
        world.console("StopInstance", found)
        world.cloud.advance(60)
    stack, code = as_code(direct, found)
    assert code["sessionHours"] == hours
    assert code["idleInstanceCuller"]["maxIdleTimeInMinutes"] == 30
    said = [text for _, text, _ in direct.engine.lines if "lacks" in text]
    expected = (
        f"instance {found} lacks {' and '.join(lacks)} as the import declares it; the first pulumi up sets it"
    )
    assert said == ([expected] if lacks else [])

    recorded = dict(stack.inputs)
    assert stack.refresh() is None
    # A refresh shows nothing but a guard that is otherwise than the import has it.
    shown = {name for name, value in recorded.items() if stack.inputs[name] != value} - {"__defaults"}
    assert shown == ({"idleInstanceCuller"} if culler == TOO_LONG else set())
    assert sorted(direct.diff(stack.inputs, code, stack.outputs).diffs) == lacks
    world.calls.clear()
    assert stack.up(code) is None
    assert bool(calls(world)) is bool(lacks)
    assert not lacks or differences(world, code) == []
    assert stack.refresh() is None
    assert list(direct.diff(stack.inputs, code, stack.outputs).diffs) == []


def test_what_an_import_assumed_is_no_agreement_to_delete(world: World, direct: Direct) -> None:
    found = made(world)
    world.console("StopInstance", found)
    world.cloud.advance(60)
    stack, _ = as_code(direct, found)
    failure = stack.destroy()
    assert failure is not None
    assert f"instance {found} was imported, and no pulumi up has agreed with it since" in failure.message


DATASET = {"DatasetId": "d-1", "Uri": "oss://bucket.oss-cn-wulanchabu.aliyuncs.com/", "MountPath": "/mnt/a"}


@pytest.mark.parametrize(
    "shown",
    [
        {"Driver": "535.161.08-grid"},
        {"Datasets": [DATASET]},
        {"ImageId": "image-1"},
    ],
    ids=["driver", "dataset", "image"],
)
def test_what_the_cloud_shows_in_another_form_is_imported_in_one_that_can_be_declared(
    world: World, direct: Direct, shown: dict[str, Any]
) -> None:
    found = made(world)
    instance = world.cloud.state.instances[found]
    instance.spec = replace(instance.spec, **shown)
    world.cloud.commit()
    stack, code = as_code(direct, found)
    assert stack.up(code) is None
    assert stack.refresh() is None
    assert list(direct.diff(stack.inputs, code, stack.outputs).diffs) == []


def test_what_no_inputs_can_declare_is_one_sentence(world: World, direct: Direct) -> None:
    found = made(world)
    instance = world.cloud.state.instances[found]
    instance.spec = replace(instance.spec, Datasets=[{"DatasetId": "d-1", "MountPath": "data"}])
    world.cloud.commit()
    with pytest.raises(Failure) as caught:
        direct.read(f"{REGION}/{found}", {}, {})
    assert_clean(caught.value.message)
    assert caught.value.message.startswith(f"instance {found} can't be imported: datasets")


def test_without_a_program_an_owners_own_is_told_how_to_take_it_back(world: World, direct: Direct) -> None:
    made_here = InstanceStack(direct)
    assert made_here.up(world.inputs()) is None
    # `pulumi import` reads before anything is checked, and names no owner.
    with pytest.raises(Failure) as caught:
        Direct(world).read(f"{REGION}/{made_here.instance_id}", {}, {})
    assert_clean(caught.value.message)
    assert f"pulumi config set importId {made_here.instance_id}, then pulumi up" in caught.value.message
    declaring = Direct(world)
    assert declaring.check(world.inputs(instanceName="another"))[1] == []
    with pytest.raises(Failure) as caught:
        declaring.read(f"{REGION}/{made_here.instance_id}", {}, {})
    assert "config set importId" not in caught.value.message
