"""`dsw audit` as a command: what it writes where, its exit codes, and what it says of wrong options."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw.cli import audit as command
from paidsw.cli.__main__ import main
from paidsw.cli.errors import CliError, ExitCode
from paidsw.emulator.testing import running_emulator
from tests.support.audited import AuditedAccount, instance_resource, state
from tests.support.cloud import HOME
from tests.support.command_tree import parsed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world() -> Iterator[AuditedAccount]:
    with running_emulator() as emulator:
        yield AuditedAccount(emulator)


def audit(world: AuditedAccount, *more: str) -> int:
    return main(["audit", "--emulator-url", world.emulator.url, "--region", HOME, *more])


def test_clean_is_0(world: AuditedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(world) == 0
    assert capsys.readouterr().out.endswith("Nothing that costs in 1 region\n")


def test_findings_are_1(world: AuditedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    world.put(1, disk_gib=200)
    assert audit(world) == 1
    assert "rule system-disk-size" in capsys.readouterr().out


def test_incomplete_is_2_whatever_was_found(
    world: AuditedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    world.put(1, disk_gib=200)
    world.emulator.settings(denied=["ListServices"])
    assert audit(world) == ExitCode.FAILED
    said = capsys.readouterr().out
    assert "rule system-disk-size" in said
    assert "INCOMPLETE: 1 finding where the audit could look" in said


@pytest.mark.parametrize(
    ("form", "begins"),
    [("json", "{"), ("markdown", "## PAI audit"), ("html", "<!doctype html>"), ("table", "Audit of http")],
)
def test_formats_and_a_file(
    world: AuditedAccount, form: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report"
    assert audit(world, "--format", form, "--output", str(target)) == 0
    assert target.read_text(encoding="utf-8").startswith(begins)
    assert capsys.readouterr().out == "Nothing that costs in 1 region\n"
    assert audit(world, "--format", form) == 0
    assert capsys.readouterr().out.startswith(begins)


def test_a_state_from_a_file_and_from_standard_input(
    world: AuditedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    target = tmp_path / "stack.json"
    target.write_text(state(instance_resource(made), emulator=world.emulator.url), encoding="utf-8")
    assert audit(world, "--state", str(target)) == 0
    assert "compared with stack dsw-free-tier/dev" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(state(emulator=world.emulator.url)))
    assert audit(world, "--state", "-") == 1
    assert f"end it: dsw release {made}" in capsys.readouterr().out


def test_an_empty_state_is_of_the_project_here(
    world: AuditedAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.guarded()
    target = tmp_path / "stack.json"
    target.write_text('{"deployment": {}}', encoding="utf-8")
    assert audit(world, "--state", str(target)) == 1
    assert audit(world, "--state", str(target), "--stack", "prod") == 0
    assert "compared with stack dsw-free-tier/prod" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--region", "cn-nowhere"], "--region 'cn-nowhere' can't be used; use "),
        (["--emulator-url", "http://example.com:1"], "is not on this machine"),
        (["--timeout", "0"], "give seconds from 1 to 600"),
        (["--timeout", "nan"], "--timeout is 'nan'; give seconds from 1 to 600"),
        (["--timeout", "soon"], "--timeout is 'soon'; give seconds from 1 to 600"),
        (["--watch", "1h"], "--watch is '1h'; give minutes from 1 to 1440"),
        (["--watch", "0.1"], "give minutes from 1 to 1440"),
        (["--format", "foo"], "--format 'foo' can't be used; use table, json, markdown, html"),
        (["--json", "--format", "html"], "--json and --format html are two formats; give one of them"),
        (["--emulator", "http://127.0.0.1:1"], "unexpected extra argument"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    world: AuditedAccount, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(world, *arguments) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert words in said
    assert len(said.splitlines()) == 1
    assert world.emulator.calls == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--state", "/nowhere/stack.json"], "can't be read: No such file"),
        (["--state", __file__], "not what `pulumi stack export` writes"),
        (["--output", "/nowhere/report"], "can't be written"),
    ],
)
def test_a_file_that_fails_is_one_sentence_and_not_clean(
    world: AuditedAccount, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(world, *arguments) == ExitCode.FAILED
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert words in said
    assert len(said.splitlines()) == 1


def test_an_emulator_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--emulator-url", "http://127.0.0.1:9"]) == ExitCode.FAILED
    assert "the audit can't begin" in capsys.readouterr().err


def test_without_a_rehearsal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--emulator"], tmp_path) == ExitCode.FAILED
    assert "the rehearsal's emulator doesn't run; start it with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("project", "said"),
    [(None, "there is no Pulumi.yaml in "), ("runtime: python\n", "doesn't say the project's name")],
)
def test_a_project_without_a_name(
    tmp_path: Path,
    world: AuditedAccount,
    capsys: pytest.CaptureFixture[str],
    project: str | None,
    said: str,
) -> None:
    if project:
        (tmp_path / "Pulumi.yaml").write_text(project, encoding="utf-8")
    target = tmp_path / "stack.json"
    target.write_text('{"deployment": {}}', encoding="utf-8")
    arguments = ["audit", "--emulator-url", world.emulator.url, "--state", str(target)]
    assert main(arguments, tmp_path) == ExitCode.FAILED
    assert said in capsys.readouterr().err


def test_the_cloud_is_the_real_one_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def look(wanted: Any) -> Any:
        seen.append(wanted)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "look", look)
    assert main(["audit", "--region", HOME, "--region", HOME, "--timeout", "3", "--without-billing"]) == 130
    [wanted] = seen
    assert (wanted.connection.emulator, wanted.regions, wanted.limit, wanted.billing) == (
        None,
        (HOME,),
        3,
        False,
    )


def test_watching_looks_again_and_ends_with_the_last_code(capsys: pytest.CaptureFixture[str]) -> None:
    codes, slept = [0, 2, 1], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    looks = iter(codes)
    assert command.watch(lambda: next(looks), 300, sleep) == 1
    assert slept == [300, 300, 300]
    assert capsys.readouterr().out.count("Again in 5 min") == 3


def test_watching_outlives_a_look_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    looks: Iterator[CliError | int] = iter([CliError("the state\x1b can't be read"), 1, CliError("again")])

    def look() -> int:
        found = next(looks)
        if isinstance(found, CliError):
            raise found
        return found

    codes: list[float] = []

    def sleep(seconds: float) -> None:
        codes.append(seconds)
        if len(codes) == 3:
            raise KeyboardInterrupt

    assert command.watch(look, 60, sleep) == ExitCode.FAILED
    assert capsys.readouterr().err == "error: the state\ufffd can't be read\nerror: again\n"


def test_watching_reads_the_state_again(
    world: AuditedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.guarded()
    target = tmp_path / "stack.json"
    target.write_text(state(emulator=world.emulator.url), encoding="utf-8")

    def wait(_: float) -> None:
        if instance_resource(made)["id"] in target.read_text(encoding="utf-8"):
            raise KeyboardInterrupt
        target.write_text(state(instance_resource(made), emulator=world.emulator.url), encoding="utf-8")

    monkeypatch.setattr(command, "watch", lambda look, seconds, real=command.watch: real(look, seconds, wait))
    assert audit(world, "--watch", "1", "--state", str(target)) == 0
    said = capsys.readouterr().out
    assert said.index("ours, not declared") < said.index("ours, declared")


def test_watching_a_state_that_can_be_read_only_once(
    world: AuditedAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(state(emulator=world.emulator.url)))
    assert audit(world, "--watch", "1", "--state", "-") == ExitCode.USAGE
    assert "give a file" in capsys.readouterr().err


DOCUMENT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    {
        found.rstrip()
        for found in re.findall(r"(?:^| )dsw ((?:audit|release|doctor)\b[^#|>\n`]*)", DOCUMENT, re.M)
    }
)


@pytest.mark.parametrize("line", [line for line in COMMANDS if " " in line])
def test_the_documents_commands_are_ones(line: str) -> None:
    assert parsed(shlex.split(line))[0] == (line.split(maxsplit=1)[0],)


def test_the_regular_examples_run_the_audit_as_it_is() -> None:
    found = re.findall(r"\.venv/bin/dsw ([a-z0-9 -]+?) *(?:>|$)", DOCUMENT, re.M)
    assert found == ["audit", "audit --format markdown"]
    [cron] = re.findall(r"^(?:[\d*/,-]+ ){5}(.*)$", DOCUMENT, re.M)
    assert "%" not in cron  # which cron takes for an end of line
    assert subprocess.run(["sh", "-n", "-c", cron], check=False).returncode == 0
    [workflow] = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.S)
    document = yaml.safe_load(workflow)
    assert document[True]["schedule"]  # YAML 1.1 reads `on` so
    steps = document["jobs"]["audit"]["steps"]
    assert [step["run"] for step in steps if "run" in step][-1].startswith(".venv/bin/dsw audit ")


@pytest.mark.parametrize(("code", "mail"), [(0, False), (1, True), (3, True)])
def test_cron_sends_mail_only_where_there_is_something(code: int, mail: bool, tmp_path: Path) -> None:
    [cron] = re.findall(r"^(?:[\d*/,-]+ ){5}(.*)$", DOCUMENT, re.M)
    command = tmp_path / ".venv" / "bin" / "dsw"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\necho "the report of $1"\nexit {code}\n', encoding="utf-8")
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", cron.replace("/path/to/project", str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout + done.stderr).strip() == ("the report of audit" if mail else "")


def test_json_on_a_terminal_can_be_piped(world: AuditedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    world.put(1, name="\x1b[31mred")
    assert audit(world, "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["name"] == "\x1b[31mred"
