"""What a check does around the previews: which files it reads, and what it does where it can't."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from paidsw.cli.check import gate
from paidsw.cli.check.gate import Request, check
from paidsw.cli.check.preview import Preview, Stack, Task
from paidsw.cli.check.stack_files import StackFile
from paidsw.cli.errors import CliError, ExitCode
from paidsw.cli.reports import Report
from paidsw.cli.reports.finding import ENGINE, NOTEBOOK, PROJECT, SETTING, Finding, Level
from tests.support.gate import SEEN, Previews, write_project

Place = tuple[str, str, int]


def places(report: Report) -> list[Place]:
    return [(one.rule, one.file, one.line) for one in report.findings]


def test_every_stack_is_judged(tmp_path: Path, previews: Previews) -> None:
    report = check(Request(write_project(tmp_path, dev="config: {}\n", prod="config: {}\n")))
    assert (report.findings, report.exit_code) == ((), 0)
    assert report.files == ("Pulumi.dev.yaml", "Pulumi.prod.yaml")
    assert [one.name for one in previews.stacks] == ["dev", "prod"]
    assert previews.task == Task(tmp_path, previews.task.project, "dsw-free-tier", tmp_path)


def test_stacks_can_be_named(tmp_path: Path, previews: Previews) -> None:
    root = write_project(tmp_path, dev="config: {}\n", prod="- broken\n")
    assert check(Request(root, stacks=("dev", "dev"))).files == ("Pulumi.dev.yaml",)
    assert [one.name for one in previews.stacks] == ["dev"]


def test_one_stack_that_fails_does_not_hide_another(tmp_path: Path, previews: Previews) -> None:
    previews.events["prod"] = ()
    root = write_project(tmp_path, dev="config: {}\n", prod="config: {}\n", broken="config:\n  a: b: c\n")
    report = check(Request(root))
    assert places(report) == [(SETTING, "Pulumi.broken.yaml", 2), (NOTEBOOK, "__main__.py", 1)]
    assert "for stack prod" in report.findings[1].text
    assert report.exit_code == 1


def test_a_configuration_that_is_not_yaml_is_a_violation_at_its_line(
    tmp_path: Path, previews: Previews
) -> None:
    report = check(Request(write_project(tmp_path, dev="config:\n  a: b: c\n")))
    assert places(report) == [(SETTING, "Pulumi.dev.yaml", 2)]
    assert report.exit_code == 1
    assert previews.stacks == []


def test_a_setting_that_the_project_requires_is_a_violation_where_it_is_missing(
    tmp_path: Path, previews: Previews
) -> None:
    declared = "config:\n  driver: {type: string}\n"
    root = write_project(tmp_path, declared, dev="config: {}\n", prod='config: {driver: "535.10"}\n')
    report = check(Request(root))
    (found,) = report.findings
    assert (found.rule, found.file) == (SETTING, "Pulumi.yaml")
    assert found.text == (
        "dsw-free-tier:driver is declared without a value, and Pulumi.dev.yaml has none; "
        "give it a default, or run pulumi config set dsw-free-tier:driver VALUE"
    )
    assert report.exit_code == 1
    assert [one.name for one in previews.stacks] == ["prod"]


def test_a_stack_without_a_configuration_could_not_be_checked(tmp_path: Path, previews: Previews) -> None:
    report = check(Request(write_project(tmp_path, dev=""), stacks=("prod",)))
    (found,) = report.findings
    assert (found.rule, found.file) == (ENGINE, "Pulumi.prod.yaml")
    assert found.text == f"there is no Pulumi.prod.yaml in {tmp_path}; bring it back, or name another --stack"
    assert report.exit_code == ExitCode.FAILED


def test_a_project_without_stacks_is_no_clean_one(tmp_path: Path, previews: Previews) -> None:
    report = check(Request(write_project(tmp_path)))
    assert places(report) == [(PROJECT, "Pulumi.dev.yaml", 1)]
    assert report.exit_code == 1


def test_a_folder_without_a_project_could_not_be_checked(tmp_path: Path, previews: Previews) -> None:
    checkout, branch = write_project(tmp_path / "base", dev=""), tmp_path / "branch"
    branch.mkdir()
    report = check(Request(checkout, branch))
    assert [one.text for one in report.findings] == [f"there is no Pulumi.yaml in {branch}; bring it back"]
    assert report.exit_code == ExitCode.FAILED


def test_stack_files_are_where_the_base_keeps_them(tmp_path: Path, previews: Previews) -> None:
    root = write_project(tmp_path, "stackConfigDir: stacks\n", dev="config: {}\n")
    (root / "stacks").mkdir()
    (root / "stacks" / "Pulumi.prod.yaml").write_text("environment: [x]\n")
    report = check(Request(root))
    assert places(report) == [(SETTING, "stacks/Pulumi.prod.yaml", 1)]
    assert [one.file for one in previews.stacks] == [root / "stacks" / "Pulumi.prod.yaml"]


def test_the_base_runs_and_the_folder_is_data(tmp_path: Path, previews: Previews) -> None:
    checkout = write_project(tmp_path / "base", dev="config: {}\n")
    branch = write_project(tmp_path / "branch", prod="config: {}\n")
    (branch / "__main__.py").write_text("changed")
    report = check(Request(checkout, branch))
    assert (previews.task.checkout, previews.task.program) == (checkout, checkout)
    assert [one.file for one in previews.stacks] == [branch / "Pulumi.prod.yaml"]
    assert [(one.level, one.file) for one in report.findings] == [(Level.WARNING, "__main__.py")]
    assert report.exit_code == 0


def test_the_folders_program_runs_when_asked(tmp_path: Path, previews: Previews) -> None:
    checkout = write_project(tmp_path / "base", dev="config: {}\n")
    branch = write_project(tmp_path / "branch", prod="config: {}\n")
    (branch / "__main__.py").write_text("changed")
    assert check(Request(checkout, branch, run_program=True)).findings == ()
    assert (previews.task.checkout, previews.task.program) == (checkout, branch)
    (branch / "__main__.py").unlink()
    report = check(Request(checkout, branch, run_program=True))
    assert [one.text for one in report.findings] == ["there is no __main__.py to run; bring it back"]
    assert report.exit_code == ExitCode.FAILED


def test_settings_of_providers_do_not_reach_the_preview(tmp_path: Path, previews: Previews) -> None:
    text = "config:\n  alicloud:region: cn-beijing\n  alicloud:config:insecure: true\n  other:x: 1\n"
    text += "  paidsw:caBundle: /dev/zero\n  alicloud:profile: x\n  pulumi:tags: {}\n"
    report = check(Request(write_project(tmp_path, dev=text)))
    assert places(report) == [(SETTING, "Pulumi.dev.yaml", 3), (SETTING, "Pulumi.dev.yaml", 4)]
    assert [one.without for one in previews.stacks] == [
        {"alicloud:insecure", "other:x", "paidsw:caBundle", "alicloud:profile"}
    ]


def test_a_certificate_of_the_branch_is_refused(tmp_path: Path, previews: Previews) -> None:
    report = check(Request(write_project(tmp_path, dev="config:\n  paidsw:caBundle: ca.pem\n")))
    assert places(report) == [(SETTING, "Pulumi.dev.yaml", 2)]


def test_the_settings_of_the_project_file_are_judged_too(tmp_path: Path, previews: Previews) -> None:
    text = "config:\n  alicloud:endpoints: {value: [{aiworkspace: a.example}]}\n"
    report = check(Request(write_project(tmp_path, text, dev="config: {}\n")))
    assert places(report) == [(SETTING, "Pulumi.yaml", 3)]


def test_an_engine_that_cannot_begin_could_not_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(task: Task, stacks: Sequence[Stack]) -> list[Preview]:
        raise CliError("there is no pulumi on this machine yet", "run make setup")

    monkeypatch.setattr(gate, "previews", fail)
    report = check(Request(write_project(tmp_path, dev="config: {}\n")))
    assert [one.text for one in report.findings] == ["there is no pulumi on this machine yet; run make setup"]
    assert report.exit_code == ExitCode.FAILED


def test_a_misspelt_rule_in_the_policy_configuration_could_not_be_checked(
    tmp_path: Path, previews: Previews
) -> None:
    levels = tmp_path / "root" / "levels.json"
    root = write_project(tmp_path / "root", dev="config: {}\n")
    levels.write_text('{\n"all": "Mandatory",\n"no-sopt": "mandatory"}', encoding="utf-8")
    report = check(Request(root, policy_config=levels))
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
    assert previews.stacks == []


def test_what_several_stacks_have_in_common_is_said_once() -> None:
    def finding(
        text: str, stack: str, file: str = "__main__.py", rule: str = "x"
    ) -> tuple[StackFile, Finding]:
        urn = f"urn:pulumi:{stack}::p::t::one"
        return StackFile(stack, f"Pulumi.{stack}.yaml"), Finding(Level.ERROR, rule, text, file, 1, urn)

    found = [finding(text, stack) for stack in ("a", "b", "c") for text in ("all", f"only {stack}")]
    found += [finding("two", "a"), finding("two", "c")]
    found += [finding("set", "b", "Pulumi.b.yaml"), finding("none for stack c", "c", rule=NOTEBOOK)]
    assert [one.text for one in gate.across(found, 3)] == [
        "all",
        "only a (stack a)",
        "only b (stack b)",
        "only c (stack c)",
        "two (stacks a, c)",
        "set",
        "none for stack c",
    ]
    assert [one.text for one in gate.across([finding("one", "a")], 1)] == ["one"]


def test_a_report_has_plain_texts_of_bounded_length() -> None:
    found = Finding(Level.ERROR, "x", "a\n\x1b[31m\u202eb" + "c" * 5000, "f\n" + "g" * 500, 1, "urn\x00")
    (one,) = gate.report([found, found], frozenset(), ()).findings
    assert one.text.startswith("a \ufffd[31m\ufffdbccc")
    assert (len(one.text), len(one.file), one.urn) == (2000, 300, "urn\ufffd")


def test_a_report_has_a_bounded_number_of_findings() -> None:
    found = [Finding(Level.ERROR, "x", f"text {number:04}", "f", 1) for number in range(1000)]
    report = gate.report(found, frozenset(), ())
    assert len(report.findings) == 501
    assert report.findings[-1].text == "there are 500 more findings; fix these first"
    assert report.exit_code == 1


def test_the_fake_previews_are_like_real_ones() -> None:
    assert [next(iter(one)) for one in SEEN] == ["resourcePreEvent", "policyAnalyzeSummaryEvent"]


def test_thousands_of_keys_are_judged_at_once(tmp_path: Path, previews: Previews) -> None:
    keys = "".join(f"k{number}: 1\n" for number in range(5000))
    base = write_project(tmp_path / "base", dev="config: {}\n")
    branch = write_project(tmp_path / "branch", keys, dev=keys)
    begun = time.monotonic()
    report = check(Request(base, branch))
    assert time.monotonic() - begun < 10  # a second on an idle machine
    assert report.exit_code == 1
    assert report.findings[-1].text.startswith("there are 9500 more findings")
