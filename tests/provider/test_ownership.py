"""Whose an instance is that a create finds: two states on one account, and all that they have in common."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.provider.instance import labels
from tests.support.clones import (
    ELSEWHERE,
    RENAMED,
    THEIRS,
    Clone,
    calls_before_the_create,
    created,
    refusal,
    relabel,
)
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, differences
from tests.support.plugin import Failure
from tests.support.samples import OWNER_ID, REGION

# --- create ---


def test_a_create_is_labelled_unfinished_until_its_last_step(world: World, mine: Clone) -> None:
    at = calls_before_the_create()
    mine.killed(at)
    (left,) = world.instances
    assert (left.labels[labels.OWNER], left.labels[labels.CREATE]) == (OWNER_ID, labels.UNFINISHED)
    assert mine.up() is None
    (found,) = world.instances
    assert found.labels[labels.CREATE] == labels.FINISHED
    assert "was left by an interrupted run; it is taken over" in mine.said
    assert "pulumi refresh --clear-pending-creates" in mine.said
    assert created(world) == 1


def test_what_a_state_lost_is_taken_back_and_not_called_interrupted(world: World, mine: Clone) -> None:
    assert mine.up() is None
    [lost] = world.instances
    mine.stack = InstanceStack(Direct(world))
    assert mine.up() is None
    assert mine.stack.instance_id == lost.id
    assert (
        f"instance {lost.id} named {lost.name} belongs to this stack, whose state doesn't have it"
        in mine.said
    )
    assert "interrupted run" not in mine.said
    assert created(world) == 1


def test_a_clone_takes_over_nothing_and_deletes_nothing(world: World, mine: Clone, theirs: Clone) -> None:
    assert mine.up() is None
    made = mine.stack.instance_id
    text = refusal(theirs.up())
    assert f"({made}, Running) and belongs to a resource of the stack 'dev' of the project" in text
    assert f"in another state (owner {OWNER_ID})" in text
    assert theirs.stack.destroy() is None
    # The first way out: another name. Both live, each its own.
    assert theirs.up(instanceName="second") is None
    assert theirs.stack.instance_id != made
    assert theirs.stack.destroy() is None
    assert [one.id for one in world.instances] == [made]
    # The second: destroyed there.
    assert mine.stack.destroy() is None
    assert theirs.up() is None


def test_the_place_of_a_state_that_is_lost_is_taken_by_its_owners_id(
    world: World, mine: Clone, theirs: Clone
) -> None:
    assert mine.up() is None
    made = mine.stack.instance_id
    assert f"ownerId {OWNER_ID}" in refusal(theirs.up())
    theirs.owner_id = OWNER_ID
    assert theirs.up() is None
    assert theirs.stack.instance_id == made
    assert created(world) == 1


def test_what_a_clone_left_half_made_is_left_alone(world: World, mine: Clone, theirs: Clone) -> None:
    mine.killed(calls_before_the_create())
    assert f"(owner {OWNER_ID})" in refusal(theirs.up())
    # It runs without a timer, and might use up what the other would.
    assert "runs without a shutdown timer" in refusal(theirs.up(instanceName="second"))
    assert mine.up() is None
    assert theirs.up(instanceName="second") is None
    assert len(world.instances) == 2
    assert created(world) == 2


def test_a_preview_says_what_a_create_would_say(world: World, mine: Clone, theirs: Clone) -> None:
    assert mine.up() is None
    run = refusal(theirs.up())
    world.calls.clear()
    with pytest.raises(Failure) as caught:
        theirs.stack.plugin.create(theirs.declared(), preview=True)
    assert caught.value.message == run
    assert not [name for name in world.calls if not name.startswith(("Get", "List"))]


def test_what_an_earlier_version_left_is_named_and_not_taken_over(world: World, mine: Clone) -> None:
    mine.killed(calls_before_the_create())
    (left,) = world.instances
    relabel(world, owner=None, create=None)
    text = refusal(mine.up())
    assert "an earlier version made it, for this stack or for another one of its name" in text
    assert f"importId {left.id}" in text
    assert f"dsw release {left.id} --region {REGION}" in text
    world.console("DeleteInstance", left.id)
    assert mine.up() is None


@pytest.mark.parametrize("name", ["LLM_Finetune_01", "renamed"])
def test_what_the_owner_has_under_another_urn_is_named(world: World, mine: Clone, name: str) -> None:
    mine.killed(calls_before_the_create())
    (left,) = world.instances
    relabel(world, urn=labels.fingerprint(ELSEWHERE), stack="prod")
    text = refusal(mine.up(instanceName=name))
    assert f"instance {left.id} named LLM_Finetune_01" in text
    assert "belongs to the same owner already, made by a resource of the stack 'prod'" in text
    assert f"so release it: dsw release {left.id} --region {REGION}" in text
    assert created(world) == 1
    world.console("DeleteInstance", left.id)
    assert mine.up(instanceName=name) is None


def test_a_resource_that_was_renamed_is_told_about_aliases(world: World, mine: Clone) -> None:
    assert mine.up() is None
    with pytest.raises(Failure) as caught:
        mine.stack.plugin.create(mine.declared(), urn=RENAMED)
    assert "with its old name as an alias: aliases=[pulumi.Alias(name=" in caught.value.message
    # With the alias the state keeps it.
    assert mine.up() is None
    assert created(world) == 1


def test_another_resource_of_the_same_owner_is_not_in_the_way(world: World, mine: Clone) -> None:
    assert mine.up() is None
    made, _ = mine.stack.plugin.create(mine.declared(instanceName="second"), urn=RENAMED)
    assert {one.id for one in world.instances} == {mine.stack.instance_id, made}


def test_what_was_left_in_another_workspace_is_named(world: World, mine: Clone) -> None:
    mine.killed(calls_before_the_create())
    (left,) = world.instances
    home, left.workspace_id = left.workspace_id, "4711"
    world.cloud.commit()
    text = refusal(mine.up())
    assert f"is in the workspace 4711 and not in {home}" in text
    assert f"dsw release {left.id}" in text
    assert created(world) == 1


def test_a_program_without_an_owner_takes_nothing_over(world: World, program: Clone) -> None:
    program.killed(calls_before_the_create())
    (left,) = world.instances
    text = refusal(program.up())
    assert f"instance {left.id} named LLM_Finetune_01" in text
    assert f"dsw release {left.id} --region {REGION}" in text
    assert created(world) == 1
    world.console("DeleteInstance", left.id)
    assert program.up() is None
    assert differences(world, program.declared()) == []


def test_a_program_that_is_given_an_owner_is_not_stopped_by_its_clone(world: World, program: Clone) -> None:
    assert Clone(world, None).up() is None
    text = refusal(program.up(instanceName="second"))
    assert "if another stack made it, give this one an owner (ownerId" in text
    program.owner_id = THEIRS
    assert program.up(instanceName="second") is None
    assert len(world.instances) == 2


# --- a create that nobody heard of again ---


@pytest.mark.parametrize("lag", [30, 300, 800])
@pytest.mark.parametrize("changes", [{}, {"instanceName": "renamed"}])
def test_a_lost_reply_and_a_list_that_lags_lead_to_no_second_create(
    world: World, mine: Clone, lag: int, changes: dict[str, Any]
) -> None:
    world.strike("cut-after", "CreateInstance")
    world.strike("stale", "CreateInstance", seconds=lag)
    failure = mine.up()
    if lag > 60:
        assert "if it appears later, that takes it over" in refusal(failure)
        mine.again()
    assert mine.up(**changes) is None
    assert created(world) == 1
    assert differences(world, mine.declared(**changes)) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("lists_only", [False, True])
def test_a_killed_create_and_a_list_that_lags_lead_to_no_second_one(
    world: World, mine: Clone, *, after: bool, lists_only: bool
) -> None:
    """With `after` the kill comes at the next call, when the cloud had answered with the id."""
    world.strike("unlisted" if lists_only else "stale", "CreateInstance", seconds=800)
    at = calls_before_the_create()
    mine.killed(at + 1 if after else at, after=not after)
    began = world.cloud.now()
    assert mine.up(instanceName="renamed") is None
    assert created(world) == 1
    assert "may have created an instance that isn't listed yet" in mine.said or (after and lists_only)
    if after and lists_only:
        assert world.cloud.now() - began < 300_000  # found by its id, not waited for


def test_a_create_that_never_reached_the_cloud_is_waited_for_and_then_made(world: World, mine: Clone) -> None:
    mine.killed(calls_before_the_create(), after=False)
    assert world.instances == []
    began = world.cloud.now()
    assert mine.up() is None
    assert 600_000 < world.cloud.now() - began < 1_500_000
    assert len(world.instances) == 1
    assert mine.stack.destroy() is None
    # Nothing is noted any more.
    began = world.cloud.now()
    assert mine.up() is None
    assert world.cloud.now() - began < 300_000


def test_a_cancel_of_that_wait_says_so(world: World, mine: Clone) -> None:
    mine.killed(calls_before_the_create(), after=False)
    assert isinstance(mine.stack.plugin, Direct)
    mine.stack.plugin.cancel_in(3)
    text = refusal(mine.up())
    assert "cancelled while looking for an instance named LLM_Finetune_01" in text
    assert "run pulumi up again" in text


@pytest.mark.parametrize("kind", ["validation", "permission", "throttling"])
def test_a_refused_create_is_not_waited_for(world: World, mine: Clone, kind: str) -> None:
    world.strike(kind, "CreateInstance")
    assert mine.up() is not None
    began = world.cloud.now()
    assert mine.up() is None
    assert world.cloud.now() - began < 300_000


def test_a_failed_create_whose_id_the_engine_lost_is_found_by_it(world: World, mine: Clone) -> None:
    world.strike("unlisted", "CreateInstance", seconds=800)
    world.strike("failed", "CreateInstance", code="InternalError", message="odd")
    assert mine.up() is not None
    mine.stack = InstanceStack(Direct(world))
    assert mine.up() is None
    assert created(world) == 1


def test_clones_on_one_machine_wait_for_nothing_of_each_other(
    world: World, mine: Clone, theirs: Clone
) -> None:
    mine.killed(calls_before_the_create(), after=False)
    began = world.cloud.now()
    assert theirs.up() is None
    assert world.cloud.now() - began < 300_000
