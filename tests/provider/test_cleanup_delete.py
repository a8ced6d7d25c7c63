"""The delete of a cleanup: nothing of its owner runs on, and no work is lost."""

from __future__ import annotations

import pytest

from paidsw.cloud import CloudError, NotSent
from paidsw.cloud.polling import Cancelled
from paidsw.core.messages import message
from paidsw.emulator.testing import Emulator
from paidsw.provider.instance import labels
from paidsw.provider.owner.unasked import next_step, reason
from tests.support.direct import Direct, DirectClock, World
from tests.support.owned import cleanup_of, finished, later, owner_of, unfinished
from tests.support.owners import CLEANUP_URN, OWNER_URN, Held
from tests.support.plugin import Failure, Plugin
from tests.support.samples import OWNER_ID, REGION, inputs

WAYS_OUT = (
    "keep it: pulumi config set importId {0}",
    f"dsw release {{0}} --region {REGION}",
    "if another stack has it by now, run pulumi up there; after that run pulumi destroy again",
)


@pytest.fixture
def cleanup(world: World) -> Held:
    return cleanup_of(world)


def refusal(held: Held) -> str:
    with pytest.raises(Failure) as caught:
        held.destroy()
    return caught.value.message


def test_nothing_left_is_nothing_to_do(world: World, cleanup: Held) -> None:
    cleanup.destroy()
    assert set(world.calls) == {"ListInstances"}


def test_what_never_finished_is_deleted(world: World, cleanup: Held) -> None:
    unfinished(world)
    assert len(world.instances) == 1
    cleanup.destroy()
    assert world.instances == []
    (said,) = [text for text in cleanup.plugin.engine.messages if "left by an interrupted create" in text]
    assert "pulumi refresh --clear-pending-creates" in said


def test_a_create_that_the_cloud_never_got_is_waited_for_and_no_more(world: World, cleanup: Held) -> None:
    unfinished(world, after=False)
    before = world.cloud.now()
    cleanup.destroy()
    assert 5 * 60_000 < world.cloud.now() - before < 16 * 60_000
    before = world.cloud.now()
    cleanup_of(world).destroy()
    assert world.cloud.now() == before


@pytest.mark.parametrize("reads", [1, 4, 8])
def test_what_a_list_shows_late_is_waited_for(world: World, cleanup: Held, reads: int) -> None:
    world.strike("stale", "CreateInstance", reads=reads)
    unfinished(world)
    cleanup.destroy()
    assert world.instances == []


@pytest.mark.parametrize("stopped", [False, True])
def test_what_may_hold_work_is_stopped_and_named(world: World, cleanup: Held, stopped: bool) -> None:
    left = finished(world, running=not stopped)
    said = refusal(cleanup)
    assert f"instance {left.id} named {left.name} belongs to this stack, whose state doesn't have it" in said
    for way in WAYS_OUT:
        assert way.format(left.id) in said
    assert [(one.id, one.status) for one in world.instances] == [(left.id, "Stopped")]
    assert world.billed() == []


def test_it_is_named_at_every_repeat_until_it_is_released(world: World, cleanup: Held) -> None:
    left = finished(world)
    assert left.id in refusal(cleanup)
    assert left.id in refusal(later(cleanup, world))
    world.console("DeleteInstance", left.id)
    later(cleanup, world).destroy()
    assert world.instances == []


def test_an_instance_without_the_label_of_its_create_may_hold_work(world: World, cleanup: Held) -> None:
    left = finished(world)
    del left.labels[labels.CREATE]
    assert left.id in refusal(cleanup)
    assert [one.status for one in world.instances] == ["Stopped"]


def test_what_is_being_deleted_is_waited_for(world: World, cleanup: Held) -> None:
    left = finished(world)
    world.console("DeleteInstance", left.id)
    assert [one.status for one in world.instances] == ["Deleting"]
    world.calls.clear()
    cleanup.destroy()
    assert world.instances == []
    assert "StopInstance" not in world.calls
    assert "DeleteInstance" not in world.calls


