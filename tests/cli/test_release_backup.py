"""`dsw release` and what is lost by it: the offer of a backup, and the backup before the delete."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paidsw.cli.__main__ import main
from paidsw.cli.errors import ExitCode
from paidsw.cloud import DswClient
from paidsw.emulator.testing import running_emulator
from tests.cli.test_release import FAR, export, left, marked, release, writes
from tests.support.audited import AuditedAccount, instance_resource, state
from tests.support.cloud import HOME

__all__ = ["export"]
REPOSITORY = f"registry-vpc.{HOME}.aliyuncs.com/me/notebooks"
BACKUP = ("--backup", "--snapshot", "llm", "--repository", REPOSITORY)


@pytest.fixture
def world() -> Iterator[AuditedAccount]:
    with running_emulator() as emulator:
        yield AuditedAccount(emulator)


def undeclared(world: AuditedAccount, export: Path, *more: str) -> int:
    return release(world, "--undeclared", "--state", str(export), *running(world), *more)


def running(world: AuditedAccount) -> list[str]:
    """The options that say of all that isn't stopped that it shall go."""
    up = [one.id for one in world.emulator.instances if one.status != "Stopped"]
    return [word for one in up for word in ("--running", one)]


def images(world: AuditedAccount) -> list[str]:
    return [image.uri for image in world.emulator.state().images.values()]


