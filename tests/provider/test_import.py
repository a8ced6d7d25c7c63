"""Import: an instance that somebody else made comes under the stack as it is, if the free tier allows it."""

from __future__ import annotations

from typing import Any

import pytest

from provider.instance import labels
from tests.provider.direct import Direct, World
from tests.provider.plugin import URN, Failure, Plugin
from tests.provider.samples import REGION, inputs
from tests.provider.stack import Stack, assert_clean, differences

OTHER_STACK = "urn:pulumi:dev::other::paidsw:index:Instance::theirs"
CULLER = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "GpuPercentThreshold": 10}


@pytest.fixture
def foreign(world: World, direct: Direct) -> str:
    """The id of an instance that runs guarded and carries no labels."""
    stack = Stack(direct)
    assert stack.up(world.inputs()) is None
    world.cloud.state.instances[stack.instance_id].labels.clear()
    world.cloud.commit()
    return stack.instance_id


def imported(direct: Direct, instance_id: str, declared: dict[str, Any]) -> Stack:
    """A stack after `pulumi import`, as the engine leaves it: inputs and outputs that were read."""
    found, seen, state = direct.read(f"{REGION}/{instance_id}", {}, {})
    assert found == instance_id
    assert list(direct.diff(seen, declared, state).diffs) == []
    return Stack(direct, instance_id, seen, state)


def calls(world: World) -> set[str]:
    return {name for name in world.calls if not name.startswith(("Get", "List"))}


def test_an_import_declares_what_it_found(plugin: Plugin, workspace: str) -> None:
    declared = inputs(workspaceId=workspace, labels={"course": "one"})
    instance_id, _ = plugin.create(declared)
    found, seen, state = plugin.read(f"{REGION}/{instance_id}", {}, {})
    assert found == instance_id
    assert (state["status"], state["origin"]) == ("Running", "declared")
    filled, failures = plugin.check(seen)
    assert failures == []
    assert list(plugin.diff(seen, declared, state).diffs) == []
    assert filled["instanceName"] == "LLM_Finetune_01"


def test_what_the_console_made_is_imported_without_a_change(
    world: World, direct: Direct, foreign: str
) -> None:
    world.calls.clear()
    stack = imported(direct, foreign, world.inputs())
    assert stack.outputs["origin"] == "import"
    for _ in range(2):
        assert stack.up(world.inputs()) is None
        assert stack.outputs["origin"] == "imported"
        assert stack.reasons == []
    assert calls(world) == set()


def test_its_first_change_gives_it_the_labels(world: World, direct: Direct, foreign: str) -> None:
    stack = imported(direct, foreign, world.inputs())
    declared = world.inputs(instanceName="renamed")
    assert stack.up(declared) is None
    assert stack.outputs["origin"] == "declared"
    assert differences(world, declared) == []
    assert stack.refresh() is None
    assert stack.inputs == declared


def test_one_without_guards_is_imported_and_gets_them_next(
    world: World, direct: Direct, foreign: str
) -> None:
    world.console("DeleteInstanceShutdownTimer", foreign)
    world.console("DeleteIdleInstanceCuller", foreign)
    stack = imported(direct, foreign, world.inputs())
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


@pytest.mark.parametrize("lost", ["CreateInstanceShutdownTimer", "CreateIdleInstanceCuller"])
def test_a_guard_that_it_loses_later_is_set_again(
    world: World, direct: Direct, foreign: str, lost: str
) -> None:
    stack = imported(direct, foreign, world.inputs())
    assert stack.refresh() is None
    world.console(lost.replace("Create", "Delete"), foreign)
    world.calls.clear()
    assert stack.up(world.inputs()) is None
    assert lost in world.calls
    assert differences(world, world.inputs()) == []


def test_other_guards_than_declared_are_shown_by_the_import(
    world: World, direct: Direct, foreign: str
) -> None:
    _, seen, state = direct.read(f"{REGION}/{foreign}", {}, {})
    other = {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 5}
    assert list(direct.diff(seen, world.inputs(idleInstanceCuller=other), state).diffs) == [
        "idleInstanceCuller"
    ]


