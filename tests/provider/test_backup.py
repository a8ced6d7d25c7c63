"""Backup: nothing is deleted before its environment is saved, and what is lost is said."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.lifecycle import plan
from tests.provider.direct import Crash, Direct, World
from tests.provider.plugin import Failure
from tests.provider.samples import REGION
from tests.provider.stack import Stack, assert_clean, differences, recover, unguarded

REPOSITORY = f"registry-vpc.{REGION}.aliyuncs.com/me/notebooks"
BACKUP = {"snapshot": "llm", "repository": REPOSITORY}


@pytest.fixture
def there(world: World, direct: Direct) -> Stack:
    """A stack whose instance runs and is to be saved before a delete."""
    stack = Stack(direct)
    assert stack.up(world.inputs(backup=BACKUP)) is None
    world.calls.clear()
    direct.engine.lines.clear()
    return stack


def images(world: World) -> list[str]:
    """What was saved in the registry."""
    world.cloud.settle()
    return [image.uri for image in world.cloud.state.images.values()]


def pushing(world: World, minutes: float) -> None:
    """How long the cloud takes to push an image."""
    settings = world.cloud.state.settings
    settings.durations = {**settings.durations, "Pushing": minutes * 60}


def said(stack: Stack) -> str:
    engine: Any = stack.plugin.engine
    return "\n".join(engine.messages)


def failed(failure: Failure | None) -> str:
    assert failure is not None
    assert_clean(failure.message)
    return failure.message


def test_the_environment_is_saved_before_the_delete(world: World, there: Stack) -> None:
    own = there.instance_id[-5:]
    assert there.destroy() is None
    assert world.calls.index("CreateInstanceSnapshot") < world.calls.index("DeleteInstance")
    assert world.calls[world.calls.index("DeleteInstance") - 1] == "GetInstanceSnapshot"
    (image,) = images(world)
    assert image.startswith(f"{REPOSITORY}:llm-{own}-2026")
    assert world.instances == []
    assert f"its environment is saved: pulumi config set image {image}" in said(there)


def test_without_a_backup_the_loss_is_said(world: World, direct: Direct) -> None:
    stack = Stack(direct)
    assert stack.up(world.inputs()) is None
    instance_id = stack.instance_id
    assert stack.destroy() is None
    lost = f"instance {instance_id} is deleted with all files on its disk (100Gi); nothing of it is saved"
    assert lost in said(stack)
    assert images(world) == []


def test_what_is_said_about_a_loss_never_keeps_the_delete(world: World, direct: Direct) -> None:
    stack = Stack(direct)
    assert stack.up(world.inputs()) is None
    world.strike("http-500", "GetInstance", nth=1, times=1)
    assert stack.destroy() is None
    assert world.instances == []


def test_what_is_gone_already_needs_no_backup(world: World, there: Stack) -> None:
    world.console("DeleteInstance", there.instance_id)
    world.cloud.advance(60)
    assert there.destroy() is None
    assert "CreateInstanceSnapshot" not in world.calls


def test_one_false_not_found_deletes_nothing_unsaved(world: World, there: Stack) -> None:
    world.strike("not-found", "GetInstance")
    assert "could not be saved" in failed(there.destroy())
    assert "DeleteInstance" not in world.calls
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_a_snapshot_of_somebody_else_is_not_waited_for(world: World, there: Stack) -> None:
    theirs = "other.example.com/x/y:z"
    name = f"llm-{there.instance_id[-5:]}-colleague"
    world.console("CreateInstanceSnapshot", there.instance_id, SnapshotName=name, ImageUrl=theirs)
    assert there.destroy() is None
    assert world.calls.count("CreateInstanceSnapshot") == 1
    assert [image for image in images(world) if image.startswith(REPOSITORY)]


def test_what_is_being_deleted_is_not_saved(world: World, there: Stack) -> None:
    world.console("DeleteInstance", there.instance_id)
    assert there.destroy() is None
    assert "CreateInstanceSnapshot" not in world.calls


@pytest.mark.parametrize("kind", ["validation", "permission", "http-500", "credentials-expired"])
def test_a_backup_that_cannot_begin_stops_the_delete(world: World, there: Stack, kind: str) -> None:
    world.strike(kind, "CreateInstanceSnapshot", times=0)
    text = failed(there.destroy())
    assert "is not deleted, since its environment could not be saved" in text
    assert f"dsw release {there.instance_id} --region {REGION}" in text
    assert "DeleteInstance" not in world.calls
    assert differences(world, world.inputs(backup=BACKUP)) == []
    assert unguarded(world) == []
    assert world.billed() == []
    world.cloud.faults.clear()
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_a_snapshot_that_fails_stops_the_delete(world: World, there: Stack) -> None:
    def fail() -> None:
        for instance in world.cloud.state.instances.values():
            for snapshot in instance.snapshots:
                snapshot.reason_code, snapshot.reason_message = "PushFailed", "denied by the registry"

    world.before = (4, fail)
    text = failed(there.destroy())
    assert "is Failed: PushFailed: denied by the registry" in text
    assert "DeleteInstance" not in world.calls
    # The next run makes a new one.
    world.before = world.after = None
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_a_stopped_instance_is_started_for_its_backup_within_the_trial(world: World, there: Stack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.calls.clear()
    assert there.destroy() is None
    assert world.calls.index("StartInstance") < world.calls.index("CreateInstanceShutdownTimer")
    assert len(images(world)) == 1
    assert world.instances == []
    assert "a running one only: it is started" in said(there)
    assert world.cloud.bill().total == 0


def test_where_the_cloud_saves_what_is_at_rest_nothing_is_started(world: World, there: Stack) -> None:
    world.cloud.state.settings.snapshots_need_running = False
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.calls.clear()
    assert there.destroy() is None
    assert "StartInstance" not in world.calls
    assert len(images(world)) == 1


def test_without_the_trial_a_stopped_instance_stays_stopped_and_is_kept(world: World, there: Stack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.cloud.state.trial.claimed_at = None
    world.calls.clear()
    text = failed(there.destroy())
    assert "claim it first" in text
    assert "StartInstance" not in world.calls
    assert differences(world, world.inputs(backup=BACKUP, running=False)) == []


def test_started_for_a_backup_that_fails_it_is_stopped_again(world: World, there: Stack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.strike("permission", "CreateInstanceSnapshot", nth=2, times=0)
    world.calls.clear()
    text = failed(there.destroy())
    assert "NoPermissionError" in text
    assert {"StartInstance", "StopInstance"} < set(world.calls)
    assert differences(world, world.inputs(backup=BACKUP, running=False)) == []


@pytest.mark.parametrize("calls", range(40))
def test_a_machine_woken_for_its_backup_goes_or_rests_again(world: World, there: Stack, calls: int) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    there.plugin.cancel_in(calls)  # type: ignore[attr-defined]  # a Direct
    there.destroy()
    world.cloud.advance(60)
    assert [one.status for one in world.instances if one.status != "Stopped"] == []


def test_cancelled_before_its_delete_is_not_called_being_deleted(world: World, there: Stack) -> None:
    def stop() -> None:
        there.plugin.servicer.cancelled.set()

    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.calls.clear()
    assert there.destroy() is None
    last = world.calls.index("DeleteInstance")
    assert there.up(world.inputs(backup=BACKUP)) is None
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.before = (last, stop)
    assert "cancelled" in failed(there.destroy())
    assert "StopInstance" in world.calls[-10:]


def test_reads_that_lag_do_not_keep_a_woken_machine_up(world: World, there: Stack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.strike("permission", "CreateInstanceSnapshot", nth=2, times=0)
    world.strike("stale", "CreateIdleInstanceCuller", reads=5, times=0)
    world.strike("stale", "StartInstance", reads=5)
    text = failed(there.destroy())
    assert "NoPermissionError" in text
    world.cloud.advance(60)
    assert [one.status for one in world.instances] == ["Stopped"]


def test_one_without_guards_of_its_own_gets_the_usual_ones_for_its_backup(
    world: World, direct: Direct
) -> None:
    stack = Stack(direct)
    declared = world.inputs(backup=BACKUP, running=False)
    assert stack.up(declared) is None
    bare = {
        name: value for name, value in declared.items() if name not in {"idleInstanceCuller", "sessionHours"}
    }
    world.cloud.state.instances[stack.instance_id].culler = None
    world.cloud.commit()
    stack.inputs, stack.outputs = (
        bare,
        {k: v for k, v in stack.outputs.items() if k in bare or k not in declared},
    )
    world.calls.clear()
    assert stack.destroy() is None
    assert {"CreateInstanceShutdownTimer", "CreateIdleInstanceCuller"} < set(world.calls)
    assert len(images(world)) == 1


def test_a_culler_of_its_own_stays_through_a_backup(world: World, direct: Direct) -> None:
    stack = Stack(direct)
    own = {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 7}
    declared = world.inputs(backup=BACKUP, running=False, idleInstanceCuller=own)
    assert stack.up(declared) is None
    stack.inputs = {name: value for name, value in declared.items() if name != "idleInstanceCuller"}
    stack.outputs.pop("idleInstanceCuller")
    world.calls.clear()
    assert stack.destroy() is None
    assert "DeleteIdleInstanceCuller" not in world.calls
    assert len(images(world)) == 1


@pytest.mark.parametrize("end", ["failed", "sold-out"])
def test_what_never_ran_is_deleted_without_a_backup(world: World, direct: Direct, end: str) -> None:
    details = {"code": "ImagePullBackOff", "message": "no such image"} if end == "failed" else {}
    world.strike(end, "CreateInstance", **details)
    stack = Stack(direct)
    declared = world.inputs(backup=BACKUP)
    if end == "sold-out":
        direct.crash_in(9, after=True)
        with pytest.raises(Crash):
            stack.up(declared)
        stack = Stack(Direct(world), world.instances[0].id, declared)
        assert world.instances[0].status == "Queuing"
    else:
        assert stack.up(declared) is not None
    assert stack.destroy() is None
    assert world.instances == []
    assert "it never ran, so nothing of it is to be saved" in said(stack)
    assert images(world) == []


@pytest.mark.parametrize("history", ["not told", "empty", "of a run"])
def test_whether_it_ran_is_not_guessed(world: World, there: Stack, history: str) -> None:
    """What can't be asked counts as a run."""
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.cloud.state.instances[there.instance_id].ran_ms = 0
    if history == "not told":
        world.strike("permission", "GetLifecycle", times=0)
    elif history == "empty":
        world.cloud.state.instances[there.instance_id].phases.clear()
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_one_that_ran_and_queues_is_stopped_and_saved(world: World, there: Stack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.strike("sold-out", "StartInstance")
    world.console("StartInstance", there.instance_id)
    world.cloud.faults.clear()
    world.cloud.state.instances[there.instance_id].pending.clear()
    world.cloud.state.instances[there.instance_id].status = "Queuing"
    assert there.destroy() is None
    assert len(images(world)) == 1
    assert world.instances == []


def test_a_sold_out_type_is_not_started_for_a_backup(world: World, there: Stack) -> None:
    declared = world.inputs(backup=BACKUP, running=False)
    assert there.up(declared) is None
    world.cloud.state.settings.sold_out = [declared["ecsSpec"]]
    world.calls.clear()
    text = failed(there.destroy())
    assert "is sold out" in text
    assert "StartInstance" not in world.calls
    # Advice of another command isn't given inside.
    assert text.count("run pulumi") == 1
    assert differences(world, declared) == []


def test_a_backup_waits_out_one_that_just_ended(world: World, there: Stack) -> None:
    found = world.cloud.state.instances[there.instance_id]
    plan(world.cloud.state, found, world.cloud.now(), "Saving", "Saved", "Running")
    found.pending[-1].at += 60_000
    after: list[tuple[str, str]] = []

    def look() -> None:
        after.append((world.calls[-1], found.status))
        world.after = (0, look)

    world.after = (0, look)
    assert there.destroy() is None
    assert len(images(world)) == 1
    asked = [name for name, _ in after].index("CreateInstanceSnapshot")
    assert after[asked - 1][1] == "Running"


@pytest.mark.parametrize("replacing", [{"workspaceId": "4711"}, {"region": "cn-beijing"}])
def test_a_backup_declared_with_what_replaces_comes_too_late(
    world: World, direct: Direct, replacing: dict[str, str]
) -> None:
    old, new = world.inputs(), {**world.inputs(backup=BACKUP), **replacing}
    (name,) = replacing
    _, failures = direct.check(new, old=old)
    assert failures == [
        (
            "backup",
            f"backup is new, and {name} differs from the instance's, which a replacement would delete unsaved; run "
            f"pulumi up with the backup alone first, then change {name}; or leave backup out until then, which gives "
            "the files up",
        )
    ]
    assert direct.check(new)[1] == []
    assert direct.check(world.inputs(backup=BACKUP), old=old)[1] == []
    assert direct.check(new, old=world.inputs(backup=BACKUP))[1] == []
    assert direct.check({**old, **replacing}, old=old)[1] == []


@pytest.mark.parametrize("kind", ["cut-after", "bad-body", "success-false"])
def test_a_lost_reply_makes_no_second_snapshot(world: World, there: Stack, kind: str) -> None:
    world.strike(kind, "CreateInstanceSnapshot", **({"body": "truncated"} if kind == "bad-body" else {}))
    assert there.destroy() is None
    assert len(images(world)) == 1
    assert world.calls.count("CreateInstanceSnapshot") == (2 if kind == "success-false" else 1)


def test_after_an_interrupted_backup_what_was_done_since_is_saved_too(world: World, there: Stack) -> None:
    pushing(world, minutes=30)
    there.plugin.crash_in(5, after=True)  # type: ignore[attr-defined]  # a Direct
    with pytest.raises(Crash):
        there.destroy()
    assert "CreateInstanceSnapshot" in world.calls
    world.before = world.after = None
    there.plugin = Direct(world)
    world.cloud.advance(15 * 60)  # somebody works on
    world.calls.clear()
    # The idle shutdown stops it while that is waited for.
    assert there.destroy() is None
    assert "StartInstance" in world.calls
    assert world.calls.index("GetInstanceSnapshot") < world.calls.index("CreateInstanceSnapshot")
    assert len(images(world)) == 2
    assert world.instances == []


def test_a_snapshot_to_another_repository_is_no_backup(world: World, there: Stack) -> None:
    pushing(world, minutes=20)
    world.console(
        "CreateInstanceSnapshot",
        there.instance_id,
        SnapshotName=f"llm-{there.instance_id[-5:]}-20260105-010101",
        ImageUrl="other.example.com/x/y:z",
    )
    assert there.destroy() is None
    assert [image for image in images(world) if image.startswith(REPOSITORY)]


def test_what_is_started_for_a_backup_is_paid_for_as_it_is(world: World, there: Stack) -> None:
    """Not as it is declared: in the console it may have become another type."""
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.console("UpdateInstance", there.instance_id, EcsSpec="ecs.gn7i-c32g1.8xlarge")
    world.cloud.advance(60)
    world.calls.clear()
    text = failed(there.destroy())
    assert "ecs.gn7i-c32g1.8xlarge" in text
    assert "it is at rest: mend that" in text
    assert "StartInstance" not in world.calls
    assert world.cloud.bill().total == 0


@pytest.mark.parametrize("calls", range(9))
def test_cancelled_at_any_moment_it_is_saved_or_it_is_kept(world: World, there: Stack, calls: int) -> None:
    there.plugin.cancel_in(calls)  # type: ignore[attr-defined]  # a Direct
    failure = there.destroy()
    world.cloud.settle()
    assert world.instances or images(world)
    if failure is not None:
        assert "cancelled" in failure.message
    recover(world)
    world.before = world.after = None
    there.plugin = Direct(world)
    assert there.destroy() is None
    assert images(world)
    assert world.instances == []


def test_a_backup_has_a_time_of_its_own(world: World, there: Stack) -> None:
    pushing(world, minutes=30)
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_a_push_that_never_ends_keeps_the_instance(world: World, there: Stack) -> None:
    pushing(world, minutes=3 * 1440)
    text = failed(there.destroy())
    assert "it took longer than 3600 s" in text
    assert "DeleteInstance" not in world.calls


def test_a_changed_backup_is_a_change_without_a_call(world: World, there: Stack) -> None:
    changed = {**BACKUP, "snapshot": "other"}
    assert there.refresh() is None
    assert there.inputs["backup"] == BACKUP
    world.calls.clear()
    assert there.up(world.inputs(backup=changed)) is None
    assert not [name for name in world.calls if not name.startswith(("Get", "List"))]
    assert there.destroy() is None
    assert images(world)[0].startswith(f"{REPOSITORY}:other-")


def test_the_image_makes_a_new_notebook(world: World, there: Stack) -> None:
    failure = there.destroy()
    assert failure is None, failure.message
    (image,) = images(world)
    declared = world.inputs(imageUrl=image)
    assert there.up(declared) is None
    (again,) = world.instances
    assert again.spec["ImageUrl"] == image
    assert differences(world, declared) == []
    assert there.up(declared) is None


@pytest.mark.parametrize(
    ("backup", "words"),
    [
        ({"snapshot": "Upper", "repository": REPOSITORY}, "backup.snapshot"),
        ({"snapshot": "a" * 42, "repository": REPOSITORY}, "backup.snapshot"),
        ({"snapshot": "a", "repository": f"{REPOSITORY}:tag"}, "backup.repository"),
        ({"snapshot": "a"}, "backup.repository is missing"),
        ({"snapshot": "a", "repository": REPOSITORY, "tag": "x"}, "backup.tag is not an input"),
    ],
)
def test_what_is_no_backup_is_refused(
    direct: Direct, world: World, backup: dict[str, Any], words: str
) -> None:
    _, failures = direct.check(world.inputs(backup=backup))
    assert [name for name, _ in failures] == ["backup"]
    assert words in failures[0][1]
    assert_clean(failures[0][1])
