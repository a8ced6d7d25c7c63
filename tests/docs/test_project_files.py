"""The files that people who pick the project up look for: complete, and true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw.setup.commands import COMMANDS
from paidsw.setup.layout import ROOT
from tests.support.checkout import hook_pattern

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


def owner(path: str) -> str | None:
    """Who has to approve a change of a file; the last line that matches counts, as GitHub reads it."""
    found = None
    for line in (GITHUB / "CODEOWNERS").read_text("utf-8").splitlines():
        pattern, *owners = line.partition("#")[0].split() or [""]
        regex = re.escape(pattern.lstrip("/")).replace(r"\*", "[^/]*")
        match = re.match if pattern.endswith("/") else re.fullmatch
        if pattern == "*" or (pattern and match(regex, path)):
            found = owners[0] if owners else None
    return found


@pytest.mark.parametrize(
    "path",
    [
        *("paidsw/trial/terms.py", "components/settings.py", "policies/pack.py", "provider/__main__.py"),
        *(
            "rehearsal/Pulumi.yaml",
            "tools/__main__.py",
            "tools/pre-commit-hook",
            "__main__.py",
            "Pulumi.yaml",
        ),
        *("uv.lock", "pyproject.toml", ".pre-commit-config.yaml"),
        *(".github/workflows/free-tier.yml", ".github/CODEOWNERS", "action.yml", "templates/free-tier.yml"),
        *(".gitlab-ci.yml", "docs/ci/codeup-flow.yml", ".pre-commit-hooks.yaml", ".gitattributes"),
        *("yaml.py", "sitecustomize.py", "pulumi/__init__.py", "Pulumi.yml", ".lfsconfig", ".python-version"),
        *("docs/ram/write.json", ".github/workflows/another.yml"),
    ],
)
def test_what_can_change_the_judge_or_the_program_has_an_owner(path: str) -> None:
    assert owner(path)


def test_every_file_that_a_check_reads_has_an_owner_but_the_settings_of_stacks() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    read = [path for path in listed.stdout.splitlines() if hook_pattern().search(path)]
    assert len(read) > 300
    free = {path for path in read if owner(path) is None and not path.startswith("tests/")}
    assert free == {"Pulumi.dev.yaml"}


@pytest.mark.parametrize("path", ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "docs/usage.md", "README.md"])
def test_settings_and_documents_need_no_owner(path: str) -> None:
    assert owner(path) is None


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
