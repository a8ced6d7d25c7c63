"""A copy of the project, to be run, changed or broken."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import yaml

from paidsw.setup.layout import ROOT

_OUTSIDE = (".git", ".venv", ".tools", ".rehearsal", "*cache*", "__pycache__", "*.egg-info", "tests")
_LINKED = (".venv", ".tools")


def checkout(root: Path) -> Path:
    """Copy the project into a new folder, beside the environment and tools of this one; the folder."""
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*_OUTSIDE))
    for name in _LINKED:
        (root / name).symlink_to(ROOT / name)
    return root


def only_what_the_hook_covers(root: Path) -> Path:
    """Take away the files of a copy at whose change no pre-commit hook runs `dsw check`; the folder."""
    pattern = hook_pattern()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if inside.parts[0] not in _LINKED and path.is_file() and not pattern.search(inside.as_posix()):
            path.unlink()
    return root


@cache
def hook_pattern() -> re.Pattern[str]:
    """The files at whose change the project's own pre-commit hook runs `dsw check`."""
    content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repository in content["repos"] for hook in repository["hooks"]]
    (found,) = [hook["files"] for hook in hooks if hook["id"] == "dsw-check"]
    return re.compile(found)
