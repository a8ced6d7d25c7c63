"""The command line of `dsw check`, and what is decided before the engine runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paidsw.cli.__main__ import main
from paidsw.cli.check import run as check
from paidsw.cli.errors import ExitCode
from paidsw.cli.reports import FORMATS, Report
from paidsw.cli.reports.finding import ENGINE, SETTING, Finding, Level

CLEAN = Report((), frozenset({"no-spot"}))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check", lambda *given: CLEAN)


def test_it_says_text_unless_told(clean: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "Clean: 1 rule applied.\n"


def test_several_reports_in_one_run(clean: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "folder" / "out.xml"
    assert main(["check", "--report", "markdown", "--report", f"junit={file}", "--report", "github"]) == 0
    assert file.read_text().startswith("<?xml")
    assert capsys.readouterr().out.startswith("<!-- dsw check -->")


def test_a_file_may_have_an_equals_sign_in_its_name(
    clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--report", "sarif=a=b.json"]) == 0
    assert json.loads((tmp_path / "a=b.json").read_text())["version"] == "2.1.0"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--report", "html"], "--report 'html' can't be used; use text, github, junit, sarif, markdown"),
        (["--report", "=x"], "--report '' can't be used"),
        (["--stack", "a/b"], "--stack 'a/b' is not a stack name; use letters, digits, - _ . only"),
        (["--stack", ""], "--stack '' is not a stack name"),
        (["--colour"], "no such option: --colour"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith(f"error: {said}")


def test_the_help_explains_its_exit_codes_and_formats(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for said in ("Exits with 1 for violations", "with 3 when", *FORMATS):
        assert said in text


def test_a_report_that_cannot_be_written_is_one_sentence(
    clean: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--report", f"sarif={tmp_path}"]) == ExitCode.FAILED
    said = capsys.readouterr().err
    assert said.startswith(f"error: {tmp_path} can't be written: Is a directory; ")
    assert said.endswith(" get the right to write there, and run it again\n")


def test_violations_end_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Finding(Level.ERROR, "no-spot", "x", "f", 1)
    monkeypatch.setattr(check, "check", lambda *given: Report((found,)))
    assert main(["check"]) == 1


def project(folder: Path, config: str) -> Path:
    (folder / "Pulumi.yaml").write_text("name: dsw-free-tier\n")
    (folder / "Pulumi.dev.yaml").write_text(config)
    return folder


def test_a_configuration_that_is_not_yaml_is_a_violation_at_its_line(tmp_path: Path) -> None:
    report = check.check(project(tmp_path, "config:\n  a: b: c\n"))
    assert [(one.rule, one.file, one.line) for one in report.findings] == [(SETTING, "Pulumi.dev.yaml", 2)]
    assert report.exit_code == 1
    assert not (tmp_path / ".rehearsal").exists()


def test_a_stack_without_a_configuration_could_not_be_checked(tmp_path: Path) -> None:
    report = check.check(project(tmp_path, ""), "prod")
    (found,) = report.findings
    assert found.rule == ENGINE
    assert found.text == f"there is no Pulumi.prod.yaml in {tmp_path}; bring it back, or name another --stack"
    assert report.exit_code == ExitCode.FAILED


def test_a_machine_without_pulumi_could_not_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rehearsal").mkdir()
    (tmp_path / "rehearsal" / "Pulumi.yaml").write_text(
        "runtime: {name: python, options: {}}\nplugins: {providers: [{name: x, path: y}]}\n"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    report = check.check(project(tmp_path, "config: {}\n"))
    assert [one.text for one in report.findings] == ["there is no pulumi on this machine yet; run make setup"]
    assert report.exit_code == ExitCode.FAILED
    assert list((tmp_path / ".rehearsal").iterdir()) == []


def test_a_misspelt_rule_in_the_policy_configuration_could_not_be_checked(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        (tmp_path / name).write_text("name: x\n", encoding="utf-8")
    levels = tmp_path / "levels.json"
    levels.write_text('{\n"all": "Mandatory",\n"no-sopt": "mandatory"}', encoding="utf-8")
    report = check.check(tmp_path, policy_config=levels)
    assert [(one.rule, one.file, one.line, one.text) for one in report.findings] == [
        (
            ENGINE,
            "levels.json",
            2,
            "all is 'Mandatory', which is not a level, did you mean mandatory? correct it",
        ),
        (ENGINE, "levels.json", 3, "there is no rule 'no-sopt', did you mean no-spot? correct the name"),
    ]
    assert report.exit_code == ExitCode.FAILED
