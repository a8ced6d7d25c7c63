"""The command line of `dsw check`, and what is decided before the engine runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paidsw.cli.__main__ import main
from paidsw.cli.check import run
from paidsw.cli.check.gate import Request
from paidsw.cli.errors import ExitCode
from paidsw.cli.reports import FORMATS, Report
from paidsw.cli.reports.finding import Finding, Level
from paidsw.setup.layout import ROOT

CLEAN = Report((), frozenset({"no-spot"}))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "check", lambda *given: CLEAN)


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
        (["/nowhere"], "there is no folder /nowhere; give the folder of a checkout"),
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
    monkeypatch.setattr(run, "check", lambda *given: Report((found,)))
    assert main(["check"]) == 1


def test_the_command_line_says_what_is_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Request] = []

    def check(request: Request) -> Report:
        asked.append(request)
        return CLEAN

    monkeypatch.setattr(run, "check", check)
    levels = tmp_path / "levels.json"
    assert main(["check"]) == 0
    options = ["--stack", "dev", "--stack", "prod", "--run-program", "--policy-pack-config", str(levels)]
    assert main(["check", str(tmp_path), *options]) == 0
    assert asked == [Request(ROOT), Request(ROOT, tmp_path, ("dev", "prod"), True, levels)]
    # The program starts in another folder than the command, so its own has to be named in full.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "branch").mkdir()
    assert main(["check", "branch", "--other-project"]) == 0
    assert asked[2] == Request(ROOT, tmp_path / "branch", other_project=True)
