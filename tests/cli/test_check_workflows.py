"""The workflows that the project brings: valid, pinned, with few rights, and calling only what exists."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw.cli.reports.markdown import MARKER
from paidsw.setup.commands import COMMANDS
from paidsw.setup.layout import ROOT
from tests.support.command_tree import parsed
from tests.support.waiting import PATIENCE

GITHUB = ROOT / ".github" / "workflows" / "free-tier.yml"
GITLAB = ROOT / ".gitlab-ci.yml"
FLOW = ROOT / "docs" / "ci" / "codeup-flow.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
LOCAL_HOOKS = ROOT / ".pre-commit-config.yaml"
GUIDE = ROOT / "docs" / "pull-requests.md"
FILES = (GITHUB, GITLAB, FLOW, HOOKS, LOCAL_HOOKS)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps() -> Iterator[dict[str, Any]]:
    for job in load(GITHUB)["jobs"].values():
        yield from job["steps"]


def scripts(path: Path) -> list[str]:
    """The shell commands of a file, a line each."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("run", "entry", "script"):
                    found.extend(value if isinstance(value, list) else value.splitlines())
                else:
                    walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(load(path))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_calls_dsw_check_with_options_that_exist(path: Path) -> None:
    calls = [line for line in scripts(path) if "dsw check --report" in line or line.endswith("dsw check")]
    assert calls
    for line in calls:
        command, *arguments = shlex.split(line)
        assert command == ".venv/bin/dsw"
        assert parsed(arguments)[0] == ("check",)


@pytest.mark.parametrize("path", FILES[:3], ids=lambda path: path.name)
def test_what_sets_up_is_a_command_of_the_toolchain(path: Path) -> None:
    calls = [line.split() for line in scripts(path) if "tools" in line.split()]
    assert calls == [["python3", "tools", "setup"]]
    assert calls[0][2] in COMMANDS


def test_actions_are_pinned_by_commit_and_name_their_version() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert len(used) >= 4
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        assert re.search(rf"{action} # v\d+\.\d+\.\d+$", GITHUB.read_text(), re.MULTILINE)


def test_the_job_that_runs_the_branchs_code_can_only_read() -> None:
    workflow = load(GITHUB)
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    checkout = next(step for step in jobs["check"]["steps"] if "checkout" in step.get("uses", ""))
    assert checkout["with"]["persist-credentials"] is False
    assert not any("checkout" in step.get("uses", "") for step in jobs["comment"]["steps"])
    # `on` is true in YAML 1.1. pull_request_target would hand the branch's code a token that writes.
    assert list(workflow[True]) == ["pull_request"]


def test_no_workflow_asks_for_a_secret_or_puts_foreign_text_into_a_shell() -> None:
    for path in FILES[:3]:
        assert "secrets." not in path.read_text()
    for step in steps():
        assert "${{" not in step.get("run", "")


def test_reports_are_kept_whatever_the_outcome() -> None:
    kept = [step for step in steps() if "upload-artifact" in step.get("uses", "")]
    assert [step["if"] for step in kept] == ["always()"]
    job = load(GITLAB)["free-tier"]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"] in " ".join(job["script"])


def test_the_summary_shows_what_the_check_wrote(tmp_path: Path) -> None:
    script = next(step["run"] for step in steps() if step.get("name") == "Summary")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "dsw-check.md").write_text("verdict\n")
    summary = tmp_path / "summary"
    for _ in range(2):
        bash(script, tmp_path, GITHUB_STEP_SUMMARY=str(summary))
        shutil.rmtree(tmp_path / "reports", ignore_errors=True)
    assert summary.read_text() == "verdict\n"


# As much of `gh api` as the workflow uses: comments are files, named by their id.
GH = """#!/bin/bash
set -eu
method=GET body=
echo "$*" >> calls
while [ $# -gt 0 ]; do
  case "$1" in
    --method) method="$2"; shift 2 ;;
    -F) body="${2#body=@}"; shift 2 ;;
    --jq) shift 2 ;;
    repos/*) path="$1"; shift ;;
    *) shift ;;
  esac
done
case "$method $path" in
  "GET repos/o/r/issues/7/comments") ls comments ;;
  "POST repos/o/r/issues/7/comments") cp "$body" "comments/4$(ls comments | wc -l)" ;;
  "PATCH repos/o/r/issues/comments/"*) cp "$body" "comments/${path##*/}" ;;
  *) exit 9 ;;
esac
"""


def bash(script: str, folder: Path, **environment: str) -> None:
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, **environment},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )


def test_the_comment_is_edited_and_not_repeated(tmp_path: Path) -> None:
    script = next(step["run"] for step in steps() if "comment" in step.get("name", ""))
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "comments").mkdir()
    for text in ("first", "second " + "x" * 70_000, "third"):
        (tmp_path / "dsw-check.md").write_text(f"{MARKER}\n{text}")
        bash(script, tmp_path, GITHUB_REPOSITORY="o/r", NUMBER="7", GH_TOKEN="t")
    assert [path.read_text() for path in (tmp_path / "comments").iterdir()] == [f"{MARKER}\nthird"]
    methods = re.findall(r"--method (\w+)", (tmp_path / "calls").read_text())
    assert methods == ["POST", "PATCH", "PATCH"]


def test_the_comment_is_found_by_the_marker_and_its_author() -> None:
    script = next(step["run"] for step in steps() if "comment" in step.get("name", ""))
    assert f'startswith("{MARKER}")' in script
    assert 'select(.user.login == "github-actions[bot]"' in script


def test_the_pipeline_of_flow_runs_on_merge_requests() -> None:
    flow = load(FLOW)
    (source,) = flow["sources"].values()
    assert (source["type"], source["triggerEvents"]) == ("codeup", "mergeRequestOpenedOrUpdate")
    (job,) = flow["stages"]["check"]["jobs"].values()
    assert [step["step"] for step in job["steps"].values()] == ["Command"]


def test_the_guide_names_files_that_exist_and_every_format() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (GUIDE.parent / link).exists(), link
    from paidsw.cli.reports import FORMATS

    assert set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)) == set(FORMATS)
    assert MARKER in text
