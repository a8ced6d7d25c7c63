"""`dsw release`: what it deletes, and all that it leaves alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paidsw.cli.__main__ import main
from paidsw.cli.errors import ExitCode
from paidsw.cloud import Connection, CredentialsMissing
from paidsw.cloud.sdk import SdkClient
from paidsw.emulator.testing import running_emulator
from paidsw.provider.instance import labels
from tests.support.audited import URN, AuditedAccount, instance_resource, state
from tests.support.cloud import HOME

FAR = "cn-hongkong"
WRITES = ("Create", "Update", "Delete", "Stop", "Start")


@pytest.fixture
def world() -> Iterator[AuditedAccount]:
    with running_emulator() as emulator:
        yield AuditedAccount(emulator)


@pytest.fixture
def export(tmp_path: Path, world: AuditedAccount) -> Path:
    target = tmp_path / "stack.json"
    target.write_text(state(emulator=world.emulator.url), encoding="utf-8")
    return target


def release(world: AuditedAccount, *more: str) -> int:
    arguments = [str(argument) for argument in more]
    return main(
        ["release", "--emulator-url", world.emulator.url, "--region", HOME, "--region", FAR, *arguments]
    )


def left(world: AuditedAccount) -> set[str]:
    return {instance.id for instance in world.emulator.instances}


def writes(world: AuditedAccount) -> list[str]:
    return [call.operation for call in world.emulator.calls if call.operation.startswith(WRITES)]


def marked(urn: str = URN) -> dict[str, str]:
    return labels.ours(urn, 4)


def test_only_what_is_of_this_stack_and_undeclared_goes(world: AuditedAccount, export: Path) -> None:
    ghost = world.guarded("ghost", region=FAR)
    stopped = world.put(1, labels=marked())
    kept = {
        world.guarded("declared"),
        world.cloud.running("somebodys"),
        world.put(2, labels=marked(URN.replace(":dev::", ":prod::"))),
        world.put(3, labels=marked(URN.replace("::dsw-free-tier::", "::other::"))),
        world.put(4, labels={"paidsw-stack": "dev", "paidsw-project": "dsw-free-tier"}),
        world.put(5, name="ghost_by_name_only"),
    }
    mine = next(one for one in world.emulator.instances if one.name == "declared").id
    export.write_text(state(instance_resource(mine), emulator=world.emulator.url), encoding="utf-8")
    named = ("--yes", "--running", ghost)
    assert release(world, "--undeclared", "--state", str(export), *named) == 0
    assert left(world) == kept
    assert {ghost, stopped} & left(world) == set()
    assert sorted(set(writes(world)) - {"CreateWorkspace", "CreateInstance"}) == [
        "CreateIdleInstanceCuller",
        "CreateInstanceShutdownTimer",
        "DeleteInstance",
    ]


def test_it_shows_first_and_asks(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())
    for answer in ("", "yes", "y", "RELEASE please"):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert release(world, "--undeclared", "--state", str(export)) == 1
    said = capsys.readouterr().out
    assert re.search(rf"^  {made} +put_1 +{HOME} +Stopped +", said, re.M)
    assert "ours, not declared, stack dsw-free-tier/dev" in said
    assert said.endswith("Nothing was released.\n")
    assert (left(world), writes(world)) == ({made}, [])
    monkeypatch.setattr("builtins.input", lambda _: " release ")
    assert release(world, "--undeclared", "--state", str(export)) == 0
    assert capsys.readouterr().out.endswith(f"{made}: gone\n")
    assert left(world) == set()


def test_with_nobody_to_ask_nothing_goes(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.put(1, labels=marked())

    def nobody(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    assert release(world, "--undeclared", "--state", str(export)) == 1
    assert left(world) == {made}


def test_a_dry_run_changes_nothing(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())
    assert release(world, "--undeclared", "--state", str(export), "--dry-run", "--yes") == 1
    assert "that was the dry run" in capsys.readouterr().out
    assert (left(world), writes(world)) == ({made}, [])


def test_nothing_to_release(world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world.put(1)
    assert release(world, "--undeclared", "--state", str(export), "--yes") == 0
    assert capsys.readouterr().out == "Nothing to release.\n"


def test_named_ones_are_deleted_even_if_others_made_them(world: AuditedAccount) -> None:
    made, other = world.cloud.running("somebodys"), world.put(2)
    assert release(world, made, "--yes", "--running", made) == 0
    assert left(world) == {other}


def test_a_declared_one_is_pulumis(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    export.write_text(state(instance_resource(made), emulator=world.emulator.url), encoding="utf-8")
    assert release(world, made, "--state", str(export), "--yes") == ExitCode.FAILED
    assert "release it with pulumi destroy" in capsys.readouterr().err
    assert left(world) == {made}


def test_one_that_is_not_there_stops_all(world: AuditedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    made = world.put(1)
    assert release(world, made, "dsw-0123456789abcdef", "--yes") == ExitCode.FAILED
    assert "there is no instance dsw-0123456789abcdef" in capsys.readouterr().err
    assert left(world) == {made}


def test_it_waits_until_they_are_gone_and_stops_where_it_must(world: AuditedAccount, export: Path) -> None:
    world.emulator.settings(strict_delete=True)
    made = world.guarded()
    assert release(world, "--undeclared", "--state", str(export), "--yes", "--running", made) == 0
    assert left(world) == set()
    assert "StopInstance" in writes(world)


def test_one_that_is_not_deleted_is_reported(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, gone = world.put(1, labels=marked()), world.put(2, labels=marked(), region=FAR)
    world.emulator.faults.add("permission", "DeleteInstance", region=HOME, times=0)
    assert release(world, "--undeclared", "--state", str(export), "--yes") == 1
    said = capsys.readouterr().out
    assert f"{gone}: gone" in said
    assert f"{made}: instance {made} could not be deleted" in said
    assert "pulumi destroy" not in said
    assert left(world) == {made}


def test_a_region_that_is_not_seen_is_reported(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())
    world.emulator.faults.add("http-503", "ListInstances", region=FAR, times=0)
    assert release(world, "--undeclared", "--state", str(export), "--yes") == ExitCode.FAILED
    assert f"not seen: {FAR}: refused" in capsys.readouterr().out
    assert made not in left(world)


def test_labels_that_changed_since_the_dry_run(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())

    def meanwhile(_: str) -> str:
        world.change(made, lambda instance: instance.labels.clear())
        return "release"

    monkeypatch.setattr("builtins.input", meanwhile)
    assert release(world, "--undeclared", "--state", str(export)) == 1
    assert "its labels have changed" in capsys.readouterr().out
    assert left(world) == {made}


def test_one_that_went_by_itself_is_gone(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())

    def meanwhile(_: str) -> str:
        world.emulator.do(lambda cloud: cloud.state.instances.pop(made))
        return "release"

    monkeypatch.setattr("builtins.input", meanwhile)
    assert release(world, "--undeclared", "--state", str(export)) == 0
    assert f"{made}: gone" in capsys.readouterr().out


def test_one_answer_that_lies_about_a_lost_one_is_not_enough(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())
    world.emulator.faults.add("not-found", "GetInstance", times=1)
    assert release(world, "--undeclared", "--state", str(export), "--yes") == 0
    assert f"{made}: gone" in capsys.readouterr().out
    assert left(world) == set()
    assert "DeleteInstance" in writes(world)


def test_a_read_that_lies_on_is_not_gone_while_the_list_has_it(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())
    world.emulator.faults.add("not-found", "GetInstance", times=0)
    world.emulator.faults.add("permission", "DeleteInstance", times=0)
    assert release(world, "--undeclared", "--state", str(export), "--yes") == 1
    assert f"{made}: gone" not in capsys.readouterr().out
    assert left(world) == {made}


def test_where_the_read_lies_and_the_list_is_not_to_be_had_nothing_is_called_gone(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())

    def meanwhile(_: str) -> str:
        world.emulator.faults.add("not-found", "GetInstance", times=0)
        world.emulator.faults.add("http-503", "ListInstances", times=0)
        return "release"

    monkeypatch.setattr("builtins.input", meanwhile)
    assert release(world, "--undeclared", "--state", str(export)) == 1
    assert f"{made}: not deleted: " in capsys.readouterr().out
    assert (left(world), writes(world)) == ({made}, [])


def test_labels_that_changed_are_seen_in_the_list_too(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=marked())

    def meanwhile(_: str) -> str:
        world.change(made, lambda instance: instance.labels.clear())
        world.emulator.faults.add("not-found", "GetInstance", times=0)
        return "release"

    monkeypatch.setattr("builtins.input", meanwhile)
    assert release(world, "--undeclared", "--state", str(export)) == 1
    assert "its labels have changed" in capsys.readouterr().out
    assert (left(world), writes(world)) == ({made}, [])


def test_one_that_cannot_be_read_is_left_alone_and_said(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.put(1, labels=marked())
    real = SdkClient.call

    async def call(self: SdkClient, operation: str, request: Any, *path: str) -> Any:
        answer = await real(self, operation, request, *path)
        if operation == "ListInstances":
            for item in answer["Instances"]:
                item["Labels"] = "broken"
        return answer

    monkeypatch.setattr(SdkClient, "call", call)
    assert release(world, "--undeclared", "--state", str(export), "--yes") == ExitCode.FAILED
    said = capsys.readouterr().out
    assert f"not seen: {HOME}: " in said
    assert "Nothing to release where it could look." in said
    assert writes(world) == []


def test_hostile_names_in_the_plan(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.put(1, name="\x1b[2J\u202eabc", labels=marked())
    assert release(world, "--undeclared", "--state", str(export), "--dry-run") == 1
    assert all(letter.isprintable() or letter == "\n" for letter in capsys.readouterr().out)


def test_programs_get_one_document(
    world: AuditedAccount, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, stays = world.put(1, labels=marked()), world.put(2, labels=marked(), region=FAR)
    arguments = ("--undeclared", "--state", str(export), "--json")
    assert release(world, *arguments, "--dry-run") == ExitCode.FOUND
    planned = json.loads(capsys.readouterr().out)["instances"]
    assert {one["instanceId"] for one in planned} == {made, stays}
    assert {one["region"] for one in planned} == {HOME, FAR}
    assert {(one["released"], one["owner"]) for one in planned} == {(None, "undeclared")}
    assert writes(world) == []

    world.emulator.faults.add("permission", "DeleteInstance", region=FAR, times=0)
    assert release(world, *arguments, "--yes") == ExitCode.FOUND
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert {one["instanceId"]: one["released"] for one in document["instances"]} == {made: True, stays: False}
    assert document["notSeen"] == []
    assert f"{made}: gone\n" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no instance is named; give the ids of instances, or --undeclared with --state"),
        (["--undeclared", "dsw-1"], "--undeclared and ids are two choices; give one of them"),
        (["--undeclared"], "--undeclared needs --state"),
        (["--undeclared", "--state", "-"], "nothing to answer from"),
        (["dsw-1", "--json"], "--json asks nothing; give --yes or --dry-run as well"),
        (["notebook"], "is not an instance id"),
        (["dsw-1; rm"], "is not an instance id"),
        (["dsw-1", "--region", "cn-heyuan"], "'cn-heyuan' can't be used"),
    ],
)
def test_wrong_options(
    world: AuditedAccount, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release(world, *arguments) == ExitCode.USAGE
    assert words in capsys.readouterr().err
    assert world.emulator.calls == []


def test_a_state_that_is_not_there(world: AuditedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert release(world, "--undeclared", "--state", "/nowhere") == ExitCode.FAILED
    assert "--state /nowhere can't be read: No such file" in capsys.readouterr().err
    assert world.emulator.calls == []


def test_without_credentials_it_says_so_and_asks_nobody(
    world: AuditedAccount, export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def none(self: Connection) -> str:
        raise CredentialsMissing("no credentials", "set some")

    monkeypatch.setattr(Connection, "credentials_source", none)
    assert release(world, "dsw-1", "--dry-run") == ExitCode.FAILED
    assert capsys.readouterr().err == "error: nothing can be looked for: no credentials; set some\n"
    assert world.emulator.calls == []
