"""Writes files whole or not at all, and names of folders in a form that no locale changes."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put a whole text file in place, or leave the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", errors="surrogateescape")
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def to_text(path: Path) -> str:
    """A path as text for a file: the same under every locale, whichever way Python has decoded the name."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def from_text(text: str) -> Path:
    """The path that `to_text` wrote, as this process's locale has it."""
    return Path(os.fsdecode(text.encode("utf-8", "surrogateescape")))
