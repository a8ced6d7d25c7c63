"""The pre-commit hooks of `dsw check`: which changes they look at, and how they start it."""

from __future__ import annotations

import subprocess

import pytest

from paidsw.setup.layout import ROOT
from tests.support.checkout import hook_pattern

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
