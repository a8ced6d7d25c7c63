"""An instance that a state has, and whose it is: read, updated, replaced and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.core.values import UNKNOWN
from paidsw.provider.instance import labels
from tests.support.clones import (
    ELSEWHERE,
    THEIRS,
    Clone,
    calls_before_the_create,
    refusal,
    relabel,
)
from tests.support.direct import FAST, LOOP, Direct, DirectClient, World
from tests.support.instance_stack import InstanceStack, differences
from tests.support.plugin import URN, Failure
from tests.support.samples import IMAGE, OWNER_ID, REGION

# --- read, update ---


def test_what_another_owner_took_is_said_at_once_and_left_alone(world: World, mine: Clone) -> None:
    assert mine.up() is None
    relabel(world, owner=THEIRS)
    world.calls.clear()
    for run in (mine.stack.refresh, mine.up, mine.stack.destroy):
        text = refusal(run())
        assert f"instance {mine.stack.instance_id} " in text
        assert f"(owner {THEIRS})" in text
        assert f"pulumi state delete '{URN}'" in text
    assert not [name for name in world.calls if not name.startswith(("Get", "List"))]
    # The way out: this state forgets it, and makes another one.
    mine.stack = InstanceStack(Direct(world))
    assert mine.up(instanceName="second") is None
    assert len(world.instances) == 2


def test_an_owner_of_this_stack_is_known_by_its_name(world: World, mine: Clone) -> None:
    """A run that was killed after it labelled an instance of an earlier version, and before its state had the owner."""
    assert mine.up() is None
    mine.stack.inputs.pop("ownerId")
    mine.stack.outputs.pop("ownerId")
    assert f"(owner {OWNER_ID})" in refusal(mine.stack.refresh())
    assert isinstance(mine.stack.plugin, Direct)
    mine.stack.plugin.ledger.owners.add(OWNER_ID)
    assert mine.up() is None
    assert mine.stack.destroy() is None
    assert world.instances == []


def test_a_state_of_an_earlier_version_has_its_instance(world: World, mine: Clone, theirs: Clone) -> None:
    """Neither its labels nor its state name an owner."""
    assert mine.up() is None
    relabel(world, owner=None, create=None)
    for kept in (mine.stack.inputs, mine.stack.outputs):
        kept.pop("ownerId")
    assert mine.stack.refresh() is None
    assert mine.stack.reasons == []
    before = world.instances[0].phases
    world.calls.clear()
    assert mine.up() is None
    assert {name for name in world.calls if not name.startswith(("Get", "List"))} == {"UpdateInstanceLabels"}
    assert world.instances[0].phases == before
    marks = world.instances[0].labels
    assert (marks[labels.OWNER], marks[labels.CREATE]) == (OWNER_ID, labels.FINISHED)
    assert mine.up() is None
    assert refusal(theirs.up())
    assert mine.stack.destroy() is None


def test_one_of_an_earlier_version_is_destroyed_without_an_update(world: World, mine: Clone) -> None:
    assert mine.up() is None
    relabel(world, owner=None, create=None)
    for kept in (mine.stack.inputs, mine.stack.outputs):
        kept.pop("ownerId")
    assert mine.stack.destroy() is None
    assert world.instances == []


def test_after_a_rename_of_the_stack_it_is_relabelled_by_the_next_run(world: World, mine: Clone) -> None:
    assert mine.up() is None
    relabel(world, urn=labels.fingerprint(ELSEWHERE), stack="prod")
    assert mine.stack.refresh() is None
    assert mine.stack.reasons == [
        f"instance {mine.stack.instance_id} still has the labels of a resource of the stack 'prod' of the project "
        "'dsw-free-tier'; pulumi up renews them"
    ]
    # A new stack of the old name finds another owner's.
    newcomer = Clone(world, THEIRS)
    with pytest.raises(Failure, match="exists already"):
        newcomer.stack.plugin.create(newcomer.declared(), urn=ELSEWHERE)
    world.calls.clear()
    assert mine.up() is None
    assert {name for name in world.calls if not name.startswith(("Get", "List"))} == {"UpdateInstanceLabels"}
    assert differences(world, mine.declared()) == []
    assert mine.stack.refresh() is None
    assert mine.stack.reasons == []


@pytest.mark.parametrize("lost", ["owner", "urn"])
def test_a_label_that_somebody_took_off_is_put_back(world: World, mine: Clone, lost: str) -> None:
    assert mine.up() is None
    relabel(world, **{lost: None})
    assert mine.stack.refresh() is None
    assert "has lost this stack's labels" in mine.stack.reasons[0]
    assert mine.up() is None
    assert differences(world, mine.declared()) == []
    assert labels.owner_id(world.instances[0].labels) == OWNER_ID


def test_an_unfinished_create_that_came_up_by_itself_is_finished_by_the_next_run(
    world: World, mine: Clone
) -> None:
    world.strike("permission", "UpdateInstanceLabels", times=0)
    assert "run pulumi up to resume" in refusal(mine.up())
    assert world.instances[0].labels[labels.CREATE] == labels.UNFINISHED
    world.cloud.faults.clear()
    assert mine.stack.refresh() is None
    assert "still labelled as one whose create never finished" in mine.stack.reasons[0]
    assert mine.up() is None
    assert world.instances[0].labels[labels.CREATE] == labels.FINISHED
    assert mine.stack.refresh() is None
    assert mine.stack.reasons == []


def test_an_instance_without_an_owner_loses_the_label(world: World, mine: Clone) -> None:
    assert mine.up() is None
    mine.owner_id = None
    assert mine.up() is None
    assert labels.OWNER not in world.instances[0].labels
    assert mine.up() is None


# --- an instance that is being deleted ---


def test_one_that_is_being_deleted_stays_in_the_state(world: World, mine: Clone) -> None:
    world.cloud.state.settings.durations = {**FAST, "Deleting": 90}
    assert mine.up() is None
    first = mine.stack.instance_id
    world.console("DeleteInstance", first)
    assert mine.stack.refresh() is None
    assert (mine.stack.instance_id, mine.stack.outputs["status"]) == (first, "Deleting")
    assert mine.stack.inputs == mine.declared()
    difference = mine.stack.plugin.diff(mine.stack.inputs, mine.declared(), mine.stack.outputs)
    assert (list(difference.replaces), difference.deleteBeforeReplace) == (["status"], True)
    # A destroy ends only when it is gone, and says nothing of files that it didn't delete.
    assert mine.stack.destroy() is None
    assert world.instances == []
    assert "is deleted with all files" not in mine.said


def test_it_is_replaced_even_where_the_place_changes(world: World, mine: Clone) -> None:
    assert mine.up() is None
    world.console("DeleteInstance", mine.stack.instance_id)
    assert mine.stack.refresh() is None
    difference = mine.stack.plugin.diff(
        mine.stack.inputs, mine.declared() | {"region": "cn-beijing"}, mine.stack.outputs
    )
    assert set(difference.replaces) == {"status", "region"}


# --- replacement ---


@pytest.mark.parametrize(("name", "value"), [("region", "cn-beijing"), ("workspaceId", "4711")])
def test_what_lives_is_replaced_only_where_its_id_is_named(
    world: World, mine: Clone, name: str, value: str
) -> None:
    assert mine.up() is None
    made, before = mine.stack.instance_id, mine.declared()[name]

    def differs(**more: Any) -> list[str]:
        new = {**mine.declared(), name: value, **more}
        return list(mine.stack.plugin.diff(mine.stack.inputs, new, mine.stack.outputs).replaces)

    for more in ({}, {"replaceId": "dsw-another"}):
        with pytest.raises(Failure) as caught:
            differs(**more)
        assert caught.value.message == (
            f"{name} changes from {before} to {value}: that would replace instance {made} and delete all its files; "
            f"set it back, or, to give the files up: pulumi config set replaceId {made} (in a program of your own the "
            "input replaceId)"
        )
    elsewhere = {
        "region": "cn-beijing",
        "workspaceId": world.cloud.default_workspace("cn-beijing").id,
        "imageUrl": IMAGE.replace(REGION, "cn-beijing"),
    }
    assert differs(replaceId=made, **elsewhere) == ["region", "workspaceId"]
    assert (
        mine.said.count(f"instance {made} is replaced, as replaceId says, and all its files are deleted") == 1
    )
    # Set back it is no change, nor is the permission by itself.
    assert mine.up(replaceId=made) is None
    assert mine.up() is None
    assert [one.id for one in world.instances] == [made]


def test_a_place_that_is_not_known_yet_is_not_refused_but_said(world: World, mine: Clone) -> None:
    assert mine.up() is None
    new = {**mine.declared(), "workspaceId": UNKNOWN}
    shown = mine.stack.plugin.diff(mine.stack.inputs, new, mine.stack.outputs)
    assert list(shown.replaces) == ["workspaceId"]
    assert "workspaceId is not known yet; if it differs, pulumi up refuses to replace instance" in mine.said


def test_an_import_is_not_followed_by_a_replacement(world: World, mine: Clone) -> None:
    """The engine records an import before it compares it."""
    assert mine.up() is None
    relabel(world, **dict.fromkeys(("owner", "urn", "project", "stack", "create")))
    made = mine.stack.instance_id
    _, seen, state = mine.stack.plugin.read(f"{REGION}/{made}", {}, {})
    with pytest.raises(Failure, match="that would replace instance"):
        mine.stack.plugin.diff(seen, {**mine.declared(), "workspaceId": "4711"}, state)
    assert mine.stack.plugin.diff(seen, mine.declared(), state).replaces == []


# --- delete ---


def test_a_delete_asks_whose_it_is_or_deletes_nothing(world: World, mine: Clone) -> None:
    assert mine.up() is None
    world.strike("permission", "GetInstance", times=0)
    world.calls.clear()
    text = refusal(mine.stack.destroy())
    assert "is not deleted, since it could not be read whose it is" in text
    assert "DeleteInstance" not in world.calls
    world.cloud.faults.clear()
    assert mine.stack.destroy() is None


def test_a_delete_that_fails_does_not_say_that_the_files_are_deleted(world: World, mine: Clone) -> None:
    assert mine.up() is None
    made = mine.stack.instance_id
    world.strike("permission", "DeleteInstance", times=0)
    world.strike("permission", "StopInstance", times=0)
    assert "it still exists" in refusal(mine.stack.destroy())
    assert "is deleted" not in mine.said
    world.cloud.faults.clear()
    assert mine.stack.destroy() is None
    assert (
        f"instance {made} is deleted with all files on its disk (100Gi); nothing of it is saved" in mine.said
    )


def test_the_owner_is_seen_by_the_client(world: World, mine: Clone) -> None:
    assert mine.up() is None
    seen = LOOP.run_until_complete(DirectClient(world, REGION).get_instance(mine.stack.instance_id))
    assert labels.owner_id(seen.labels) == OWNER_ID


def test_a_command_asks_the_cloud_that_the_instance_is_in(world: World, mine: Clone) -> None:
    mine.killed(calls_before_the_create())
    (left,) = world.instances
    relabel(world, urn=labels.fingerprint(ELSEWHERE))
    # What the tests' clients call their emulator.
    where = f"--region {REGION} --emulator-url http://127.0.0.1:9"
    assert refusal(mine.up()).endswith(f"dsw release {left.id} {where}")
