"""Reads `uv.lock`: which version of a package is locked, and the hashes of its files."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError
from .messages import Text

NAME = "uv.lock"


@dataclass(frozen=True)
class Pin:
    """One locked package: name, version, and the SHA-256 of each wheel and of the source."""

    name: str
    version: str
    wheels: tuple[str, ...]
    source: str | None = None

    def requirement(self, *, wheels_only: bool = False) -> str:
        """The line of a requirements file that takes exactly these files."""
        hashes = [*self.wheels, *([self.source] if self.source and not wheels_only else [])]
        return " ".join([f"{self.name}=={self.version}", *(f"--hash={digest}" for digest in hashes)])


def packages(root: Path) -> list[Pin]:
    """Every package that the lock takes from a package index. SetupError if the lock can't be read."""
    try:
        content = tomllib.loads((root / NAME).read_text(encoding="utf-8"))
        found = content["package"]
        return [_pin(entry) for entry in found if "registry" in entry["source"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(Text.UNREADABLE_LOCK(lock=NAME, why=error)) from error


def pin(root: Path, name: str) -> Pin:
    """The lock's entry for a package. SetupError if it has none."""
    for found in packages(root):
        if found.name == name:
            return found
    raise SetupError(Text.NOT_IN_LOCK(lock=NAME, name=name))


def _pin(entry: dict[str, object]) -> Pin:
    wheels = entry.get("wheels", [])
    source = entry.get("sdist")
    return Pin(
        str(entry["name"]),
        str(entry["version"]),
        tuple(_hash(wheel) for wheel in wheels) if isinstance(wheels, list) else (),
        _hash(source) if isinstance(source, dict) else None,
    )


def _hash(file: dict[str, object]) -> str:
    return str(file["hash"])
