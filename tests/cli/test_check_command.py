"""The command line of `dsw check`, and what is decided before the engine runs."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from paidsw.cli import check
from paidsw.cli.__main__ import main, parser
from paidsw.cli.reports import Report
from paidsw.cli.reports.finding import ENGINE, SETTING, Finding, Level

CLEAN = Report((), frozenset({"no-spot"}))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check", lambda *given: CLEAN)


def options(*arguments: str) -> argparse.Namespace:
    return parser().parse_args(["check", *arguments])


def test_it_says_text_unless_told(clean: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "Clean: 1 rule applied.\n"


def test_several_reports_in_one_run(clean: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "folder" / "out.xml"
    assert main(["check", "--report", "markdown", "--report", f"junit={file}", "--report", "github"]) == 0
    assert file.read_text().startswith("<?xml")
    assert capsys.readouterr().out.startswith("<!-- dsw check -->")


def test_a_file_may_have_an_equals_sign_in_its_name() -> None:
    assert options("--report", "sarif=a=b.json").report == [("sarif", Path("a=b.json"))]


@pytest.mark.parametrize(
    "arguments", [["--report", "html"], ["--report", "=x"], ["--stack", "a/b"], ["--stack", ""], ["--colour"]]
)
def test_a_wrong_option_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", *arguments])
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_the_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    text = capsys.readouterr().out
    for said in ("0  clean", "1  violations", "2  could not check", "text, github, junit, sarif, markdown"):
        assert said in text


def test_a_report_that_cannot_be_written_is_one_sentence(
    clean: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--report", f"sarif={tmp_path}"]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path} can't be written: Is a directory\n"


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
    assert "Pulumi.prod.yaml can't be used: No such file" in found.text
    assert report.exit_code == 2


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
    assert report.exit_code == 2
    assert list((tmp_path / ".rehearsal").iterdir()) == []


def test_a_misspelt_rule_in_the_policy_configuration_could_not_be_checked(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        (tmp_path / name).write_text("name: x\n", encoding="utf-8")
    levels = tmp_path / "levels.json"
    levels.write_text('{"no-sopt": "mandatory"}', encoding="utf-8")
    report = check.check(tmp_path, policy_config=levels)
    (found,) = report.findings
    assert (found.rule, found.file) == (ENGINE, str(levels))
    assert found.text.startswith("there is no rule 'no-sopt'; allowed: all, free-backup-storage, ")
    assert found.text.endswith("; correct the name")
    assert report.exit_code == 2