@pytest.mark.parametrize("mark", [{labels.OWNER: "b2"}, {labels.OWNER: ""}])
def test_what_isn_t_the_owner_s_is_left_alone(world: World, cleanup: Held, mark: dict[str, str]) -> None:
    other = finished(world)
    other.labels |= mark
    cleanup.destroy()
    assert [one.status for one in world.instances] == ["Running"]


def test_what_keeps_the_stack_s_own_workspace_is_named(world: World, cleanup: Held) -> None:
    other = finished(world, ownerId="ba9876543210")
    cleanup.destroy()
    assert not [text for text in cleanup.plugin.engine.messages if other.id in text]
    world.cloud.state.workspaces[world.workspace].description = f"Free-tier notebook, owner {OWNER_ID}"
    again = cleanup_of(world)
    again.destroy()
    [text] = again.plugin.engine.messages
    assert f"instance {other.id} named {other.name} isn't this stack's and is left alone" in text
    assert [one.status for one in world.instances] == ["Running"]


def test_another_workspace_is_left_alone(world: World) -> None:
    finished(world)
    cleanup_of(world, workspaceId="12345").destroy()
    assert [one.status for one in world.instances] == ["Running"]


def test_another_cleanup_of_the_same_scope_takes_its_place(world: World) -> None:
    """pulumi up --replace: the new one is created before the old one is deleted; --target-replace asks for no diff."""
    kept = cleanup_of(world)
    finished(world)
    old = Held(kept.plugin, kept.urn, kept.identifier, kept.inputs, kept.outputs)
    kept.identifier = ""
    kept.up(kept.inputs)
    old.destroy()
    assert [one.status for one in world.instances] == ["Running"]
    assert "named" in refusal(later(kept, world))


def test_what_the_state_has_is_left_to_the_engine(world: World, cleanup: Held) -> None:
    """The old cleanup of an interrupted replacement, which a later run deletes."""
    kept = finished(world)
    declared = world.inputs()
    cleanup.plugin.check(declared)
    cleanup.plugin.diff(declared, declared, identifier=f"{REGION}/{kept.id}")
    cleanup.destroy()
    assert [one.status for one in world.instances] == ["Running"]


def test_what_a_refresh_alone_has_seen_is_not(world: World, cleanup: Held) -> None:
    """The engine asks for differences before a destroy too, and a notebook with retainOnDelete it doesn't delete."""
    kept = finished(world)
    declared = world.inputs()
    cleanup.plugin.diff(declared, declared, identifier=f"{REGION}/{kept.id}")
    assert kept.id in refusal(cleanup)
    assert [one.status for one in world.instances] == ["Stopped"]


def test_what_the_run_has_created_is_left_to_the_engine(world: World, cleanup: Held) -> None:
    cleanup.plugin.create(world.inputs())
    old = Held(cleanup.plugin, cleanup.urn, cleanup.identifier, cleanup.inputs, cleanup.outputs)
    old.destroy()
    assert [one.status for one in world.instances] == ["Running"]


def test_what_the_run_could_not_finish_is_in_the_state_all_the_same(world: World, cleanup: Held) -> None:
    world.strike("permission", "UpdateInstanceLabels", times=0)
    with pytest.raises(Failure) as caught:
        cleanup.plugin.create(world.inputs())
    assert caught.value.resource_id
    cleanup.destroy()
    assert len(world.instances) == 1


def test_a_new_run_of_the_same_process_knows_nothing_of_the_last(world: World, cleanup: Held) -> None:
    cleanup.plugin.create(world.inputs())
    cleanup.plugin.configure({})
    cleanup.plugin.servicer.clock = DirectClock(world)  # type: ignore[attr-defined]  # a provider's
    assert "it is stopped" in refusal(cleanup)


@pytest.mark.parametrize("kind", ["permission", "credentials-expired", "http-500", "cut-before"])
def test_a_cloud_that_can_t_be_asked_is_an_error(world: World, cleanup: Held, kind: str) -> None:
    finished(world)
    world.strike(kind, "List*", times=0)
    said = refusal(cleanup)
    assert f"whether anything of this stack (owner {OWNER_ID}) is left in {REGION} can't be checked" in said
    assert "run pulumi destroy again; or, if nothing can be left there" in said
    assert f"pulumi state delete '{CLEANUP_URN}'" in said
    world.cloud.faults.clear()
    assert "it is stopped" in refusal(later(cleanup, world))


