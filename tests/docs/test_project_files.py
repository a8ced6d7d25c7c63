"""The files that people who pick the project up look for: complete, and true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw.setup.commands import COMMANDS
from paidsw.setup.layout import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def test_the_license_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_names_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert used
    assert [
        one for one in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)
    ] == []


def test_ci_runs_both_habits_and_can_only_read() -> None:
    workflow = load(GITHUB / "workflows" / "ci.yml")
    assert workflow["permissions"] == {"contents": "read"}
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert runs == ["make check", "make test"]
    assert {run.split()[1] for run in runs} <= set(COMMANDS)


def test_gitlab_runs_both_habits() -> None:
    jobs = load(ROOT / ".gitlab-ci.yml")
    assert [jobs[name]["script"] for name in ("check", "test")] == [["make check"], ["make test"]]


def test_every_python_that_the_project_promises_is_tested() -> None:
    tested = load(GITHUB / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    promised = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert tested == promised


def test_owned_paths_exist() -> None:
    lines = (GITHUB / "CODEOWNERS").read_text("utf-8").splitlines()
    owned = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert {"/paidsw/", "/components/", "/policies/", "/provider/"} <= set(owned)
    assert [path for path in owned if not (ROOT / path.strip("/")).exists()] == []


@pytest.mark.parametrize(
    "path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name
)
def test_issue_forms_are_forms(path: Path) -> None:
    form = load(path)
    if path.name == "config.yml":
        assert form["blank_issues_enabled"] is True
        return
    assert {"name", "description", "body"} <= form.keys()
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    assert all("label" in field["attributes"] for field in form["body"] if "id" in field)


def test_hooks_call_what_the_environment_has() -> None:
    hooks = load(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    commands = {hook["entry"].split()[0] for hook in hooks}
    assert commands == {".venv/bin/ruff", ".venv/bin/mypy", ".venv/bin/dsw"}
