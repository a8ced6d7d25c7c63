"""Where a folder is in its repository, by which CI names the files of a pull request."""

from __future__ import annotations

from pathlib import Path


def place(folder: Path) -> str:
    """The folder's path from the top of its git repository, with a slash behind it; empty at the top or without one."""
    folder = folder.resolve()
    top = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
    return "" if top == folder else f"{folder.relative_to(top).as_posix()}/"
