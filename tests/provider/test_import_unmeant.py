"""Nothing is lost that nobody asked for in words: by the hint of a taken name, a rename or an import that failed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from components import NotebookArgs
from paidsw.provider.instance import labels
from paidsw.provider.values import decode, encode
from tests.provider.test_import_check import made, obey, refusals, settings
from tests.support.declarations import COMPONENT
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean
from tests.support.owners import OWNER_URN, Held
from tests.support.plugin import URN, Failure
from tests.support.samples import REGION

RENAMED = URN.replace("::notebook", "::renamed")
ALIAS = 'aliases=[pulumi.Alias(name="notebook")]'


def refused(direct: Direct, values: dict[str, Any], urn: str = URN) -> str:
    """Why a create is refused."""
    with pytest.raises(Failure) as caught:
        direct.create(values, urn=urn)
    assert_clean(caught.value.message)
    return caught.value.message


@pytest.mark.parametrize("stopped", [True, False])
@pytest.mark.parametrize("body", [{}, {"EcsSpec": "ecs.gn6v-c8g1.2xlarge", "Driver": "535.54.03"}])
def test_the_hint_of_a_taken_name_has_every_setting(
    world: World, direct: Direct, body: dict[str, Any], stopped: bool
) -> None:
    found = made(world, InstanceName="LLM_Finetune_01", **body)
    if stopped:
        world.console("StopInstance", found)
        world.cloud.advance(60)
    config = {"alicloud:region": REGION}
    args, region = settings(config)
    text = refused(direct, args.instance_inputs(region, "999"))
    hint = re.search(
        r"; choose another instanceName, or take it over: (.*?) \(in a program of your own", text
    )
    assert hint
    obey(config, [f"; {command}" for command in hint[1].split(" && ")])
    assert config["importId"] == found
    assert refusals(direct, *settings(config)) == []


def test_a_name_of_what_no_setting_gives_offers_no_import(world: World, direct: Direct) -> None:
    network = {"VpcId": "vpc-1", "VSwitchId": "v-1", "SecurityGroupId": "sg-1"}
    found = made(world, InstanceName="LLM_Finetune_01", UserVpc=network)
    text = refused(direct, world.inputs())
    assert f"it can't be taken over: userVpc of {found} can't be given by a setting" in text
    assert "importId" not in text


@pytest.mark.parametrize("owner_id", [None, "0123456789ab"], ids=["without an owner", "of an owner"])
def test_a_resource_renamed_without_an_alias_is_not_made_and_its_delete_is_refused(
    world: World, direct: Direct, owner_id: str | None
) -> None:
    stack = InstanceStack(direct)
    declared = world.inputs(ownerId=owner_id)
    assert stack.up(declared) is None
    assert stack.refresh() is None
    # The owner of a component that is renamed is a new one.
    renamed = world.inputs(ownerId=owner_id and "ba9876543210")
    text = refused(direct, renamed, RENAMED)
    assert stack.instance_id in text
    assert ALIAS in text
    assert "belongs to this stack, where another resource has it" in text
    # A provider that hasn't read what the state has goes by the labels.
    text = refused(Direct(world), renamed, RENAMED)
    assert stack.instance_id in text
    assert 'aliases=[pulumi.Alias(name="OLD_NAME")]' in text
    failure = stack.destroy()
    assert failure is not None
    assert (
        f"instance {stack.instance_id} is not deleted: another resource of this run was to have its name"
        in (failure.message)
    )
    assert ALIAS in failure.message
    assert [one.id for one in world.instances] == [stack.instance_id]
    # The next run, without the other resource.
    stack.plugin = Direct(world)
    assert stack.destroy() is None
    assert world.instances == []


def test_a_resource_with_another_parent_is_told_the_urn_that_the_state_has(
    world: World, direct: Direct
) -> None:
    """`pulumi state move` of a resource without its component moves it out of that, and it keeps its name."""
    stack = InstanceStack(direct)
    declared = world.inputs(ownerId="0123456789ab")
    assert stack.up(declared) is None
    assert stack.refresh() is None
    elsewhere = URN.replace(f"{COMPONENT}$", "")
    for owner_id in ("0123456789ab", "ba9876543210"):
        text = refused(direct, world.inputs(ownerId=owner_id), elsewhere)
        assert f"aliases=['{URN}']" in text
        assert f"pulumi state delete '{URN}'" in text
        assert "OLD_NAME" not in text


def test_a_clone_is_not_told_to_give_an_alias(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(ownerId="0123456789ab")) is None
    text = refused(Direct(world), world.inputs(ownerId="ba9876543210"))
    assert "in another state (owner 0123456789ab)" in text
    assert "aliases" not in text


def names_refused(direct: Direct, **arguments: Any) -> list[str]:
    asked = {"component": COMPONENT, "name": "renamed"}
    request = provider_pb2.InvokeRequest(tok="paidsw:index:checkName", args=encode(asked | arguments))
    problems: list[str] = decode(getattr(direct.call("Invoke", request), "return")).values["problems"]
    return problems


def test_a_component_that_was_renamed_is_refused_by_what_the_engine_has_read(
    world: World, direct: Direct
) -> None:
    assert names_refused(direct) == []
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    assert names_refused(direct) == []
    assert stack.refresh() is None
    world.calls.clear()
    [problem] = names_refused(direct)
    assert_clean(problem)
    assert "the notebook notebook of this stack may have become renamed in the program" in problem
    assert f"if its files can go: pulumi destroy --target '{URN}'" in problem
    assert f"which would delete instance {stack.instance_id} with all its files" in problem
    assert ALIAS in problem
    assert names_refused(direct, component="lab:index:Notebook") == []
    assert names_refused(direct, name="notebook") == []
    assert world.calls == []


@pytest.mark.parametrize(
    ("declared", "renamed"),
    [
        (["lab"], True),
        (["lab", "notebook"], True),
        (["notebook", "lab"], False),
        (["notebook", "lab", "third"], False),
        (["notebook"], False),
    ],
)
def test_a_new_component_is_beside_those_that_are_declared_before_it(
    world: World, direct: Direct, declared: list[str], renamed: bool
) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    assert stack.refresh() is None
    found = [names_refused(direct, name=name) for name in declared]
    assert any(found) is renamed
    if renamed:
        assert "if both are in the program, declare notebook before lab" in found[0][0]


def test_a_component_with_an_alias_is_the_old_one(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    assert stack.refresh() is None
    assert names_refused(direct, former=["notebook"]) == []
    assert names_refused(direct, name="another") == []


def as_recorded(direct: Direct, found: str) -> InstanceStack:
    """A stack as the engine leaves it after an import, whether it matched or not."""
    _, inputs, outputs = direct.read(f"{REGION}/{found}", {}, {})
    return InstanceStack(direct, found, inputs, outputs)


def test_what_an_import_recorded_is_not_deleted_before_an_up_agrees_with_it(
    world: World, direct: Direct
) -> None:
    found = made(world, InstanceName="LLM_Finetune_01")
    stack = as_recorded(direct, found)
    for _ in range(2):
        # The engine reads it before a destroy.
        assert stack.refresh() is None
        failure = stack.destroy()
        assert failure is not None
        assert_clean(failure.message)
        assert f"instance {found} was imported, and no pulumi up has agreed with it since" in failure.message
        assert f"forget it: pulumi state delete '{URN}'" in failure.message
    assert [(one.id, one.status) for one in world.instances] == [(found, "Running")]
    declared = NotebookArgs(workspace_id=world.workspace).instance_inputs(REGION, world.workspace)
    assert stack.up(declared) is None
    # As the engine records what has not changed.
    stack.inputs = declared
    assert stack.destroy() is None
    assert world.instances == []


def test_one_that_carries_this_stacks_labels_is_deleted_after_an_import(world: World, direct: Direct) -> None:
    lost = InstanceStack(direct)
    assert lost.up(world.inputs(ownerId=None)) is None
    stack = as_recorded(direct, lost.instance_id)
    assert stack.destroy() is None
    assert world.instances == []


def test_one_that_the_owner_has_claimed_is_deleted_after_an_import(world: World, direct: Direct) -> None:
    found = made(world, Labels=[{"Key": labels.OWNER, "Value": "0123456789ab"}])
    servicer: Any = direct.servicer
    servicer.ledger.owners.add("0123456789ab")  # as the Owner does
    stack = as_recorded(direct, found)
    assert stack.destroy() is None
    assert world.instances == []


def test_one_that_is_gone_needs_no_agreement(world: World, direct: Direct) -> None:
    found = made(world)
    stack = as_recorded(direct, found)
    world.console("DeleteInstance", found)
    world.cloud.advance(60)
    assert stack.destroy() is None


def test_an_import_in_the_place_of_what_the_state_has_is_refused(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    other = made(world, InstanceName="another")
    assert stack.refresh() is None
    with pytest.raises(Failure) as caught:
        direct.read(f"{REGION}/{other}", {}, {})
    assert_clean(caught.value.message)
    said = f"has instance {stack.instance_id} already: importing {other} in its place would delete all files"
    assert said in caught.value.message
    assert f"run pulumi destroy --target '{URN}' first" in caught.value.message
    # One that is given up, or going anyway, holds nothing back.
    Held(direct, OWNER_URN).up({"region": REGION, "replaceId": stack.instance_id})
    assert direct.read(f"{REGION}/{other}", {}, {})[0] == other
    world.console("DeleteInstance", stack.instance_id)
    later = Direct(world)
    assert InstanceStack(later, stack.instance_id, stack.inputs, stack.outputs).refresh() is None
    assert later.read(f"{REGION}/{other}", {}, {})[0] == other
