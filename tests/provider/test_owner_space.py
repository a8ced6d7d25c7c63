"""The end of an owner whose workspace was asked for and never became known: the reply to its create was lost."""

from __future__ import annotations

import pytest

from tests.support.direct import LOOP, Direct, DirectWorkspaces, World
from tests.support.owned import cleanup_of, later, owner_of
from tests.support.owners import Held
from tests.support.plugin import Failure
from tests.support.samples import OWNER_ID, REGION

NAME = f"free_tier_{OWNER_ID}"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def owner(world: World) -> Held:
    return later(owner_of(world), world)


def lost(world: World, name: str = NAME, description: str = "d") -> str:
    """A workspace that no state has; its id."""
    body = {"WorkspaceName": name, "Description": description, "EnvTypes": ["prod"]}
    return LOOP.run_until_complete(DirectWorkspaces(world, REGION).create_workspace(body))


def there(world: World, workspace_id: str) -> bool:
    return workspace_id in world.cloud.state.workspaces


def test_it_goes_with_its_owner(world: World, owner: Held) -> None:
    workspace_id = lost(world)
    owner.destroy()
    assert not there(world, workspace_id)
    assert f"workspace {workspace_id} named {NAME} was left" in owner.plugin.engine.messages[-1]


def test_a_lost_reply_to_its_delete_is_made_up_for(world: World, owner: Held) -> None:
    workspace_id = lost(world)
    world.strike("throttling", "DeleteWorkspace")
    owner.destroy()
    assert not there(world, workspace_id)


def test_one_that_the_state_had_is_the_engine_s(world: World, owner: Held) -> None:
    workspace_id = lost(world)
    cleanup = cleanup_of(world, workspaceId=workspace_id)
    cleanup.destroy()
    owner.plugin = cleanup.plugin
    owner.destroy()
    assert there(world, workspace_id)


def test_a_name_that_was_chosen_may_be_anybody_s(world: World) -> None:
    workspace_id = lost(world, "chosen_name")
    owner = later(owner_of(world, workspaceName="chosen_name"), world)
    owner.destroy()
    assert there(world, workspace_id)


def test_one_of_a_chosen_name_is_known_by_its_description(world: World) -> None:
    workspace_id = lost(world, "chosen_name", f"Free-tier notebook, owner {OWNER_ID}")
    owner = later(owner_of(world, workspaceName="chosen_name"), world)
    owner.destroy()
    assert not there(world, workspace_id)


def test_a_replaced_owner_leaves_it_to_the_new_one(world: World, owner: Held) -> None:
    """The workspace keeps its name, which the old owner's id is in."""
    workspace_id = lost(world)
    Held(owner.plugin, owner.urn).up({"region": REGION})
    owner.destroy()
    assert there(world, workspace_id)


def test_one_that_can_t_be_deleted_keeps_the_owner(world: World, owner: Held) -> None:
    workspace_id = lost(world)
    world.strike("permission", "DeleteWorkspace", times=0)
    with pytest.raises(Failure) as caught:
        owner.destroy()
    assert f"workspace {workspace_id} named {NAME}" in caught.value.message
    assert f"pulumi state delete '{owner.urn}'" in caught.value.message
    world.cloud.faults.clear()
    owner.destroy()
    assert not there(world, workspace_id)


def test_a_list_that_can_t_be_seen_is_said_and_costs_nothing(world: World, owner: Held) -> None:
    world.strike("permission", "ListWorkspaces", times=0)
    owner.destroy()
    assert f"a workspace named {NAME} in {REGION} could not be checked" in owner.plugin.engine.messages[-1]


def test_the_ones_of_other_owners_are_left_alone(world: World, owner: Held) -> None:
    workspace_id = lost(world, f"{NAME}b")
    owner.destroy()
    assert there(world, workspace_id)
    assert Direct(world).engine.messages == []
