"""The guide to pull requests: what it prints is what there is."""

from __future__ import annotations

import re
from typing import Any

import yaml

from paidsw.cli.reports import FORMATS
from paidsw.cli.reports.markdown import MARKER
from paidsw.setup.layout import ROOT
from tests.support.command_tree import parsed

GUIDE = ROOT / "docs" / "pull-requests.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def printed(name: str) -> Any:
    """The block of YAML with a name in it."""
    (found,) = [
        one for one in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE) if name in one
    ]
    lines = [line for line in found.splitlines() if line]
    assert len(lines) <= 5
    return yaml.safe_load(found)


def load(name: str) -> Any:
    return next(yaml.safe_load_all((ROOT / name).read_text(encoding="utf-8")))


def test_it_names_files_that_exist_and_every_format() -> None:
    for link in re.findall(r"\]\(([^)#]+)", TEXT):
        assert (GUIDE.parent / link).exists(), link
    assert set(re.findall(r"^\| `([a-z]+)` \|", TEXT, re.MULTILINE)) == set(FORMATS)
    assert MARKER in TEXT


def test_its_sections_exist() -> None:
    anchors = {
        re.sub(r"[^\w\s-]", "", one).strip().lower().replace(" ", "-")
        for one in re.findall("^#+ (.+)", TEXT, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors


def test_its_commands_exist() -> None:
    rows = re.findall(r"^\| `dsw (check[^`]*)` \|", TEXT, re.MULTILINE)
    assert len(rows) == 3
    for row in rows:
        assert parsed(row.split())[0] == ("check",)


def test_it_has_the_jobs_that_a_rule_for_the_branch_requires() -> None:
    jobs = {
        *load(".github/workflows/free-tier.yml")["jobs"],
        *load(".github/workflows/free-tier-program.yml")["jobs"],
    }
    (named,) = re.findall(r"^- require the checks (.+), with", TEXT, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", named)) == jobs - {"comment"}
    assert all(f"`{job}`" in TEXT for job in ("free-tier", "free-tier-program"))
    assert {"free-tier", "free-tier-program"} <= set(load(".gitlab-ci.yml"))


def test_the_lines_for_github_give_the_action_what_it_takes() -> None:
    checkout, judge = printed("uses: OWNER")
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])
    assert checkout["with"] == {"persist-credentials": False}
    assert set(judge["with"]) <= set(load("action.yml")["inputs"])


def test_the_lines_for_gitlab_give_the_template_what_it_takes() -> None:
    (include,) = printed("include:")["include"]
    assert (ROOT / include["file"]).is_file()
    inputs = load(include["file"])["spec"]["inputs"]
    assert (
        {name for name, one in inputs.items() if "default" not in one}
        <= set(include["inputs"])
        <= set(inputs)
    )
    assert include["ref"] == include["inputs"]["commit"]


def test_the_lines_for_pre_commit_name_the_hook() -> None:
    (repository,) = printed("repos:")["repos"]
    (hook,) = repository["hooks"]
    assert hook["id"] in {one["id"] for one in load(".pre-commit-hooks.yaml")}
    assert parsed(["check", "FOLDER", *hook["args"]])[0] == ("check",)