@pytest.mark.parametrize(
    ("declared", "differs"),
    [
        ({"instanceName": "other"}, ["instanceName"]),
        ({"labels": {"course": "two"}}, ["labels"]),
        ({"backup": {"snapshot": "a", "repository": "r.aliyuncs.com/a/b"}, "allowBilling": True}, []),
    ],
)
def test_an_import_shows_what_is_declared_otherwise(
    world: World, direct: Direct, foreign: str, declared: dict[str, Any], differs: list[str]
) -> None:
    _, seen, state = direct.read(f"{REGION}/{foreign}", {}, {})
    assert list(direct.diff(seen, world.inputs(**declared), state).diffs) == differs


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"EcsSpec": "ecs.gn7i-c16g1.4xlarge"}, "trial-instance-type"),
        ({"CloudDisks": [{"SubType": "rootfs", "Capacity": "200Gi"}]}, "system-disk-size"),
        ({"Accessibility": "PUBLIC"}, "private-instance"),
    ],
)
def test_an_import_from_outside_the_free_tier_is_refused_by_its_rule(
    world: World, direct: Direct, foreign: str, body: dict[str, Any], rule: str
) -> None:
    world.cloud.state.settings.strict_update = False
    world.console("UpdateInstance", foreign, **body)
    world.cloud.advance(60)
    with pytest.raises(Failure) as caught:
        direct.read(f"{REGION}/{foreign}", {}, {})
    assert f"[{rule}]" in caught.value.message
    assert caught.value.message.startswith(f"instance {foreign} can't be imported: ")
    assert_clean(caught.value.message)


def test_an_import_of_what_is_not_there_finds_nothing(plugin: Plugin) -> None:
    assert plugin.read(f"{REGION}/dsw-0", {}, {})[0] == ""


@pytest.mark.parametrize("identifier", ["dsw-1", "", "/dsw-1", "cn-wulanchabu/"])
def test_an_id_without_a_region_says_how_it_looks(plugin: Plugin, identifier: str) -> None:
    with pytest.raises(Failure, match="import it as REGION/INSTANCE_ID"):
        plugin.read(identifier, {}, {})


def test_a_stopped_one_is_imported_as_declared_stopped(world: World, direct: Direct, foreign: str) -> None:
    world.console("StopInstance", foreign)
    world.cloud.advance(60)
    stack = imported(direct, foreign, world.inputs(running=False))
    assert stack.up(world.inputs(running=False)) is None
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_labels_that_somebody_took_off_are_named_and_put_back(world: World, direct: Direct) -> None:
    stack = Stack(direct)
    assert stack.up(world.inputs()) is None
    world.cloud.state.instances[stack.instance_id].labels.clear()
    world.cloud.commit()
    assert stack.refresh() is None
    assert stack.reasons == [
        f"instance {stack.instance_id} has lost this stack's labels; pulumi up puts them back"
    ]
    world.calls.clear()
    assert stack.up(world.inputs()) is None
    assert calls(world) == {"UpdateInstanceLabels"}
    assert differences(world, world.inputs()) == []
    assert stack.refresh() is None
    assert stack.reasons == []


def test_another_stacks_instance_keeps_its_labels_until_a_change(world: World, direct: Direct) -> None:
    theirs = Stack(direct)
    assert theirs.up(world.inputs()) is None
    marks = labels.ours(OTHER_STACK, 4)
    world.cloud.state.instances[theirs.instance_id].labels.update(marks)
    world.cloud.commit()
    stack = imported(direct, theirs.instance_id, world.inputs())
    assert stack.up(world.inputs()) is None
    assert labels.is_declared_at(OTHER_STACK, world.instances[0].labels)
    assert stack.up(world.inputs(sessionHours=3)) is None
    assert labels.is_declared_at(URN, world.instances[0].labels)


def test_a_backup_declared_for_an_import_is_a_change_afterwards(
    world: World, direct: Direct, foreign: str
) -> None:
    declared = world.inputs(backup={"snapshot": "llm", "repository": "registry.example.com/me/notebooks"})
    stack = imported(direct, foreign, declared)
    assert stack.up(declared) is None
    # Only what is in the state is saved before a delete.
    assert stack.inputs["backup"] == declared["backup"]
    assert stack.destroy() is None
    assert "CreateInstanceSnapshot" in world.calls
