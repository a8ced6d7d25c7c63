"""The pre-commit hooks of `dsw check`: which changes they look at, and how they start it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from paidsw.setup.layout import ROOT
from tests.support.checkout import hook_pattern
from tests.support.command_tree import parsed
from tests.support.pipelines import HOSTILE, Server
from tests.support.waiting import PATIENCE

# What no check runs or reads. tests/engine/test_check.py takes these and all other files that aren't covered away.
NOT_READ = {
    *(".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", ".gitlab-ci.yml"),
    *(
        ".pre-commit-config.yaml",
        ".pre-commit-hooks.yaml",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
    ),
    *(
        "README.md",
        "README.zh-CN.md",
        "SECURITY.md",
        "action.yml",
        "benchmarks",
        "docs",
        "templates",
        "tests",
    ),
}


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return listed.stdout.decode().split("\0")[:-1]


def test_the_projects_own_hook_covers_all_but_what_no_check_reads() -> None:
    left_out = {path.split("/")[0] for path in tracked() if not hook_pattern().search(path)}
    assert left_out <= NOT_READ
    assert {"docs", "tests"} <= left_out


@pytest.mark.parametrize(
    "path",
    [
        *("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yml", "Pulumi.dev.json"),
        *("stacks/Pulumi.dev.yaml", "Pulumi.my.stack.yaml", "helper.py", "components/meanings.zh.yaml"),
        *("paidsw/rules/no_spot/zh.yaml", "provider/pulumi-resource-paidsw", "uv.lock", "pyproject.toml"),
    ],
)
def test_the_projects_own_hook_covers_what_a_branch_may_add_or_change(path: str) -> None:
    assert hook_pattern().search(path)


def test_a_document_is_no_reason_for_a_check() -> None:
    assert not hook_pattern().search("README.md")
    assert not hook_pattern().search("docs/pulumi.md")


def test_the_hook_for_others_runs_at_every_commit() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (hook["id"], hook["language"], hook["always_run"]) == ("dsw-check", "script", True)
    assert hook["pass_filenames"] is False
    assert os.access(ROOT / hook["entry"], os.X_OK)


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [([], "."), (["--run-program"], "."), (["the infra", "--run-program"], "the infra")],
)
def test_the_hook_for_others_sets_the_clone_up_and_lets_it_judge(
    tmp_path: Path, arguments: list[str], folder: str
) -> None:
    server = Server(tmp_path)
    server.offer(HOSTILE)
    project = server.clone(tmp_path / "my project", "refs/pull/7/merge")
    clone = server.clone(tmp_path / "clone", "main")
    shutil.copy(ROOT / "tools" / "pre-commit-hook", clone / "tools")
    # As pre-commit starts it within `git commit -a`.
    commit = {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index.lock", "GIT_EDITOR": ":", "PRE_COMMIT": "1"}
    done = subprocess.run(
        [clone / "tools" / "pre-commit-hook", *arguments],
        cwd=project,
        env={**server.environment(), **commit},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1, done.stderr
    set_up, checked = server.calls()
    assert set_up.arguments == ["setup"]
    options = [one for one in arguments if one.startswith("-")]
    assert Path(checked.arguments[1]) == project / folder
    assert [checked.arguments[0], *checked.arguments[2:]] == ["check", "--other-project", *options]
    assert parsed(checked.arguments)[0] == ("check",)
    for call in (set_up, checked):
        assert call.folder == str(clone)
        assert not set(commit) - {"PRE_COMMIT"} & set(call.variables)
