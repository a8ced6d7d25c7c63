"""The engine's events, as it sends them, become findings at the line that caused them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.free_tier_notebook import TOKEN
from paidsw.cli.check import judge as judging
from paidsw.cli.check.judge import Judge, place_in
from paidsw.cli.reports.finding import ENGINE, PROGRAM, SETTING, UNCHECKED, Level
from paidsw.rules.examples import examples
from paidsw.rules.registry import rules
from tests.support.events import (
    COMPONENT,
    CONFIG,
    HEAD,
    NOTEBOOK_SEEN,
    ONE,
    diagnostic,
    judge_in,
    judge_of,
    policy,
    sentence,
    told,
)

LARGE = [{"subType": "rootfs", "capacity": "200Gi"}]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return judge_in(tmp_path)


@pytest.mark.parametrize(
    ("file", "path", "place"),
    [
        ("Pulumi.dev.yaml", "environmentVariables.VER", ("Pulumi.dev.yaml", 7)),
        ("Pulumi.dev.yaml", "environmentVariables.GONE", ("Pulumi.dev.yaml", 5)),
        ("Pulumi.dev.yaml", "datasets[1].datasetId", ("Pulumi.dev.yaml", 10)),
        ("Pulumi.yaml", "driver", ("Pulumi.yaml", 3)),
        ("Pulumi.yaml", "labels.a", ("Pulumi.yaml", 6)),
    ],
)
def test_a_part_of_a_setting_has_its_own_line(
    judge: Judge, file: str, path: str, place: tuple[str, int]
) -> None:
    parts = """\
  dsw-free-tier:environmentVariables:
    A: b
    VER: 3.10
  datasets:
    - {mountPath: /a, datasetId: d}
    - {mountPath: /b, datasetId: 012}
