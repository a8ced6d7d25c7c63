"""`dsw backup` on an emulator: what it saves, what it says, and how things stand when it fails."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cloud import DswClient
from paidsw.emulator.dsw.models import Instance
from paidsw.emulator.testing import Emulator
from tests.support.command import Project, Result
from tests.support.notebooks import HOSTILE, ask, call, change, create, create_foreign, is_harmless
from tests.support.plugin import Plugin
from tests.support.samples import REGION

REPOSITORY = f"registry-vpc.{REGION}.aliyuncs.com/me/notebooks"
PLACE = ("--snapshot", "llm", "--repository", REPOSITORY)


@pytest.fixture
def notebook(cloud: Emulator, plugin: Plugin) -> str:
    made = create(plugin, cloud)
    cloud.do(lambda found: found.calls.clear())
    return made


@pytest.fixture
def stopped(cloud: Emulator, notebook: str) -> str:
    call(cloud, lambda client: client.stop_instance(notebook))
    cloud.clock.advance(minutes=5)
    cloud.do(lambda found: found.calls.clear())
    return notebook


def backup(project: Project, cloud: Emulator, *more: str) -> Result:
    return ask(project, cloud, "backup", *PLACE, *more)


def images(cloud: Emulator) -> list[str]:
    return [image.uri for image in cloud.state().images.values()]


def the(cloud: Emulator, instance_id: str) -> Instance:
    return next(one for one in cloud.instances if one.id == instance_id)


def names(cloud: Emulator) -> list[str]:
    return [one.operation for one in cloud.calls]


def meanwhile(monkeypatch: pytest.MonkeyPatch, method: str, happens: Callable[[], Any]) -> None:
    """Let something happen once, after the first such call."""
    done: list[bool] = []
    real = getattr(DswClient, method)

    async def wrapped(client: DswClient, *arguments: Any) -> Any:
        answer = await real(client, *arguments)
        if not done:
            done.append(True)
            happens()
        return answer

    monkeypatch.setattr(DswClient, method, wrapped)


def test_a_running_notebook_is_saved_and_runs_on(project: Project, cloud: Emulator, notebook: str) -> None:
    found = backup(project, cloud)
    assert found.code == 0
    (image,) = images(cloud)
    assert image.startswith(f"{REPOSITORY}:llm-")
    assert found.out.startswith(f"Saved: {image}\n")
    assert f"\n    pulumi config set image {image}\n" in found.out
    assert {"StartInstance", "StopInstance", "DeleteInstance"} & set(names(cloud)) == set()
    now = the(cloud, notebook)
    assert (now.status, now.timer is not None, now.culler is not None) == ("Running", True, True)


def test_progress_is_told_aside_once_per_change(project: Project, cloud: Emulator, notebook: str) -> None:
    first, *lines = backup(project, cloud).err.splitlines()
    assert first.startswith(f"LLM_Finetune_01 ({notebook}) is saved to {REPOSITORY}; ")
    assert lines == [f"saving the environment: {status}" for status in ("Committing", "Pushing", "Saved")]


def test_what_to_know_afterwards_is_reported(project: Project, cloud: Emulator, notebook: str) -> None:
    said = backup(project, cloud).out
    for words in (
        "pulumi config set --secret imageAuth",
        "after pulumi destroy as well",
        "Container Registry may bill",
        "https://cr.console.aliyun.com/",
        "dsw backup --list",
        "/mnt/workspace",
        "sha256sum results.tar.gz",
    ):
        assert words in said
    assert ask(project, cloud, "backup", "--guide").out.strip() in said


def test_a_stopped_one_is_started_within_the_trial_and_stopped_again(
    project: Project, cloud: Emulator, stopped: str
) -> None:
    found = backup(project, cloud)
    assert found.code == 0
    assert "a running one only: it is started" in found.err
    assert len(images(cloud)) == 1
    assert the(cloud, stopped).status == "Stopped"
    asked = names(cloud)
    assert asked.index("GetUserConfig") < asked.index("StartInstance") < asked.index("StopInstance")
    assert asked.index("StartInstance") < asked.index("CreateInstanceShutdownTimer")
    assert cloud.bill().total == 0


def test_a_stopped_one_stays_so_where_the_cloud_saves_it(
    project: Project, cloud: Emulator, stopped: str
) -> None:
    cloud.settings(snapshots_need_running=False)
    assert backup(project, cloud).code == 0
    assert len(images(cloud)) == 1
    assert "StartInstance" not in names(cloud)


def test_one_made_in_the_console_gets_a_timer_when_it_is_started(project: Project, cloud: Emulator) -> None:
    made = create_foreign(cloud, "theirs")
    call(cloud, lambda client: client.stop_instance(made))
    cloud.clock.advance(minutes=5)
    assert backup(project, cloud, made).code == 0
    assert "CreateInstanceShutdownTimer" in names(cloud)
    assert the(cloud, made).status == "Stopped"
    assert len(images(cloud)) == 1


def test_without_the_trial_a_stopped_one_stays_so(project: Project, cloud: Emulator, stopped: str) -> None:
    cloud.trial(claimed=False)
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert f"error: {stopped} is not saved: " in found.err
    assert "it is Stopped, and no snapshot is under way; claim it first" in found.err
    assert found.err.endswith("; then run the same command again\n")
    assert "run pulumi" not in found.err
    assert "StartInstance" not in names(cloud)


def test_as_json_nothing_else_is_on_standard_output(project: Project, cloud: Emulator, notebook: str) -> None:
    found = json.loads(backup(project, cloud, "--json").out)
    (image,) = cloud.state().images.values()
    (snapshot,) = the(cloud, notebook).snapshots
    assert found == {
        "region": REGION,
        "instanceId": notebook,
        "instanceName": "LLM_Finetune_01",
        "image": image.uri,
        "imageId": image.id,
        "snapshotId": snapshot.id,
        "snapshotName": snapshot.name,
    }


def test_an_image_without_an_address_has_the_one_that_was_asked_for(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = DswClient.get_snapshot

    async def silent(client: DswClient, *arguments: str) -> Any:
        return (await real(client, *arguments)).model_copy(update={"image_url": ""})

    monkeypatch.setattr(DswClient, "get_snapshot", silent)
    assert json.loads(backup(project, cloud, "--json").out)["image"] == images(cloud)[0]


@pytest.mark.parametrize(
    "kind", ["validation", "permission", "http-500", "credentials-expired", "cut-before"]
)
def test_a_snapshot_that_cannot_begin(project: Project, cloud: Emulator, notebook: str, kind: str) -> None:
    cloud.faults.add(kind, "CreateInstanceSnapshot", times=0)
    found = backup(project, cloud)
    assert (found.code, found.out) == (ExitCode.FAILED, "")
    last = found.err.splitlines()[-1]
    assert last.startswith(f"error: {notebook} is not saved: CreateInstanceSnapshot: ")
    advice = {
        "permission": "ask the account's administrator to grant this RAM user paidsw:CreateInstanceSnapshot (docs/ram "
        "has the policies); then run the same command again",
        "credentials-expired": "the credentials are not valid any more; sign in again, or set new ones; then run the "
        "same command again",
    }.get(kind, "fix that and run the same command again")
    assert last.endswith(f"it is Running, and no snapshot is under way; {advice}")
    assert images(cloud) == []


def test_one_that_is_not_saved_and_that_nothing_stops_is_reported(project: Project, cloud: Emulator) -> None:
    create_foreign(cloud, "theirs")
    cloud.faults.add("permission", "CreateInstanceSnapshot", times=0)
    assert "it is Running WITH NOTHING THAT STOPS IT, and no snapshot" in backup(project, cloud).err


def test_a_snapshot_that_fails_says_why(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        reason = {"reason_code": "PushFailed", "reason_message": HOSTILE}
        cloud.do(lambda found: vars(found.state.instances[notebook].snapshots[0]).update(reason))

    meanwhile(monkeypatch, "create_snapshot", fail)
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert "is Failed: PushFailed: " in found.err
    assert "it is Running, and no snapshot is under way" in found.err
    assert is_harmless(found.err)
    assert backup(project, cloud).code == 0


def test_started_for_a_backup_that_fails_it_is_stopped_again(
    project: Project, cloud: Emulator, stopped: str
) -> None:
    cloud.faults.add("permission", "CreateInstanceSnapshot", nth=2, times=0)
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert "it is Stopped, and no snapshot is under way" in found.err
    assert {"StartInstance", "StopInstance"} < set(names(cloud))


def test_a_lost_reply_makes_no_second_snapshot(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.faults.add("cut-after", "CreateInstanceSnapshot")
    assert backup(project, cloud).code == 0
    assert len(the(cloud, notebook).snapshots) == 1


def test_a_push_that_takes_too_long_continues_and_is_waited_for_again(
    project: Project, cloud: Emulator, notebook: str
) -> None:
    cloud.settings(durations={"Pushing": 5400})
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    (snapshot,) = the(cloud, notebook).snapshots
    # The idle shutdown stopped it meanwhile.
    assert (
        f"it took too long; it is Stopped, and snapshot {snapshot.name} is Pushing, which continues"
        in found.err
    )
    assert backup(project, cloud).code == 0
    assert names(cloud).count("CreateInstanceSnapshot") == 1


def test_interrupted_it_says_what_continues(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)
    meanwhile(monkeypatch, "create_snapshot", lambda: signal.raise_signal(signal.SIGINT))
    found = backup(project, cloud)
    assert found.code == ExitCode.INTERRUPTED
    (snapshot,) = the(cloud, notebook).snapshots
    assert (
        f"error: {notebook} is not saved: interrupted; it is Saving, and snapshot {snapshot.name} is"
        in found.err
    )
    assert "run the same again to wait for it" in found.err
    assert signal.getsignal(signal.SIGINT) is before
    assert backup(project, cloud).code == 0
    assert len(images(cloud)) == 1


def test_interrupted_what_was_started_is_stopped_again(
    project: Project, cloud: Emulator, stopped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, "start_instance", lambda: signal.raise_signal(signal.SIGINT))
    found = backup(project, cloud)
    assert found.code == ExitCode.INTERRUPTED
    assert "it is Stopped, and no snapshot is under way" in found.err
    assert the(cloud, stopped).status == "Stopped"
    assert cloud.bill().total == 0


def test_a_second_interrupt_does_not_wait(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    meanwhile(monkeypatch, "create_snapshot", twice)
    # A background job of a shell is started with Ctrl-C ignored, and so might be the tests.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = backup(project, cloud)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (found.code, found.err.splitlines()[-1]) == (ExitCode.INTERRUPTED, "interrupted")


def test_one_that_is_being_deleted(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.force(notebook, "Deleting")
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert f"LLM_Finetune_01 ({notebook}) is being deleted, so nothing of it can be saved" in found.err
    assert "CreateInstanceSnapshot" not in names(cloud)


def test_one_that_is_gone_meanwhile(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = lambda: cloud.do(lambda found: found.state.instances.pop(notebook))  # noqa: E731
    meanwhile(monkeypatch, "create_snapshot", gone)
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert f"error: {notebook} is not saved: GetInstanceSnapshot: " in found.err
    assert found.err.endswith("; it is gone\n")


def test_one_of_which_nothing_can_be_told_any_more(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = lambda: cloud.faults.add("permission", "*", times=0)  # noqa: E731
    meanwhile(monkeypatch, "create_snapshot", blind)
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert found.err.endswith("; how it stands can't be told now, see dsw status and run the same again\n")


def test_one_in_arrears_is_not_saved_and_stays(project: Project, cloud: Emulator, stopped: str) -> None:
    cloud.force(stopped, "Arrearge")
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert "it is Arrearge, and no snapshot is under way" in found.err
    assert images(cloud) == []


def test_one_of_several_is_named(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    made = [create(plugin, cloud, instanceName=name, sessionHours=1) for name in ("one", "two")]
    found = backup(project, cloud)
    assert found.code == ExitCode.FAILED
    assert all(one in found.err for one in made)
    assert backup(project, cloud, made[1]).code == 0
    assert [len(the(cloud, one).snapshots) for one in made] == [0, 1]


def test_none_is_there(project: Project, cloud: Emulator) -> None:
    found = backup(project, cloud)
    assert (found.code, found.out) == (ExitCode.FAILED, "")
    assert f"there is no notebook in {REGION}" in found.err


def test_hostile_names_reach_no_terminal(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(cloud, notebook, name=HOSTILE)
    real = DswClient.get_snapshot

    async def hostile(client: DswClient, *arguments: str) -> Any:
        update = {"image_url": f"x;reboot {HOSTILE}"}
        return (await real(client, *arguments)).model_copy(update=update)

    monkeypatch.setattr(DswClient, "get_snapshot", hostile)
    found = backup(project, cloud)
    assert found.code == 0
    assert is_harmless(found.out + found.err)
    assert "pulumi config set image 'x;reboot " in found.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--list", "dsw-1"), "--list saves nothing"),
        (("--guide", "--snapshot", "llm"), "--guide saves nothing"),
        (("--list", "--repository", REPOSITORY), "--list saves nothing"),
        (("--guide", "--json"), "--guide is text"),
    ],
)
def test_options_that_do_not_go_together(
    project: Project, cloud: Emulator, arguments: tuple[str, ...], said: str
) -> None:
    found = ask(project, cloud, "backup", *arguments)
    assert (found.code, found.out) == (ExitCode.USAGE, "")
    assert said in found.err
    assert cloud.calls == []
