"""One finding with its place, and all findings of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# In addition to the ids of rules: a setting that can't be used, a program that fails, an engine that couldn't be asked.
SETTING, PROGRAM, ENGINE = "setting", "program", "engine"

CLEAN, VIOLATIONS, UNCHECKED = 0, 1, 3


class Level(StrEnum):
    """How a finding counts: an error fails the check, a warning doesn't."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: `file` is relative to the project, `line` counts from 1, `urn` is empty without a resource."""

    level: Level
    rule: str
    text: str
    file: str
    line: int
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in the order of their places, and the rules that saw what they judge."""

    findings: tuple[Finding, ...]
    judged: frozenset[str] = frozenset()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that fail the check."""
        return tuple(found for found in self.findings if found.level is Level.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that don't."""
        return tuple(found for found in self.findings if found.level is Level.WARNING)

    @property
    def unchecked(self) -> bool:
        """Whether the check itself failed, so that nothing can be said about what it didn't reach."""
        return any(found.rule in (PROGRAM, ENGINE) for found in self.errors)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 violations, 3 could not check."""
        if self.unchecked:
            return UNCHECKED
        return VIOLATIONS if self.errors else CLEAN

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        warned = f", {_count(len(self.warnings), 'warning')}" if self.warnings else ""
        if self.unchecked:
            return f"Could not check{warned}."
        if self.errors:
            return f"{_count(len(self.errors), 'violation')}{warned}."
        return f"Clean: {_count(len(self.judged), 'rule')} applied{warned}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
