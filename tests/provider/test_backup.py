"""Backup: nothing is deleted before its environment is saved, and what is lost is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences, recover, unguarded
from tests.support.samples import REGION
from tests.support.saving import BACKUP, REPOSITORY, declared_saved, failed, images, pushing, said


@pytest.fixture
def there(world: World, direct: Direct) -> InstanceStack:
    return declared_saved(world, direct)


def test_the_environment_is_saved_before_the_delete(world: World, there: InstanceStack) -> None:
    own = there.instance_id[-5:]
    assert there.destroy() is None
    assert world.calls.index("CreateInstanceSnapshot") < world.calls.index("DeleteInstance")
    assert world.calls[world.calls.index("DeleteInstance") - 1] == "GetInstanceSnapshot"
    (image,) = images(world)
    assert image.startswith(f"{REPOSITORY}:llm-{own}-2026")
    assert world.instances == []
    assert f"its environment is saved: pulumi config set image {image}" in said(there)


def test_without_a_backup_the_loss_is_reported(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    instance_id = stack.instance_id
    assert stack.destroy() is None
    lost = f"instance {instance_id} is deleted with all files on its disk (100Gi); nothing of it is saved"
    assert lost in said(stack)
    assert images(world) == []


def test_what_is_reported_about_a_loss_never_keeps_the_delete(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs()) is None
    world.strike("http-500", "GetInstance", nth=1, times=1)
    assert stack.destroy() is None
    assert world.instances == []


def test_what_is_gone_already_needs_no_backup(world: World, there: InstanceStack) -> None:
    world.console("DeleteInstance", there.instance_id)
    world.cloud.advance(60)
    assert there.destroy() is None
    assert "CreateInstanceSnapshot" not in world.calls


def test_one_false_not_found_deletes_nothing_unsaved(world: World, there: InstanceStack) -> None:
    world.strike("not-found", "GetInstance")
    assert "could not be saved" in failed(there.destroy())
    assert "DeleteInstance" not in world.calls
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_a_snapshot_of_somebody_else_is_not_waited_for(world: World, there: InstanceStack) -> None:
    theirs = "other.example.com/x/y:z"
    name = f"llm-{there.instance_id[-5:]}-colleague"
    world.console("CreateInstanceSnapshot", there.instance_id, SnapshotName=name, ImageUrl=theirs)
    assert there.destroy() is None
    assert world.calls.count("CreateInstanceSnapshot") == 1
    assert [image for image in images(world) if image.startswith(REPOSITORY)]


def test_what_is_being_deleted_is_not_saved(world: World, there: InstanceStack) -> None:
    world.console("DeleteInstance", there.instance_id)
    assert there.destroy() is None
    assert "CreateInstanceSnapshot" not in world.calls


@pytest.mark.parametrize("kind", ["validation", "permission", "http-500", "credentials-expired"])
def test_a_backup_that_cannot_begin_stops_the_delete(world: World, there: InstanceStack, kind: str) -> None:
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


def test_a_snapshot_that_fails_stops_the_delete(world: World, there: InstanceStack) -> None:
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


def test_a_stopped_instance_is_started_for_its_backup_within_the_trial(
    world: World, there: InstanceStack
) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.calls.clear()
    assert there.destroy() is None
    assert world.calls.index("StartInstance") < world.calls.index("CreateInstanceShutdownTimer")
    assert len(images(world)) == 1
    assert world.instances == []
    assert "a running one only: it is started" in said(there)
    assert world.cloud.bill().total == 0


def test_where_the_cloud_saves_stopped_ones_nothing_is_started(world: World, there: InstanceStack) -> None:
    world.cloud.state.settings.snapshots_need_running = False
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.calls.clear()
    assert there.destroy() is None
    assert "StartInstance" not in world.calls
    assert len(images(world)) == 1


def test_without_the_trial_a_stopped_instance_stays_stopped_and_is_kept(
    world: World, there: InstanceStack
) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.cloud.state.trial.claimed_at = None
    world.calls.clear()
    text = failed(there.destroy())
    assert "(this account has no PAI-DSW trial); it is stopped; fix that, or set allowBilling" in text
    assert "StartInstance" not in world.calls
    assert differences(world, world.inputs(backup=BACKUP, running=False)) == []


def test_after_the_trial_a_stopped_instance_is_saved_at_a_price_that_was_allowed(
    world: World, there: InstanceStack
) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.cloud.state.trial.expires_at = world.cloud.now()
    text = failed(there.destroy())
    assert "the trial ended at" in text
    assert "set allowBilling and run pulumi up, which is billed, and then run pulumi destroy again" in text
    # No advice leads back to the error.
    assert "pulumi destroy releases" not in text
    assert there.up(world.inputs(backup=BACKUP, running=False, allowBilling=True)) is None
    assert there.destroy() is None
    assert [thing.kind for thing in world.live()] == ["image"]


def test_started_for_a_backup_that_fails_it_is_stopped_again(world: World, there: InstanceStack) -> None:
    assert there.up(world.inputs(backup=BACKUP, running=False)) is None
    world.strike("permission", "CreateInstanceSnapshot", nth=2, times=0)
    world.calls.clear()
    text = failed(there.destroy())
    assert "NoPermissionError" in text
    assert {"StartInstance", "StopInstance"} < set(world.calls)
    assert differences(world, world.inputs(backup=BACKUP, running=False)) == []


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
def test_a_lost_reply_makes_no_second_snapshot(world: World, there: InstanceStack, kind: str) -> None:
    world.strike(kind, "CreateInstanceSnapshot", **({"body": "truncated"} if kind == "bad-body" else {}))
    assert there.destroy() is None
    assert len(images(world)) == 1
    assert world.calls.count("CreateInstanceSnapshot") == (2 if kind == "success-false" else 1)


def test_after_an_interrupted_backup_what_was_done_since_is_saved_too(
    world: World, there: InstanceStack
) -> None:
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


def test_a_snapshot_to_another_repository_is_no_backup(world: World, there: InstanceStack) -> None:
    pushing(world, minutes=20)
    world.console(
        "CreateInstanceSnapshot",
        there.instance_id,
        SnapshotName=f"llm-{there.instance_id[-5:]}-20260105-010101",
        ImageUrl="other.example.com/x/y:z",
    )
    assert there.destroy() is None
    assert [image for image in images(world) if image.startswith(REPOSITORY)]


@pytest.mark.parametrize("calls", range(9))
def test_cancelled_at_any_moment_it_is_saved_or_it_is_kept(
    world: World, there: InstanceStack, calls: int
) -> None:
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


def test_a_backup_has_a_time_of_its_own(world: World, there: InstanceStack) -> None:
    pushing(world, minutes=30)
    assert there.destroy() is None
    assert len(images(world)) == 1


def test_a_push_that_never_ends_keeps_the_instance(world: World, there: InstanceStack) -> None:
    pushing(world, minutes=3 * 1440)
    text = failed(there.destroy())
    assert "it took longer than 3600 s" in text
    assert "DeleteInstance" not in world.calls


def test_a_changed_backup_is_a_change_without_a_call(world: World, there: InstanceStack) -> None:
    changed = {**BACKUP, "snapshot": "other"}
    assert there.refresh() is None
    assert there.inputs["backup"] == BACKUP
    world.calls.clear()
    assert there.up(world.inputs(backup=changed)) is None
    assert not [name for name in world.calls if not name.startswith(("Get", "List"))]
    assert there.destroy() is None
    assert images(world)[0].startswith(f"{REPOSITORY}:other-")


def test_the_image_makes_a_new_notebook(world: World, there: InstanceStack) -> None:
    failure = there.destroy()
    assert failure is None, failure.message
    (image,) = images(world)
    declared = world.inputs(imageUrl=image)
    assert there.up(declared) is None
    (again,) = world.instances
    assert again.spec.ImageUrl == image
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