def test_a_cancel_says_that_it_isn_t_clear(world: World, cleanup: Held) -> None:
    finished(world)
    plugin = cleanup.plugin
    assert isinstance(plugin, Direct)
    plugin.cancel_in(0)
    assert "cancelled before it was clear whether anything of this stack is left" in refusal(cleanup)
    assert "it is stopped" in refusal(later(cleanup, world))


def test_a_stop_that_is_refused_is_said_loudly(world: World, cleanup: Held) -> None:
    left = finished(world)
    world.strike("permission", "StopInstance", times=0)
    said = refusal(cleanup)
    assert "AND IT COULD NOT BE STOPPED" in said
    assert left.id in said


def test_one_that_can_t_be_deleted_keeps_no_other_one_running(world: World, cleanup: Held) -> None:
    other = finished(world, instanceName="other", ownerId="b2")
    unfinished(world)
    other.labels[labels.OWNER] = OWNER_ID
    stays = next(one for one in world.instances if one.id != other.id)
    world.strike("permission", "DeleteInstance", times=0)
    said = refusal(cleanup)
    assert f"instance {stays.id} could not be deleted" in said
    assert f"instance {other.id} named other belongs to this stack" in said
    assert {one.status for one in world.instances} == {"Stopped"}


def test_a_workspace_that_is_gone_hides_nothing(world: World) -> None:
    cleanup_of(world, workspaceId="999").destroy()
    assert world.instances == []


def test_over_the_wire_as_the_engine_calls_it(plugin: Plugin, cloud: Emulator, workspace: str) -> None:
    owner, cleanup = Held(plugin, OWNER_URN), Held(plugin, CLEANUP_URN)
    owner.up({"region": REGION})
    cleanup.up({"region": REGION, "workspaceId": workspace, "ownerId": owner.identifier})
    plugin.create(inputs(workspaceId=workspace, ownerId=owner.identifier))
    plugin.configure({"emulator": cloud.url})
    assert "it is stopped, and its files are kept" in refusal(cleanup)
    (left,) = cloud.instances
    with pytest.raises(Failure, match="lives there"):
        owner.diff({"region": "cn-beijing"})
    plugin.delete(f"{REGION}/{left.id}", inputs(workspaceId=workspace, ownerId=owner.identifier))
    cleanup.destroy()
    owner.destroy()
    assert cloud.instances == []


def test_what_takes_too_long_is_said(world: World, cleanup: Held) -> None:
    left = finished(world)
    world.console("DeleteInstance", left.id)
    left.pending.clear()
    said = refusal(cleanup)
    assert (
        f"what this stack has left in {REGION} could not be ended in 1200 s; run pulumi destroy again" in said
    )


def test_a_list_that_goes_on_to_show_what_is_gone_is_said(world: World, cleanup: Held) -> None:
    left = finished(world)
    world.strike("not-found", "GetInstance", times=0)
    said = refusal(cleanup)
    assert f"instance {left.id}: a read says that it is gone, but the list still has it; run pulumi" in said
    assert "StopInstance" not in world.calls


def test_an_owner_looks_in_all_workspaces_of_its_region(world: World) -> None:
    owner = owner_of(world)
    left = finished(world)
    assert f"instance {left.id} named {left.name} belongs to this stack" in refusal(later(owner, world))
    assert [one.status for one in world.instances] == ["Stopped"]


def test_an_owner_that_may_not_see_all_workspaces_says_so(world: World) -> None:
    owner = later(owner_of(world), world)
    world.strike("permission", "ListInstances")
    owner.destroy()
    (said,) = owner.plugin.engine.messages
    assert (
        f"whether the owner {OWNER_ID} has anything left in workspaces of {REGION} that this user may not"
        in said
    )


@pytest.mark.parametrize("error", [NotSent("GetInstance", "no", advice="set it"), Cancelled()])
def test_the_next_step_is_the_error_s_own(error: CloudError | Cancelled) -> None:
    expected = "again" if isinstance(error, Cancelled) else "set it, then again"
    assert str(next_step(error, message("again"))) == expected
    assert str(reason(error))