"""
    (judge.root / "Pulumi.dev.yaml").write_text(CONFIG + parts, encoding="utf-8")
    defaults = "config:\n  driver: 5\n  labels:\n    default:\n      a: 012\n"
    (judge.root / "Pulumi.yaml").write_text(f"name: dsw-free-tier\n{defaults}", encoding="utf-8")
    said = f"dsw-free-tier:{path} is odd"
    (found,) = told(judge_of(judge.root), diagnostic(f"{file}: {said}")).findings
    assert (found.file, found.line, found.text) == (*place, said)


def test_the_component_that_settings_belong_to_is_the_components() -> None:
    assert judging._NOTEBOOK == TOKEN + "$"


@pytest.mark.parametrize(
    ("rule", "changes", "line", "setting"),
    [
        ("trial-region", {"region": "cn-hongkong"}, 2, "region"),
        ("official-image", {"imageUrl": "a.b/c/d"}, 3, "image"),
        (
            "system-disk-size",
            {"cloudDisks": [{"subType": "rootfs", "capacity": "200Gi"}]},
            4,
            "systemDiskGib",
        ),
        ("shutdown-timer", {"sessionHours": 99}, 1, "sessionHours"),
    ],
)
def test_a_property_of_the_component_leads_to_its_setting_and_is_called_by_its_name(
    judge: Judge, rule: str, changes: dict[str, Any], line: int, setting: str
) -> None:
    (found,) = told(judge, policy(rule, sentence(rule, **changes), COMPONENT)).findings
    assert (found.rule, found.file, found.line) == (rule, "Pulumi.dev.yaml", line)
    assert f", at {setting}; allowed: " in found.text
    assert found.urn == COMPONENT


def test_a_stack_rules_path_with_the_resources_name_leads_there_too(judge: Judge) -> None:
    text = "too much, at notebook.cloudDisks; allowed: less; take less [planned-cu]"
    (found,) = told(judge, policy("planned-cu", text, COMPONENT)).findings
    assert (found.file, found.line) == ("Pulumi.dev.yaml", 4)
    assert found.text == "too much, at systemDiskGib; allowed: less; take less [planned-cu]"


def test_an_instance_of_ones_own_is_at_its_declaration(judge: Judge) -> None:
    (found,) = told(judge, policy("no-spot", sentence("no-spot", spotSpec={}), ONE)).findings
    assert (found.file, found.line) == ("__main__.py", 3)


def test_pack_and_provider_are_heard_once(judge: Judge) -> None:
    text = sentence("shutdown-timer", sessionHours=35)
    refusal = (
        f"paidsw:index:Instance resource 'one': property sessionHours value {{35}} has a problem: {text}"
    )
    report = told(judge, diagnostic(refusal, ONE), policy("shutdown-timer", text, ONE))
    assert [(one.rule, one.text, one.line) for one in report.findings] == [("shutdown-timer", text, 3)]
    assert report.exit_code == 1


@pytest.mark.parametrize("provider_first", [True, False])
def test_what_the_provider_refuses_is_an_error_even_where_the_pack_only_warns(
    judge: Judge, provider_first: bool
) -> None:
    text = sentence("no-spot", spotSpec={})
    events = [
        diagnostic(f"resource 'one' has a problem: {text}", ONE),
        policy("no-spot", text, ONE, "advisory"),
    ]
    report = told(judge, *(events if provider_first else events[::-1]))
    assert [one.level for one in report.findings] == [Level.ERROR]


def test_an_advisory_is_a_warning_and_does_not_fail(judge: Judge) -> None:
    text = sentence("official-image", imageUrl="a.b/c/d")
    warned = diagnostic(text, COMPONENT, "warning")
    report = told(
        judge, *NOTEBOOK_SEEN, warned, policy("official-image", text, COMPONENT, "advisory"), code=0
    )
    assert [one.level for one in report.findings] == [Level.WARNING]
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("dsw-free-tier:imag is not a setting of the notebook, did you mean image?", SETTING, 1),
        ("dsw-free-tier:systemDiskGib is 'x'; allowed: a whole number; correct it", SETTING, 4),
        ("dsw-free-tier:image[0].mountPath is missing, it is required; set it", SETTING, 3),
        ("alicloud:region: region x, at region; allowed: y; set it [trial-region]", "trial-region", 2),
    ],
)
def test_a_sentence_about_the_configuration_is_at_its_key(
    judge: Judge, text: str, rule: str, line: int
) -> None:
    (found,) = told(judge, diagnostic(f"Pulumi.dev.yaml: {text}")).findings
    assert (found.rule, found.file, found.line, found.text) == (rule, "Pulumi.dev.yaml", line, text)


def test_each_line_of_a_refusal_is_a_finding(judge: Judge) -> None:
    lines = ["Pulumi.dev.yaml: alicloud:region is missing; set it", "Pulumi.dev.yaml: dsw-free-tier:a is odd"]
    report = told(judge, diagnostic("\n".join(lines)))
    assert len(report.findings) == 2
    assert report.exit_code == 1


def test_a_components_own_refusal_in_a_program_is_at_the_program(judge: Judge) -> None:
    text = sentence("shutdown-timer", sessionHours=99)
    (found,) = told(judge, diagnostic(text)).findings
    assert (found.rule, found.file, found.line) == ("shutdown-timer", "__main__.py", 1)


def test_a_wrong_input_that_is_no_rules_is_a_setting(judge: Judge) -> None:
    refusal = "paidsw:index:Instance resource 'one' has a problem: colour is not a property of an instance"
    (found,) = told(judge, diagnostic(refusal, ONE)).findings
    assert (found.rule, found.line, found.text) == (SETTING, 3, "colour is not a property of an instance")


def test_a_crash_is_where_the_program_fails(judge: Judge) -> None:
    text = (
        "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
        f"  File \"{judge.root}/__main__.py\", line 3, in <module>\n    x\nNameError: name 'x' is not defined\n"
    )
    report = told(judge, diagnostic(text))
    (found,) = report.findings
    assert (found.rule, found.file, found.line) == (PROGRAM, "__main__.py", 3)
    assert found.text == "the program fails: NameError: name 'x' is not defined"
    assert report.exit_code == UNCHECKED


def test_what_bills_is_a_violation_even_where_the_local_cloud_lacks_it(judge: Judge) -> None:
    urn = f"{HEAD}alicloud:pai/service:Service::one"
    report = told(judge, diagnostic("the rehearsal can't make alicloud:pai/service:Service", urn))
    assert [(one.rule, one.line) for one in report.findings] == [("free-resources-only", 3)]
    assert report.exit_code == 1


def test_an_engine_that_fails_is_no_violation(judge: Judge) -> None:
    report = told(judge, diagnostic("the plugin\nis gone"))
    assert [(one.rule, one.text) for one in report.findings] == [(ENGINE, "the plugin is gone")]
    assert report.exit_code == UNCHECKED


def test_an_engine_that_fails_without_an_event_is_heard_on_standard_error(judge: Judge) -> None:
    report = told(judge, code=255, errors="error: getting stack configuration:\n  invalid\n")
    assert [one.text for one in report.findings] == ["getting stack configuration: invalid"]
    assert report.exit_code == UNCHECKED
    assert told(judge, code=1).findings[0].text == "pulumi says nothing"


@pytest.mark.parametrize(
    "epilogue",
    [
        "preview failed",
        "an unhandled error occurred: program exited with non-zero exit code: -1",
        # As Pulumi's own Python host shows a program that goes on after a step has failed.
        "Resource monitor has terminated, shutting down",
        'Program failed with an unhandled exception:\nTraceback (most recent call last):\n  File "x.py", line 3, in f\n'
        "Exception: resource monitor shut down\n",
    ],
)
def test_the_engines_epilogue_is_no_finding_of_its_own(judge: Judge, epilogue: str) -> None:
    text = sentence("no-spot", spotSpec={})
    report = told(judge, policy("no-spot", text, ONE), diagnostic(epilogue))
    assert [one.rule for one in report.findings] == ["no-spot"]
    assert told(judge, diagnostic(epilogue), code=1).exit_code == UNCHECKED


@pytest.mark.parametrize("first", [True, False])
def test_the_official_hosts_epilogue_is_no_second_error(judge: Judge, first: bool) -> None:
    wrong = diagnostic("Pulumi.dev.yaml: dsw-free-tier:sessionHours is 'x'; give a number")
    epilogue = diagnostic("an unhandled error occurred: Program exited with non-zero exit code: 1")
    report = told(judge, *((epilogue, wrong) if first else (wrong, epilogue)))
    assert [(one.rule, one.file) for one in report.findings] == [(SETTING, "Pulumi.dev.yaml")]
    assert report.exit_code == 1
    alone = told(judge, epilogue, errors="error: update failed")
    assert [(one.rule, one.text) for one in alone.findings] == [(ENGINE, "update failed")]
    assert alone.exit_code == UNCHECKED


def test_where_the_engine_finds_the_host_is_no_warning(judge: Judge) -> None:
    told_by_the_engine = diagnostic("using pulumi-language-python from $PATH at /a b/c", severity="warning")
    assert told(judge, *NOTEBOOK_SEEN, told_by_the_engine, code=0).findings == ()


def test_a_warning_beside_a_failure_does_not_hide_it(judge: Judge) -> None:
    report = told(judge, diagnostic("old", severity="warning"), code=1)
    assert report.exit_code == UNCHECKED


@pytest.mark.parametrize("severity", ["debug", "info"])
def test_what_is_neither_error_nor_warning_is_not_a_finding(judge: Judge, severity: str) -> None:
    assert told(judge, *NOTEBOOK_SEEN, diagnostic("registering", severity=severity), code=0).findings == ()


def test_a_setting_of_the_project_file_is_at_its_line_there(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: dsw-free-tier\nconfig:\n  systemDiskGib: 200\n  dsw-free-tier:image: {default: a.b/c}\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  alicloud:region: cn-beijing\n  image: x\n")
    judge = judge_of(tmp_path)
    report = told(
        judge,
        diagnostic("Pulumi.dev.yaml: dsw-free-tier:systemDiskGib is odd"),
        diagnostic("Pulumi.dev.yaml: dsw-free-tier:image is odd"),
        policy("system-disk-size", sentence("system-disk-size", cloudDisks=LARGE), COMPONENT),
    )
    assert [(one.rule, one.file, one.line) for one in report.findings] == [
        (SETTING, "Pulumi.dev.yaml", 3),
        (SETTING, "Pulumi.yaml", 3),
        ("system-disk-size", "Pulumi.yaml", 3),
    ]


def test_findings_come_in_the_order_of_their_places(judge: Judge) -> None:
    report = told(
        judge,
        policy("no-spot", sentence("no-spot", spotSpec={}), ONE),
        diagnostic("Pulumi.dev.yaml: dsw-free-tier:systemDiskGib is odd"),
        diagnostic("Pulumi.dev.yaml: alicloud:region is odd"),
    )
    assert [(one.file, one.line) for one in report.findings] == [
        ("Pulumi.dev.yaml", 2),
        ("Pulumi.dev.yaml", 4),
        ("__main__.py", 3),
    ]


@pytest.mark.parametrize("name", list(rules()))
def test_the_place_can_be_read_from_every_sentence_of_a_rule(name: str) -> None:
    sentences = [text for one in examples(rules()[name]) for text in one.messages]
    assert sentences
    for text in sentences:
        assert place_in(text)
        assert f", at {place_in(text)}; allowed: " in text


@pytest.mark.parametrize("text", ["", "preview failed", "x, at y; allowed: z", "[no-spot]", "a [no-spot]"])
def test_other_sentences_have_no_place(text: str) -> None:
    assert place_in(text) == ""
