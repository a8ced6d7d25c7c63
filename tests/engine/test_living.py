"""Living with a notebook: stop, resume, change, back up, restore, import, drift. Program, provider, engine together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m

from tests.support.cloud import HOME, Cloud
from tests.support.engine import INSTANCE, UNCHANGED, Stack, is_quiet

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]
RESTING = [("instance", "Stopped"), ("workspace", "ENABLED")]
REPOSITORY = f"registry-vpc.{HOME}.aliyuncs.com/me/notebooks"
BACKUP = {"snapshot": "llm", "repository": REPOSITORY}


def calls(stack: Stack, start: int = 0) -> list[str]:
    """The changing calls to the cloud, in order."""
    made = [call.operation for call in stack.emulator.calls[start:]]
    return [name for name in made if not name.startswith(("Get", "List"))]


def images(stack: Stack) -> list[str]:
    return [image.uri for image in stack.emulator.state().images.values()]


def console(stack: Stack, **changes: Any) -> None:
    """Change the notebook in the console, which stops it for that and starts it again."""
    found = stack.emulator.instances[0].id
    stack.emulator.settings(strict_update=False)
    Cloud(stack.emulator).dsw().update_instance(found, m.UpdateInstanceRequest(**changes))
    stack.emulator.clock.advance(minutes=1)
    stack.emulator.settings(strict_update=True)


def test_stop_keep_and_resume(stack: Stack) -> None:
    stack.up()
    stack.configure(running=False)
    shown = stack.preview()
    assert "running" in shown
    assert f"instance {stack.instance_id()} is stopped, as declared: what runs in it ends" in shown
    stack.up()
    assert stack.live() == RESTING
    outputs: Mapping[str, Any] = stack.instance()["outputs"]
    assert (outputs["status"], outputs["shutdownTime"]) == ("Stopped", "")
    assert outputs["diskKeptUntil"].startswith("2026-01-20T02:")
    assert UNCHANGED in stack.up()
    shown = stack.run("stack", "output", "diskKeptUntil", "--stack", "dev").text
    assert shown.strip() == outputs["diskKeptUntil"]

    stack.emulator.clock.advance(days=10)
    stack.configure(running=None)
    start = len(stack.emulator.calls)
    stack.up()
    assert calls(stack, start) == ["StartInstance", "CreateInstanceShutdownTimer"]
    assert stack.live() == BOTH
    assert stack.instance()["outputs"]["diskKeptUntil"] == ""
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


@pytest.mark.parametrize("strict", [True, False])
def test_many_changes_are_one_stop_and_one_start(stack: Stack, *, strict: bool) -> None:
    stack.up(pack=False)
    first = stack.instance_id()
    stack.emulator.settings(strict_update=strict)
    stack.configure(
        instanceName="renamed",
        ecsSpec="ecs.gn6v-c8g1.2xlarge",
        image="pytorch:2.3.1-gpu-py310-cu121-ubuntu22.04",
        driver="550.54.15",
        environmentVariables={"HF_HOME": "/mnt/workspace/hf"},
        labels={"course": "two"},
        sessionHours=2,
        idleMinutes=20,
    )
    start = len(stack.emulator.calls)
    assert "1 updated" in stack.up(pack=False)
    made = calls(stack, start)
    assert [made.count(name) for name in ("StopInstance", "UpdateInstance", "StartInstance")] == [1, 1, 1]
    assert stack.instance_id() == first
    assert stack.live() == BOTH
    assert UNCHANGED in stack.up(pack=False)

    # What isn't declared any more is cleared, again in one stop.
    stack.configure(driver=None, environmentVariables=None, labels=None)
    start = len(stack.emulator.calls)
    assert "1 updated" in stack.up(pack=False)
    assert calls(stack, start).count("StopInstance") == 1
    (found,) = stack.emulator.instances
    assert found.spec.Driver is None
    assert "course" not in found.labels
    assert UNCHANGED in stack.up(pack=False)
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_fault_in_the_middle_of_a_change_is_fixed_by_the_next_run(stack: Stack) -> None:
    stack.up(pack=False)
    stack.configure(driver="550.54.15", instanceName="renamed", sessionHours=2)
    stack.emulator.faults.add("validation", "StartInstance", times=0)
    text = stack.up(pack=False, fails=True)
    assert "StartInstance" in text
    assert is_quiet(text)
    # The state says what the cloud has.
    outputs = stack.instance()["outputs"]
    (found,) = stack.emulator.instances
    assert (outputs["instanceName"], outputs["driver"], outputs["status"]) == (
        found.name,
        found.spec.Driver,
        found.status,
    )
    stack.emulator.faults.clear()
    stack.up(pack=False)
    assert stack.live() == BOTH
    assert UNCHANGED in stack.up(pack=False)
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_saved_before_the_destroy_and_made_again_from_the_image(stack: Stack) -> None:
    stack.configure(backup=BACKUP)
    stack.up(pack=False)
    text = stack.destroy()
    (image,) = images(stack)
    assert image.startswith(f"{REPOSITORY}:llm-")
    assert f"its environment is saved: pulumi config set image {image}" in text
    assert stack.live() == [("image", "Saved")]

    stack.configure(image=image, backup=None)
    stack.up(pack=False)
    assert stack.emulator.instances[0].spec.ImageUrl == image
    assert UNCHANGED in stack.up(pack=False)
    assert "nothing of it is saved" in stack.destroy()
    assert stack.live() == [("image", "Saved")]
    assert stack.nothing_billed()


def test_a_backup_that_fails_stops_the_destroy(stack: Stack) -> None:
    stack.configure(backup=BACKUP)
    stack.up(pack=False)
    found = stack.instance_id()
    stack.emulator.faults.add("permission", "CreateInstanceSnapshot", times=0)
    text = stack.destroy(fails=True)
    assert "could not be saved" in text
    assert f"dsw release {found} --region {HOME}" in text
    assert is_quiet(text)
    assert stack.instance_id() == found
    assert stack.live() == BOTH
    stack.emulator.faults.clear()
    stack.destroy()
    assert stack.live() == [("image", "Saved")]
    assert stack.nothing_billed()


def test_a_replacement_asked_for_saves_deletes_and_makes_it_again(stack: Stack) -> None:
    stack.configure(backup=BACKUP)
    stack.up(pack=False)
    first = stack.instance()
    stack.do("up", "--yes", "--skip-preview", "--replace", first["urn"])
    made = [name for name in calls(stack) if name.endswith(("CreateInstance", "DeleteInstance", "Snapshot"))]
    assert made == ["CreateInstance", "CreateInstanceSnapshot", "DeleteInstance", "CreateInstance"]
    assert stack.instance_id() == stack.emulator.instances[0].id != first["outputs"]["instanceId"]
    stack.configure(backup=None)
    stack.up(pack=False)
    stack.destroy()
    assert stack.live() == [("image", "Saved")]
    assert stack.nothing_billed()


def test_an_import_id_of_what_the_stack_has_changes_nothing(stack: Stack) -> None:
    stack.up()
    first = stack.instance_id()
    stack.configure(importId=first)
    shown = stack.preview()
    assert UNCHANGED in shown
    assert "import" not in shown
    assert UNCHANGED in stack.up()
    assert stack.instance_id() == first
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_an_import_leaves_nothing_running_bare_and_says_from_when_a_backup_counts(stack: Stack) -> None:
    cloud = Cloud(stack.emulator)
    disks = [m.CreateInstanceRequestCloudDisks(sub_type="rootfs", capacity="100Gi")]
    workspace = cloud.workspace()
    found = cloud.running("by_hand", workspace=workspace, accessibility="PRIVATE", cloud_disks=disks)
    settings = {"importId": found, "instanceName": "by_hand", "workspaceId": workspace, "backup": BACKUP}
    stack.configure(**settings)
    text = stack.up(pack=False, fails=True)
    assert "it runs with nothing that stops it" in text
    assert is_quiet(text)
    assert INSTANCE not in stack.resources()

    cloud.set_timer(found, 3)
    assert "until then a destroy saves nothing" in stack.up(pack=False)
    assert "backup" not in stack.instance()["inputs"]
    stack.configure(importId=None)
    assert "1 updated" in stack.up(pack=False)
    assert stack.instance()["inputs"]["backup"] == BACKUP
    stack.destroy()
    assert stack.live() == [("workspace", "ENABLED"), ("image", "Saved")]
    assert stack.nothing_billed()


def test_an_import_from_outside_the_tier_is_refused_by_the_rule(stack: Stack) -> None:
    cloud = Cloud(stack.emulator)
    disks = [m.CreateInstanceRequestCloudDisks(sub_type="rootfs", capacity="200Gi")]
    found = cloud.running("by_hand", accessibility="PRIVATE", cloud_disks=disks)
    text = stack.do("import", INSTANCE, "found", f"{HOME}/{found}", "--yes", "--skip-preview", fails=True)
    assert f"instance {found} can't be imported" in text
    assert "[system-disk-size]" in text
    assert is_quiet(text)
    assert INSTANCE not in stack.resources()
    cloud.delete(found)


def test_drift_in_the_console_is_shown_and_fixed(stack: Stack) -> None:
    stack.configure(labels={"course": "one"})
    stack.up(pack=False)
    found = stack.emulator.instances[0].id
    client = Cloud(stack.emulator).dsw()
    console(stack, instance_name="theirs", ecs_spec="ecs.gn6v-c8g1.2xlarge")
    client.delete_idle_instance_culler(found)
    client.delete_instance_labels(found, m.DeleteInstanceLabelsRequest(label_keys="course,paidsw-urn"))
    shown = stack.do("preview", "--refresh", "--diff")
    for name in ("instanceName", "ecsSpec", "idleInstanceCuller", "course"):
        assert name in shown, name
    refreshed = stack.refresh()
    assert "has lost this stack's labels; pulumi up puts them back" in refreshed

    assert "1 updated" in stack.up(pack=False)
    (fixed,) = stack.emulator.instances
    assert (fixed.name, fixed.ecs_spec) == ("LLM_Finetune_01", "ecs.gn7i-c8g1.2xlarge")
    assert fixed.culler is not None
    assert {"course", "paidsw-urn"} <= fixed.labels.keys()
    assert UNCHANGED in stack.up(pack=False)
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_what_no_update_takes_back_is_explained_with_its_cost(stack: Stack) -> None:
    stack.up(pack=False)
    disk = [m.UpdateInstanceRequestCloudDisks(sub_type="rootfs", capacity="200Gi")]
    console(stack, accessibility="PUBLIC", cloud_disks=disk, instance_name="theirs")
    told = (
        "is PUBLIC and can't be made private again",
        "was grown to 200Gi and can't shrink: its 100 GiB beyond the free ones are billed by the hour",
        f"pulumi up --replace '{stack.instance()['urn']}'",
    )
    shown = stack.preview(pack=False)
    assert [sentence for sentence in told if sentence not in shown] == []

    text = stack.up(pack=False, fails=True)
    assert [sentence for sentence in told if sentence not in text] == []
    assert is_quiet(text)
    # The rest is fixed all the same.
    assert stack.emulator.instances[0].name == "LLM_Finetune_01"

    stack.do("up", "--yes", "--skip-preview", "--replace", stack.instance()["urn"])
    (again,) = stack.emulator.instances
    assert (again.accessibility, again.disk_gib) == ("PRIVATE", 100)
    assert UNCHANGED in stack.up(pack=False)
    stack.destroy()
    assert stack.live() == []


def test_arrears_are_named_and_nothing_starts_before_they_are_settled(stack: Stack) -> None:
    stack.up(pack=False)
    found = stack.emulator.instances[0].id
    stack.emulator.force(found, "Arrearge")
    stack.emulator.settings(account_sufficient=False)
    refreshed = stack.refresh()
    assert "was stopped by the cloud: the account owes money; settle it" in refreshed
    text = stack.up(pack=False, fails=True)
    assert "the account owes money; settle it" in text
    assert is_quiet(text)
    assert stack.live() == [("instance", "Arrearge"), ("workspace", "ENABLED")]

    stack.emulator.settings(account_sufficient=True)
    stack.emulator.force(found, "Stopped")
    stack.up(pack=False)
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()
