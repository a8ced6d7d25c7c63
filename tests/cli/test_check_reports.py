"""Every form of the findings: valid where a standard says what that means, and nothing in a value breaks out of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt

from paidsw.cli.reports import FORMATS, Finding, Report
from paidsw.cli.reports.finding import ENGINE, OWN, PROGRAM, SETTING, UNCHECKED, Level
from paidsw.rules.registry import rules

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
URN = "urn:pulumi:dev::dsw-free-tier::paidsw:index:Instance::one"
SPOT = Finding(
    Level.ERROR, "no-spot", "spot, at spotSpec; allowed: none; drop it [no-spot]", "__main__.py", 12, URN
)
IMAGE = Finding(Level.WARNING, "official-image", "not official [official-image]", "Pulumi.dev.yaml", 8)
KEY = Finding(Level.ERROR, SETTING, "dsw-free-tier:x is not a setting", "Pulumi.dev.yaml", 5)
CRASH = Finding(Level.ERROR, PROGRAM, "the program fails: ValueError: a < b & c", "__main__.py", 3)
LOST = Finding(Level.ERROR, ENGINE, "there is no pulumi on this machine yet", "Pulumi.dev.yaml", 1)
NASTY = Finding(
    Level.ERROR,
    "no-spot",
    "100%: a|b, <b>@everyone</b> ]]> `x`\nsecond \x00\ufffe line",
    "dir, with: odd%/__main__.py",
    7,
)
# What somebody might write into a branch to change a comment, a log or a page.
ATTACK = (
    "](https://a.example) [x](https://a.example) ![y](https://a.example/i.png) <img src=x onerror=alert(1)> @everyone"
    " #1 !2 **bold** `code` </code> www.a.example | ~~x~~ $x$ ]]> <!-- --> &lt; \\[z] ##[set-env]a ::set-output::b"
)
HOSTILE = tuple(
    Finding(Level.ERROR, "no-spot", text, file, 1)
    for text, file in (
        (ATTACK, "Pulumi.dev.yaml"),
        ("text", ATTACK),
        ("text", "::error file=x::y"),
        ("one\n::stop-commands::x\n| a | b |", "  ::error::z"),
    )
)
REPORTS = {
    "hostile": Report(HOSTILE),
    "clean": Report((), frozenset(rules())),
    "nothing judged": Report(()),
    "warning": Report((IMAGE,), frozenset(rules())),
    "violations": Report((KEY, IMAGE, SPOT), frozenset({"no-spot", "official-image"})),
    "crash": Report((CRASH,)),
    "lost": Report((LOST,)),
    "nasty": Report((NASTY,)),
}
each_report = pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))


def sarif(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FORMATS["sarif"](report))
    return document


def junit(report: Report) -> ElementTree.Element:
    suite = ElementTree.fromstring(FORMATS["junit"](report)).find("testsuite")
    assert suite is not None
    return suite


def cases(report: Report) -> dict[str | None, ElementTree.Element]:
    return {case.get("name"): case for case in junit(report).iter("testcase")}


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [
        ("clean", 0, f"Clean: {len(rules())} rules applied."),
        ("nothing judged", 0, "Clean: 0 rules applied."),
        ("warning", 0, f"Clean: {len(rules())} rules applied, 1 warning."),
        ("violations", 1, "2 violations, 1 warning."),
        ("crash", UNCHECKED, "Could not check."),
        ("lost", UNCHECKED, "Could not check."),
        ("nasty", 1, "1 violation."),
        ("hostile", 1, "4 violations."),
    ],
)
def test_the_exit_code_and_the_verdict(name: str, code: int, verdict: str) -> None:
    assert (REPORTS[name].exit_code, REPORTS[name].verdict) == (code, verdict)


def test_what_could_not_be_checked_outweighs_violations() -> None:
    assert Report((SPOT, CRASH)).exit_code == UNCHECKED


def test_text_is_a_line_for_each_finding_and_the_verdict() -> None:
    assert FORMATS["text"](REPORTS["violations"]).splitlines() == [
        f"Pulumi.dev.yaml:5: error: {KEY.text}",
        f"Pulumi.dev.yaml:8: warning: {IMAGE.text}",
        f"__main__.py:12: error: {SPOT.text}",
        "2 violations, 1 warning.",
    ]


def test_github_says_nothing_when_there_is_nothing() -> None:
    assert FORMATS["github"](REPORTS["clean"]) == ""


def test_github_commands_name_file_line_and_rule() -> None:
    lines = FORMATS["github"](REPORTS["violations"]).splitlines()
    assert lines[0] == f"::error file=Pulumi.dev.yaml,line=5,title=setting::{KEY.text}"
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::error"]


def test_github_commands_escape_what_ends_them() -> None:
    (line,) = FORMATS["github"](REPORTS["nasty"]).splitlines()
    head, _, text = line.removeprefix("::").partition("::")
    assert head == "error file=dir%2C with%3A odd%25/__main__.py,line=7,title=no-spot"
    assert text.startswith("100%25: a|b")
    assert "%0Asecond" in text


@each_report
def test_sarif_is_valid_by_the_official_schema(report: Report) -> None:
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(sarif(report))


def test_the_schema_can_refuse() -> None:
    broken = sarif(REPORTS["violations"])
    broken["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError, match="fatal"):
        jsonschema.Draft4Validator(SCHEMA).validate(broken)


def test_sarif_points_at_rule_place_and_resource() -> None:
    (run,) = sarif(REPORTS["violations"])["runs"]
    driver = run["tool"]["driver"]
    for result, found in zip(run["results"], (KEY, IMAGE, SPOT), strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == found.rule
        assert (result["level"], result["message"]["text"]) == (str(found.level), found.text)
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == found.file
        assert place["region"] == {"startLine": found.line}
        assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
    assert run["results"][2]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == URN


def test_sarif_describes_every_rule() -> None:
    described = {rule["id"]: rule for rule in sarif(REPORTS["clean"])["runs"][0]["tool"]["driver"]["rules"]}
    assert set(described) == {*rules(), *OWN}
    for name, rule in rules().items():
        assert described[name]["helpUri"] == rule.reference
        assert described[name]["help"]["text"] == rule.steps
        wanted = "warning" if rule.level == "advisory" else "error"
        assert described[name]["defaultConfiguration"]["level"] == wanted
        assert 0 < float(described[name]["properties"]["security-severity"]) < 10


@pytest.mark.parametrize(("name", "successful"), [("clean", True), ("violations", True), ("crash", False)])
def test_sarif_says_whether_the_check_itself_worked(name: str, successful: bool) -> None:
    (invocation,) = sarif(REPORTS[name])["runs"][0]["invocations"]
    assert invocation == {"executionSuccessful": successful, "exitCode": REPORTS[name].exit_code}


def test_a_fingerprint_outlives_a_move_to_another_line_only() -> None:
    def fingerprint(one: Finding) -> str:
        prints = sarif(Report((one,)))["runs"][0]["results"][0]["partialFingerprints"]
        return str(prints["finding/v1"])

    moved = Finding(SPOT.level, SPOT.rule, SPOT.text, SPOT.file, 99, SPOT.urn)
    other = Finding(SPOT.level, SPOT.rule, SPOT.text, SPOT.file, SPOT.line, URN + "2")
    assert fingerprint(moved) == fingerprint(SPOT) != fingerprint(other)


@each_report
def test_junit_counts_what_it_holds(report: Report) -> None:
    suite = junit(report)
    assert int(suite.get("tests", "-1")) == len(suite.findall("testcase"))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(attribute, "-1")) == len(suite.findall(f"testcase/{tag}"))
    assert {*rules(), SETTING} <= {case.get("name") for case in suite}


def test_junit_fails_the_rule_that_refused_and_passes_the_others() -> None:
    found = cases(REPORTS["violations"])
    failure = found["no-spot"].find("failure")
    assert failure is not None
    assert failure.get("message") == SPOT.text
    assert (found["no-spot"].get("file"), found["no-spot"].get("line")) == ("__main__.py", "12")
    assert found["setting"].find("failure") is not None
    assert found["official-image"].find("failure") is None
    assert IMAGE.text in (found["official-image"].findtext("system-out") or "")
    assert found["trial-region"].find("skipped") is not None


def test_junit_skips_nothing_that_was_judged() -> None:
    assert junit(REPORTS["clean"]).findall("testcase/skipped") == []


@pytest.mark.parametrize(("name", "case"), [("crash", PROGRAM), ("lost", ENGINE)])
def test_junit_has_an_error_where_the_check_failed(name: str, case: str) -> None:
    error = cases(REPORTS[name])[case].find("error")
    assert error is not None
    assert error.get("message") == REPORTS[name].findings[0].text


def test_junit_stays_well_formed_with_any_text() -> None:
    failure = cases(REPORTS["nasty"])["no-spot"].find("failure")
    assert failure is not None
    assert "<b>@everyone</b> ]]>" in (failure.text or "")
    assert "\x00" not in (failure.text or "")


def test_markdown_has_the_marker_first_and_a_row_for_each_finding() -> None:
    lines = FORMATS["markdown"](REPORTS["violations"]).splitlines()
    assert lines[0] == "<!-- dsw check -->"
    assert lines[1].endswith("2 violations, 1 warning.")
    assert sum(line.startswith(("| error", "| warning")) for line in lines) == 3


def test_markdown_keeps_values_in_their_cells() -> None:
    (row,) = [
        line for line in FORMATS["markdown"](REPORTS["nasty"]).splitlines() if line.startswith("| error")
    ]
    assert row.count("|") == 5
    assert "<b>" not in row
    assert "<code>100&#37;&#58; a&#124;b, &#60;b&#62;&#64;everyone" in row


@each_report
def test_json_has_all_of_a_report(report: Report) -> None:
    document = json.loads(FORMATS["json"](report))
    assert (document["verdict"], document["exitCode"]) == (report.verdict, report.exit_code)
    assert [Finding(**{**one, "level": Level(one["level"])}) for one in document["findings"]] == list(
        report.findings
    )
    assert document["rules"] == sorted(report.judged)


def test_the_verdict_names_the_files_that_were_judged() -> None:
    names = [f"Pulumi.{one}.yaml" for one in ("dev", "prod")]
    assert Report((), frozenset({"no-spot"}), tuple(names)).verdict == (
        "Clean: 1 rule applied to Pulumi.dev.yaml, Pulumi.prod.yaml."
    )
    assert (
        Report((), frozenset({"no-spot"}), tuple("abcde")).verdict
        == "Clean: 1 rule applied to 5 stack files."
    )


def test_no_text_of_a_branch_is_markup_in_a_comment() -> None:
    text = FORMATS["markdown"](REPORTS["hostile"])
    page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    assert set(re.findall(r"<(\w+)", page)) == {"h3", "table", "thead", "tr", "th", "tbody", "td", "code"}
    assert page.count("<tr>") == len(HOSTILE) + 1
    # References and mentions are nothing in code; addresses are links there too.
    assert "https:" not in text
    assert "www." not in text
    outside = re.sub(r"<code>.*?</code>|<[^>]+>", "", page)
    assert set(outside.split()) <= {
        "Free-tier",
        "check:",
        "4",
        "violations.",
        "Where",
        "What",
        "Rule",
        "error",
    }


def test_a_comment_stays_below_what_a_service_takes() -> None:
    many = tuple(Finding(Level.ERROR, "no-spot", "@" * 2000, "f", line) for line in range(500))
    text = FORMATS["markdown"](Report(many))
    assert len(text) < 60_000
    assert re.search(r"^\| \| \| and 49\d more \| \|$", text, re.MULTILINE)


@pytest.mark.parametrize("form", ["text", "github"])
def test_no_text_of_a_branch_is_a_command_in_a_log(form: str) -> None:
    lines = FORMATS[form](REPORTS["hostile"]).splitlines()
    ours = [line for line in lines if line.startswith("::error file=")] if form == "github" else []
    assert len(ours) == (len(HOSTILE) if form == "github" else 0)
    assert len(lines) == len(HOSTILE) + (form == "text")
    for line in set(lines) - set(ours):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    for line in ours:
        properties = line.removeprefix("::error ").partition("::")[0]
        assert [one.partition("=")[0] for one in properties.split(",")] == ["file", "line", "title"]


def test_no_text_of_a_branch_is_a_link_in_sarif() -> None:
    texts = [one["message"]["text"] for one in sarif(REPORTS["hostile"])["runs"][0]["results"]]
    assert not any("](" in text for text in texts)


def test_the_names_of_stacks_in_a_verdict_are_no_issues_and_no_markup() -> None:
    names = ("Pulumi.GH-1.yaml", "Pulumi.a_b_.yaml", "Pulumi.Pulumi.a_b_.yaml")
    heading = FORMATS["markdown"](Report((), frozenset({"no-spot"}), names)).splitlines()[1]
    assert heading == (
        "### Free-tier check: Clean: 1 rule applied to <code>Pulumi.GH-1.yaml</code>,"
        " <code>Pulumi.a&#95;b&#95;.yaml</code>, <code>Pulumi.Pulumi.a&#95;b&#95;.yaml</code>."
    )
    assert FORMATS["markdown"](Report(())).splitlines()[1].endswith("Clean: 0 rules applied.")
