"""A copy of the project, to be run, changed or broken."""

from __future__ import annotations

import shutil
from pathlib import Path

from paidsw.setup.layout import ROOT

_OUTSIDE = (".git", ".venv", ".tools", ".rehearsal", "*cache*", "__pycache__", "*.egg-info", "tests")


def checkout(root: Path) -> Path:
    """Copy the project into a new folder, beside the environment and tools of this one; the folder."""
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*_OUTSIDE))
    for name in (".venv", ".tools"):
        (root / name).symlink_to(ROOT / name)
    return root