def own_image(instance_id: str) -> str:
    """How the image of an instance begins."""
    return f"{REPOSITORY}:llm-{instance_id[-5:]}-2026"


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Answer the question; what was asked."""
    asked: list[str] = []

    def reply(question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr("builtins.input", reply)
    return asked


def meanwhile(monkeypatch: pytest.MonkeyPatch, method: str, happens: Callable[[str], Any]) -> None:
    """Let something happen after each such call on an instance."""
    real = getattr(DswClient, method)

    async def wrapped(client: DswClient, instance_id: str, *arguments: Any) -> Any:
        answer = await real(client, instance_id, *arguments)
        happens(instance_id)
        return answer

    monkeypatch.setattr(DswClient, method, wrapped)


def test_without_a_backup_it_says_that_nothing_is_saved(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.put(1, labels=marked())
    assert undeclared(world, export, "--dry-run") == 1
    offer = "NOTHING OF THEM IS SAVED; --backup saves their environments as images first.\n"
    assert offer in capsys.readouterr().out
    asked = answering(monkeypatch, "release")
    assert undeclared(world, export) == 0
    assert asked == ["Type release to delete them without a backup: "]
    assert offer in capsys.readouterr().out
    assert (left(world), images(world)) == (set(), [])


def test_each_is_saved_and_then_deleted(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded("ghost")
    asked = answering(monkeypatch, "release")
    assert undeclared(world, export, *BACKUP) == 0
    assert asked == ["Type release to save them and then delete them: "]
    assert left(world) == set()
    (image,) = images(world)
    assert image.startswith(own_image(made))
    said = capsys.readouterr().out
    assert f"Each one's environment is saved to {REPOSITORY} first; one that can't be is left alone." in said
    assert f"{made}: saving the environment: Pushing\n" in said
    assert said.endswith(f"{made}: gone; its environment is saved: {image}\n")
    order = [one.operation for one in world.emulator.calls]
    assert order.index("CreateInstanceSnapshot") < order.index("DeleteInstance")


def test_saying_no_saves_nothing(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.put(1, labels=marked())
    answering(monkeypatch, "no")
    assert undeclared(world, export, *BACKUP) == 1
    assert undeclared(world, export, *BACKUP, "--dry-run") == 1
    assert (left(world), writes(world)) == ({made}, [])


def test_several_stopped_ones_are_saved_at_once_and_none_overwrites_another(
    world: AuditedAccount, export: Path
) -> None:
    made = [world.put(number, labels=marked()) for number in (1, 2)]
    assert undeclared(world, export, *BACKUP, "--yes") == 0
    assert left(world) == set()
    assert sorted(image[: len(own_image(made[0]))] for image in images(world)) == [
        own_image(one) for one in made
    ]
    assert writes(world).count("StartInstance") == 2
    assert world.emulator.bill().total == 0


def test_what_the_trial_cannot_start_twice_is_left_alone(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [world.put(number, labels=marked()) for number in (1, 2)]
    # For one short session, not for two.
    world.emulator.trial(remaining_cu=40)
    assert undeclared(world, export, *BACKUP, "--yes") == 1
    (kept,) = left(world)
    assert kept in made
    assert f"{kept}: not deleted: {kept} is not saved: " in capsys.readouterr().out
    assert len(images(world)) == 1
    assert {one.status for one in world.emulator.instances} == {"Stopped"}
    assert world.emulator.bill().total == 0


def test_one_that_cannot_be_saved_is_left_alone(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, other = world.guarded("one"), world.guarded("two", region=FAR)
    world.emulator.faults.add("permission", "CreateInstanceSnapshot", region=HOME, times=0)
    assert undeclared(world, export, *BACKUP, "--yes") == 1
    said = capsys.readouterr().out
    assert f"{made}: not deleted: {made} is not saved: CreateInstanceSnapshot: No permission" in said
    assert "it is Running, and no snapshot is under way" in said
    assert "without --backup it is deleted and its files are lost\n" in said
    assert f"{other}: gone; its environment is saved: {own_image(other)}" in said
    assert left(world) == {made}
    assert release(world, made, "--running", made, "--yes") == 0
    assert left(world) == set()


def test_named_ones_are_saved_too(world: AuditedAccount) -> None:
    made = world.cloud.running("somebodys")
    assert release(world, made, *running(world), *BACKUP, "--yes") == 0
    assert left(world) == set()
    assert images(world)[0].startswith(own_image(made))


def test_a_declared_one_is_pulumis_with_a_backup_as_well(world: AuditedAccount, export: Path) -> None:
    made = world.guarded()
    export.write_text(state(instance_resource(made), emulator=world.emulator.url), encoding="utf-8")
    assert release(world, made, "--state", str(export), *BACKUP, "--yes") == ExitCode.FAILED
    assert (left(world), images(world)) == ({made}, [])


def test_what_is_being_deleted_holds_nothing(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    world.cloud.dsw().delete_instance(made)
    asked = answering(monkeypatch, "no")
    assert undeclared(world, export) == 1
    assert asked == ["Type release to delete them: "]
    assert "SAVED" not in capsys.readouterr().out
    assert undeclared(world, export, *BACKUP, "--yes") == 0
    assert capsys.readouterr().out.endswith(f"{made}: gone\n")
    assert "CreateInstanceSnapshot" not in writes(world)


def test_labels_that_changed_while_it_was_saved(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    taken = lambda one: world.change(one, lambda instance: instance.labels.clear())  # noqa: E731
    meanwhile(monkeypatch, "create_snapshot", taken)
    assert undeclared(world, export, *BACKUP, "--yes") == 1
    said = capsys.readouterr().out
    assert f"{made}: not deleted: its labels have changed" in said
    assert f"; its environment is saved: {own_image(made)}" in said
    assert left(world) == {made}


@pytest.mark.parametrize("why", ["labels", "refused"])
def test_one_started_for_its_backup_and_not_deleted_is_stopped_again(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    made = world.put(1, labels=marked())
    if why == "labels":
        meanwhile(
            monkeypatch, "create_snapshot", lambda _: world.change(made, lambda one: one.labels.clear())
        )
    else:
        world.emulator.faults.add("throttling", "DeleteInstance", times=0)
    assert undeclared(world, export, *BACKUP, "--yes") == 1
    assert len(images(world)) == 1
    assert [one.status for one in world.emulator.instances] == ["Stopped"]


def test_one_that_went_while_it_was_saved_is_reported(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    gone = lambda one: world.emulator.do(lambda cloud: cloud.state.instances.pop(one))  # noqa: E731
    meanwhile(monkeypatch, "create_snapshot", gone)
    assert undeclared(world, export, *BACKUP, "--yes") == 0
    assert f"{made}: {made} is not saved: " in capsys.readouterr().out


def test_one_that_went_before_it_was_saved_is_reported(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()

    def gone(_: str) -> str:
        world.emulator.do(lambda cloud: cloud.state.instances.pop(made))
        return "release"

    monkeypatch.setattr("builtins.input", gone)
    assert undeclared(world, export, *BACKUP) == 0
    assert f"{made}: gone; nothing of it was saved before\n" in capsys.readouterr().out


def test_an_answer_that_lies_about_a_lost_one_deletes_nothing(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    lie = lambda _: world.emulator.faults.add("not-found", "GetInstanceSnapshot", times=0)  # noqa: E731
    meanwhile(monkeypatch, "create_snapshot", lie)
    assert undeclared(world, export, *BACKUP, "--yes") == 1
    assert f"{made}: not deleted: " in capsys.readouterr().out
    assert left(world) == {made}


def test_interrupted_while_saving_nothing_is_deleted(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    meanwhile(monkeypatch, "create_snapshot", lambda _: signal.raise_signal(signal.SIGINT))
    assert undeclared(world, export, *BACKUP, "--yes") == ExitCode.INTERRUPTED
    assert f"{made}: not deleted: {made} is not saved: interrupted; it is Saving" in capsys.readouterr().out
    assert left(world) == {made}
    monkeypatch.undo()
    assert undeclared(world, export, *BACKUP, "--yes") == 0
    # The one that continued, and what was done since.
    assert len(images(world)) == 2


def test_interrupted_while_deleting_it_says_so(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    meanwhile(monkeypatch, "delete_instance", lambda _: signal.raise_signal(signal.SIGINT))
    assert undeclared(world, export, "--yes") == ExitCode.INTERRUPTED
    said = capsys.readouterr().out
    assert f"cancelled while instance {made} was being deleted; run dsw release again" in said


def test_storage_that_may_bill_is_a_warning(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.put(1, labels=marked())
    world.put(2, labels=marked(), region=FAR)
    assert undeclared(world, export, *BACKUP, "--dry-run") == 1
    warned = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning: ")]
    assert [line.partition(",")[0] for line in warned] == [
        f"warning: {FAR}: the backup goes to another region"
    ]


def test_the_place_of_the_stack(world: AuditedAccount, tmp_path: Path) -> None:
    made = world.cloud.running("somebodys")
    declared = f"config:\n  dsw-free-tier:backup: {{snapshot: llm, repository: {REPOSITORY}}}\n"
    (tmp_path / "Pulumi.dev.yaml").write_text(declared, encoding="utf-8")
    arguments = [
        "release",
        made,
        "--running",
        made,
        "--backup",
        "--yes",
        "--region",
        HOME,
        "--emulator-url",
        world.emulator.url,
    ]
    assert main(arguments, tmp_path) == 0
    assert images(world)[0].startswith(own_image(made))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dsw-1", "--snapshot", "llm"], "give --backup as well"),
        (["dsw-1", "--repository", REPOSITORY], "give --backup as well"),
        (["dsw-1", "--backup"], "backup.snapshot and backup.repository are not set"),
        (["dsw-1", "--backup", "--snapshot", "llm"], "backup.repository is not set"),
        (["dsw-1", "--backup", "--snapshot", "L", "--repository", "x"], "backup.snapshot is 'L'"),
    ],
)
def test_wrong_options(
    world: AuditedAccount, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release(world, *arguments) == ExitCode.USAGE
    assert words in capsys.readouterr().err
    assert world.emulator.calls == []
