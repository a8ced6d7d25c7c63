"""Import: an instance that somebody else made comes under the stack as it is, if the free tier allows it."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.provider.instance import labels
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences, unguarded
from tests.support.plugin import URN, Failure, Plugin
from tests.support.samples import OWNER_ID, REGION, inputs

OTHER_STACK = "urn:pulumi:dev::other::paidsw:index:Instance::theirs"
CULLER = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "GpuPercentThreshold": 10}


@pytest.fixture
def foreign(world: World, direct: Direct) -> str:
    """The id of an instance that runs guarded and carries no labels."""
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    world.cloud.state.instances[stack.instance_id].labels.clear()
    world.cloud.commit()
    return stack.instance_id


def imported(direct: Direct, instance_id: str, declared: dict[str, Any]) -> InstanceStack:
    """A stack after `pulumi import`, as the engine leaves it: inputs and outputs that were read."""
    found, seen, state = direct.read(f"{REGION}/{instance_id}", {}, {})
    assert found == instance_id
    assert list(direct.diff(seen, declared, state).diffs) == []
    return InstanceStack(direct, instance_id, seen, state)


def calls(world: World) -> set[str]:
    return {name for name in world.calls if not name.startswith(("Get", "List"))}


def test_an_import_declares_what_it_found(plugin: Plugin, workspace: str) -> None:
    declared = inputs(workspaceId=workspace, labels={"course": "one"}, ownerId=None)
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
    declared = world.inputs(ownerId=None)
    stack = imported(direct, foreign, declared)
    assert stack.outputs["origin"] == "import"
    for _ in range(2):
        assert stack.up(declared) is None
        assert stack.outputs["origin"] == "imported"
        assert stack.reasons == []
    assert calls(world) == set()


def test_an_owner_labels_it_with_the_next_update(world: World, direct: Direct, foreign: str) -> None:
    stack = imported(direct, foreign, world.inputs())
    world.calls.clear()
    assert stack.up(world.inputs()) is None
    assert calls(world) == {"UpdateInstanceLabels"}
    assert labels.owner_id(world.instances[0].labels) == OWNER_ID
    assert stack.refresh() is None
    assert (stack.reasons, stack.outputs["origin"]) == ([], "declared")


def test_its_first_change_gives_it_the_labels(world: World, direct: Direct, foreign: str) -> None:
    stack = imported(direct, foreign, world.inputs())
    declared = world.inputs(instanceName="renamed")
    assert stack.up(declared) is None
    assert stack.outputs["origin"] == "declared"
    assert differences(world, declared) == []
    assert stack.refresh() is None
    assert stack.inputs == declared


LIMITLESS = 500 * 3_600_000


def refused(direct: Direct, instance_id: str) -> str:
    """Why an instance can't be imported."""
    with pytest.raises(Failure) as caught:
        direct.read(f"{REGION}/{instance_id}", {}, {})
    assert_clean(caught.value.message)
    assert caught.value.message.startswith(f"instance {instance_id} can't be imported: ")
    return caught.value.message


def lengthen(world: World, instance_id: str, milliseconds: int) -> None:
    """Another timer, set in the console."""
    world.console("DeleteInstanceShutdownTimer", instance_id)
    world.console("CreateInstanceShutdownTimer", instance_id, RemainingTimeInMs=milliseconds)


@pytest.mark.parametrize("timer", [0, LIMITLESS], ids=["no timer", "a timer without an end"])
def test_one_that_runs_with_nothing_to_stop_it_is_not_imported(
    world: World, direct: Direct, foreign: str, timer: int
) -> None:
    world.console("DeleteInstanceShutdownTimer", foreign)
    world.console("DeleteIdleInstanceCuller", foreign)
    if timer:
        world.console("CreateInstanceShutdownTimer", foreign, RemainingTimeInMs=timer)
    text = refused(direct, foreign)
    assert "it runs with nothing that stops it" in text
    assert "a timer (定时关机) of at most 24 hours" in text
    lengthen(world, foreign, 3_600_000) if timer else world.console("StopInstance", foreign)
    world.cloud.advance(60)
    stack = imported(direct, foreign, world.inputs(running=bool(timer)))
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


@pytest.mark.parametrize("left", ["Timer", "Culler"])
def test_one_with_a_single_guard_is_imported_and_gets_the_other_next(
    world: World, direct: Direct, foreign: str, left: str
) -> None:
    lost = "DeleteIdleInstanceCuller" if left == "Timer" else "DeleteInstanceShutdownTimer"
    world.console(lost, foreign)
    stack = imported(direct, foreign, world.inputs())
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_a_timer_beyond_every_session_is_no_guard(world: World, direct: Direct, foreign: str) -> None:
    lengthen(world, foreign, LIMITLESS)
    stack = imported(direct, foreign, world.inputs())
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []
    # Of one that was made here as well.
    lengthen(world, foreign, LIMITLESS)
    assert stack.refresh() is None
    assert "sessionHours" not in stack.inputs
    assert stack.outputs["shutdownTime"] == ""
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []
    assert unguarded(world) == []


