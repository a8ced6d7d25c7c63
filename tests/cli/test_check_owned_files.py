"""A branch that changes this project's own files is told which, whichever of them decides the outcome."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from paidsw.cli.check import changes
from paidsw.setup.layout import ROOT
from tests.support.checkout import hook_pattern
from tests.support.pipelines import write

OF_CI = (".github/workflows/free-tier.yml", ".gitlab-ci.yml", "action.yml", "templates/free-tier.yml")
OTHERS = (".gitattributes", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml")
# The first is compared key by key, the second is what is judged.
SETTINGS = ("Pulumi.yaml", "Pulumi.dev.yaml")


@cache
def owned() -> list[str]:
    """A file of each folder that a check reads, each such file that is in none, and those of CI."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    read = [path for path in listed.stdout.splitlines() if hook_pattern().search(path)]
    first = {path.split("/")[0]: path for path in reversed(read) if path not in SETTINGS}
    del first["tests"]
    return sorted((*first.values(), *OF_CI, *OTHERS))


@pytest.mark.parametrize("name", owned())
def test_a_change_of_it_is_named(tmp_path: Path, name: str) -> None:
    for folder in ("base", "branch"):
        write(tmp_path / folder, dict.fromkeys(owned(), "as it was"))
    write(tmp_path / "branch", {name: "changed"})
    (found,) = changes.findings(tmp_path / "branch", tmp_path / "base", ".", runs=False)
    assert (found.file, f": {name};" in found.text) == (name, True)
