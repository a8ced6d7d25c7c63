"""A change of place: refused while it would delete files, whatever else changes with it."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.core.values import UNKNOWN
from tests.support.direct import World
from tests.support.owned import finished, later, owner_of, unfinished
from tests.support.owners import Held
from tests.support.plugin import Failure
from tests.support.samples import OWNER_ID, REGION

ELSEWHERE = "cn-beijing"
_SOME = provider_pb2.DiffResponse.DIFF_SOME
# What moves the notebooks of an owner in a workspace of the stack's own, and how that is said.
MOVES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"region": ELSEWHERE},
        f"alicloud:region changes from {REGION} to {ELSEWHERE}",
        f"pulumi config set alicloud:region {REGION}",
    ),
    ({"workspaceId": "7"}, "workspaceId changes from nothing to 7", "pulumi config rm workspaceId"),
    (
        {"workspaceName": "mine"},
        "workspaceName changes from nothing to mine",
        "pulumi config rm workspaceName",
    ),
    ({"ownerId": "b2"}, f"ownerId changes from {OWNER_ID} to b2", f"pulumi config set ownerId {OWNER_ID}"),
    (
        {"workspaceId": UNKNOWN},
        "workspaceId changes from nothing to a value that is not known yet",
        "pulumi config rm workspaceId",
    ),
]


@pytest.fixture
def owner(world: World) -> Held:
    return later(owner_of(world), world)


def refusal(owner: Held, **inputs: Any) -> str:
    """What the diff of a preview, or of an up without one, ends in."""
    with pytest.raises(Failure) as caught:
        owner.diff({**owner.inputs, **inputs})
    return caught.value.message


def replaces(owner: Held, **inputs: Any) -> list[str]:
    return list(owner.diff({**owner.inputs, **inputs}).replaces)


@pytest.mark.parametrize(("move", "said", "back"), MOVES)
def test_it_is_refused_while_a_notebook_lives_there(
    world: World, owner: Held, move: dict[str, Any], said: str, back: str
) -> None:
    left = finished(world)
    found = refusal(owner, **move)
    where = "belongs to the owner so far" if "ownerId" in move else "lives there"
    assert (
        f"{said}, and instance {left.id} named {left.name} (Running) {where}: that would delete it" in found
    )
    assert f"set it back: {back}, or, to give the files up: pulumi config set replaceId {left.id}" in found
    assert owner.diff(owner.inputs).changes != _SOME


@pytest.mark.parametrize(("move", "said", "back"), MOVES)
def test_it_is_free_where_nothing_lives(owner: Held, move: dict[str, Any], said: str, back: str) -> None:
    assert replaces(owner, **move) == list(move)


@pytest.mark.parametrize(("move", "said", "back"), MOVES)
def test_asked_for_in_words_it_says_what_goes(
    world: World, owner: Held, move: dict[str, Any], said: str, back: str
) -> None:
    left = finished(world)
    assert "would delete" in refusal(owner, **move, replaceId="dsw-another")
    assert replaces(owner, **move, replaceId=left.id) == list(move)
    expected = f"instance {left.id} is replaced, as replaceId says, and all its files are deleted"
    assert expected in owner.plugin.engine.messages


@pytest.mark.parametrize("status", ["Stopped", "Running"])
def test_in_every_status_it_has_files(world: World, owner: Held, status: str) -> None:
    finished(world, running=status == "Running")
    assert f"({status}) lives there" in refusal(owner, region=ELSEWHERE)


def test_one_that_is_being_deleted_holds_nothing_back(world: World, owner: Held) -> None:
    world.console("DeleteInstance", finished(world).id)
    assert replaces(owner, region=ELSEWHERE) == ["region"]


def test_another_owner_s_holds_nothing_back(world: World, owner: Held) -> None:
    finished(world, ownerId="b2")
    assert replaces(owner, region=ELSEWHERE) == ["region"]


def test_what_a_list_shows_late_is_waited_for(world: World, owner: Held) -> None:
    world.strike("stale", "CreateInstance", reads=6)
    unfinished(world)
    assert "lives there" in refusal(owner, region=ELSEWHERE)


def test_between_given_workspaces_the_old_one_is_named(world: World) -> None:
    owner = owner_of(world, workspaceId=world.workspace)
    left = finished(world)
    found = refusal(owner, workspaceId="7")
    assert f"workspaceId changes from {world.workspace} to 7" in found
    assert f"set it back: pulumi config set workspaceId {world.workspace}" in found
    with pytest.raises(Failure, match=r"workspaceId changes from \d+ to nothing"):
        owner.diff({"region": REGION, "ownerId": OWNER_ID})
    assert left.id in found


@pytest.mark.parametrize("kind", ["permission", "http-500", "cut-before", "credentials-expired"])
def test_a_cloud_that_can_t_be_asked_is_a_refusal(owner: Held, world: World, kind: str) -> None:
    world.strike(kind, "List*", times=0)
    found = refusal(owner, region=ELSEWHERE)
    assert (
        "alicloud:region can't change, since it can't be checked whether that would delete an instance"
        in found
    )


def test_a_cancel_is_a_refusal(owner: Held) -> None:
    owner.plugin.cancel()
    assert "that was cancelled" in refusal(owner, region=ELSEWHERE)


def test_nothing_is_asked_where_nothing_moves(world: World, owner: Held) -> None:
    world.calls.clear()
    assert owner.diff({**owner.inputs, "replaceId": "dsw-1"}).changes != _SOME
    assert world.calls == []


def test_ids_that_are_not_known_yet_allow_nothing_and_take_nothing_over(world: World, owner: Held) -> None:
    left = finished(world)
    assert list(owner.diff({**owner.inputs, "importId": UNKNOWN}).replaces) == []
    found = refusal(owner, region=ELSEWHERE, importId=UNKNOWN, replaceId=UNKNOWN)
    assert f"instance {left.id} named {left.name} (Running) lives there" in found
    owner.preview({**owner.inputs, "importId": UNKNOWN, "replaceId": UNKNOWN})


def test_its_own_workspace_can_t_be_given_to_it(world: World, owner: Held) -> None:
    """The program would no longer make it, so the engine would delete it."""
    own = world.cloud.state.workspaces[world.workspace]
    left = finished(world)
    for given in ({}, {"replaceId": left.id}):
        found = refusal(owner, workspaceId=world.workspace, **given)
        assert f"workspaceId is {world.workspace}, the workspace that the stack makes itself" in found
        assert "remove it: pulumi config rm workspaceId" in found
    world.console("DeleteInstance", left.id)
    world.cloud.advance(600)
    assert replaces(owner, workspaceId=world.workspace) == ["workspaceId"]
    own.name = owner.outputs["workspaceName"]
    assert "the workspace that the stack makes itself" in refusal(owner, workspaceId=world.workspace)


def test_only_one_that_took_another_s_place_may_have_a_workspace_too_many(world: World) -> None:
    left = finished(world)
    took = refusal(owner_of(world), workspaceId=left.workspace_id)
    assert "pulumi state delete URN --target-dependents" in took
    drawn = owner_of(world, ownerId=None)
    named = world.cloud.state.workspaces[world.workspace]
    named.description = f"Free-tier notebook, owner {drawn.outputs['ownerId']}"
    found = refusal(drawn, workspaceId=named.id)
    assert found.endswith("remove it: pulumi config rm workspaceId")


def test_what_a_workspace_is_called_does_not_make_it_the_stack_s_own(world: World) -> None:
    owner = owner_of(world, workspaceName="mine")
    named = world.cloud.state.workspaces[world.workspace]
    named.name = "mine"
    assert replaces(owner, workspaceId=named.id) == ["workspaceId"]
    named.description = f"Free-tier notebook, owner {owner.outputs['ownerId']}"
    assert "the workspace that the stack makes itself" in refusal(owner, workspaceId=named.id)


def test_a_name_that_is_not_chosen_any_more_is_kept(world: World) -> None:
    owner = later(owner_of(world, workspaceName="mine"), world)
    left = finished(world)
    owner_id, chosen = owner.identifier, owner.inputs
    unnamed = {name: value for name, value in chosen.items() if name != "workspaceName"}
    for declared in (unnamed, {**unnamed, "importId": left.id}, chosen, unnamed):
        assert owner.preview(declared)["workspaceName"] == "mine"
        owner.up(declared)
        owner.refresh()
        assert (owner.identifier, owner.outputs["workspaceName"]) == (owner_id, "mine")
    assert "workspaceName changes from nothing to another" in refusal(owner, workspaceName="another")


def test_the_name_that_it_has_may_be_chosen(world: World, owner: Held) -> None:
    finished(world)
    assert owner.diff({**owner.inputs, "workspaceName": owner.outputs["workspaceName"]}).changes != _SOME


def test_after_a_move_the_workspace_has_a_free_name(world: World) -> None:
    owner = owner_of(world, ownerId=None)
    names = {owner.outputs["workspaceName"]}
    for region in (ELSEWHERE, REGION, ELSEWHERE):
        owner.up({"region": region})
        names.add(owner.outputs["workspaceName"])
    assert len(names) == 4


def test_the_last_look_of_the_old_owner_stops_what_no_state_knows(world: World, owner: Held) -> None:
    """Moved in words, but the instance was not in the state that moved."""
    left = finished(world)
    with pytest.raises(Failure, match="it is stopped, and its files are kept"):
        owner.up({**owner.inputs, "region": ELSEWHERE, "ownerId": "b2", "replaceId": left.id})
    assert [one.status for one in world.instances] == ["Stopped"]


def test_what_the_state_has_survives_the_old_owner(world: World, owner: Held) -> None:
    """The engine renews its labels: a list may still show the old ones."""
    kept = finished(world)
    declared = world.inputs()
    owner.plugin.check(declared)
    owner.plugin.diff(declared, declared, identifier=f"{REGION}/{kept.id}")
    owner.up({**owner.inputs, "region": ELSEWHERE, "ownerId": "b2", "replaceId": kept.id})
    assert [one.status for one in world.instances] == ["Running"]


@pytest.mark.parametrize("is_finished", [True, False])
def test_an_owner_that_is_replaced_in_its_place_stops_nothing(
    world: World, owner: Held, is_finished: bool
) -> None:
    """pulumi up --target-replace: nothing else of the stack is looked at."""
    (finished if is_finished else unfinished)(world)
    old = Held(owner.plugin, owner.urn, owner.identifier, owner.inputs, owner.outputs)
    Held(owner.plugin, owner.urn).up({"region": REGION})
    old.destroy()
    assert [one.status for one in world.instances] == (["Running"] if is_finished else [])
    said = "still carries the id of the owner that was replaced" in owner.plugin.engine.messages[-1]
    assert said is is_finished
