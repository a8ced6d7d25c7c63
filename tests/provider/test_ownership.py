"""Whose an instance is: two states on one account, whatever their project, stack and names have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from paidsw.core.values import UNKNOWN
from paidsw.provider.instance import labels
from tests.support.direct import FAST, LOOP, Crash, Direct, DirectClient, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import URN, Failure
from tests.support.samples import IMAGE, OWNER_ID, REGION

THEIRS = "ba9876543210"
ELSEWHERE = URN.replace(":dev::", ":prod::")
RENAMED = URN.replace("::notebook", "::other")


@dataclass
class Clone:
    """A clone of the program, with a state and so an owner of its own, and the same project, stack and names."""

    world: World
    owner_id: str | None

    def __post_init__(self) -> None:
        self.stack = InstanceStack(Direct(self.world))

    def declared(self, **changes: Any) -> dict[str, Any]:
        return self.world.inputs(ownerId=self.owner_id, **changes)

    def up(self, **changes: Any) -> Failure | None:
        return self.stack.up(self.declared(**changes))

    def killed(self, calls: int, *, after: bool = True, **changes: Any) -> None:
        """A run that dies at a call; the next one is another process."""
        plugin = self.stack.plugin
        assert isinstance(plugin, Direct)
        plugin.crash_in(calls, after=after)
        with pytest.raises(Crash):
            self.up(**changes)
        self.again()

    def again(self) -> None:
        self.world.before = self.world.after = None
        self.stack.plugin = Direct(self.world)

    @property
    def said(self) -> str:
        return " ".join(self.stack.plugin.engine.messages)


@pytest.fixture
def mine(world: World) -> Clone:
    return Clone(world, OWNER_ID)


@pytest.fixture
def theirs(world: World) -> Clone:
    return Clone(world, THEIRS)


@pytest.fixture
def program(world: World) -> Clone:
    """A program of somebody's own, without an owner."""
    return Clone(world, None)


def refusal(failure: Failure | None) -> str:
    assert failure is not None
    assert_clean(failure.message)
    return failure.message


def created(world: World) -> int:
    return world.calls.count("CreateInstance")


@cache
def calls_before_the_create() -> int:
    other = World()
    Clone(other, OWNER_ID).up()
    return other.calls.index("CreateInstance")


def relabel(world: World, **marks: str | None) -> None:
    (found,) = world.cloud.state.instances.values()
    for name, value in marks.items():
        key = f"{labels.PREFIX}{name}"
        found.labels.pop(key, None)
        if value is not None:
            found.labels[key] = value
    world.cloud.commit()


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
    assert "may have created an instance named LLM_Finetune_01" in mine.said or (after and lists_only)
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
    assert f"instance {made} is replaced, as replaceId says, and all its files are deleted" in mine.said
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