def test_an_imported_session_ends_as_declared_after_its_first_change(
    world: World, direct: Direct, foreign: str
) -> None:
    lengthen(world, foreign, 20 * 3_600_000)
    stack = imported(direct, foreign, world.inputs())
    assert stack.up(world.inputs(labels={"course": "two"})) is None
    assert differences(world, world.inputs(labels={"course": "two"})) == []


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
    stack = InstanceStack(direct)
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


def test_another_stacks_instance_is_not_imported(world: World, direct: Direct, foreign: str) -> None:
    marked = world.cloud.state.instances[foreign]
    marked.labels.update(labels.ours(OTHER_STACK, 4))
    world.cloud.commit()
    text = refused(direct, foreign)
    assert "it belongs to a resource of the stack 'dev' of the project 'other'" in text
    assert f"take its label {labels.URN} off" in text
    # And a name that it holds isn't offered for import either.
    failure = InstanceStack(direct).up(world.inputs())
    assert failure is not None
    assert "importId" not in failure.message
    world.console("DeleteInstanceLabels", foreign, LabelKeys=labels.URN)
    marked.labels.pop(labels.URN, None)
    world.cloud.commit()
    stack = imported(direct, foreign, world.inputs())
    assert stack.up(world.inputs(sessionHours=3)) is None
    assert labels.is_declared_at(URN, world.instances[0].labels)


def test_one_that_this_stack_lost_is_imported(world: World, direct: Direct) -> None:
    made = InstanceStack(direct)
    assert made.up(world.inputs()) is None
    # The engine has named the owner, which this stack still has.
    direct.ledger.owners.add(OWNER_ID)
    stack = imported(direct, made.instance_id, world.inputs())
    assert stack.outputs["origin"] == "declared"


def test_another_owners_instance_is_not_imported_before_its_labels_are_off(
    world: World, direct: Direct
) -> None:
    made, _ = direct.create(world.inputs(ownerId="theirs"))
    direct.ledger.owners.add(OWNER_ID)
    text = refused(direct, made)
    assert "of the project 'dsw-free-tier' (owner theirs), whose pulumi destroy would delete it" in text
    assert "take its labels paidsw-owner and paidsw-urn off in the PAI console" in text
    world.console("DeleteInstanceLabels", made, LabelKeys="paidsw-owner,paidsw-urn")
    stack = imported(direct, made, world.inputs())
    assert stack.up(world.inputs()) is None
    assert differences(world, world.inputs()) == []


def test_labels_that_the_cloud_puts_on_are_nobodys(world: World, direct: Direct, foreign: str) -> None:
    world.cloud.state.instances[foreign].labels.update({"acs:rm:rgId": "rg-1", "aliyun-x": "1"})
    world.cloud.commit()
    stack = imported(direct, foreign, world.inputs())
    assert "labels" not in stack.inputs
    assert stack.up(world.inputs(labels={"course": "one"})) is None
    assert "DeleteInstanceLabels" not in world.calls
    assert world.instances[0].labels["acs:rm:rgId"] == "rg-1"


@pytest.mark.parametrize("name", ["acs:rm:rgId", "aliyun", "paidsw-urn", "a,b", "http://x"])
def test_labels_of_the_cloud_are_not_declared(world: World, direct: Direct, name: str) -> None:
    _, failures = direct.check(world.inputs(labels={name: "x"}))
    assert [reason for _, reason in failures] == [
        f"labels.{name} is {name!r}; allowed: a name without commas that begins with none of "
        "paidsw-, acs:, aliyun, http://, https://; correct it"
    ]


def test_a_preview_counts_an_imported_one_once(world: World, direct: Direct, foreign: str) -> None:
    stack = imported(direct, foreign, world.inputs())
    # Enough for one whole session, not for another beside it.
    world.cloud.state.trial.used_elsewhere["2026-01"] = "70"
    direct.engine.lines.clear()
    direct.update(foreign, stack.inputs, world.inputs(sessionHours=22), preview=True, state=stack.outputs)
    # It has a timer, which stays: how long its session was declared isn't known.
    assert direct.engine.messages == []


def test_a_backup_declared_for_an_import_is_a_change_afterwards(
    world: World, direct: Direct, foreign: str
) -> None:
    declared = world.inputs(backup={"snapshot": "llm", "repository": "registry.example.com/me/notebooks"})
    stack = imported(direct, foreign, declared)
    assert (
        "run pulumi up once more after it, until then a destroy saves nothing" in direct.engine.messages[-1]
    )
    direct.engine.lines.clear()
    assert stack.up(declared) is None
    assert not [line for line in direct.engine.messages if "once more" in line]
    # Only what is in the state is saved before a delete.
    assert stack.inputs["backup"] == declared["backup"]
    assert stack.destroy() is None
    assert "CreateInstanceSnapshot" in world.calls
