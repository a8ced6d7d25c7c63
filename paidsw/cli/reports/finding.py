"""One finding with its place, and all findings of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# In addition to the ids of rules.
SETTING, PROJECT, NOTEBOOK, UNJUDGED = "setting", "project", "no-notebook", "not-judged"
PROGRAM, ENGINE = "program", "engine"
OWN = {
    SETTING: "A setting of the stack can't be used.",
    PROJECT: "A file of the project decides what runs, and the base has it otherwise.",
    NOTEBOOK: "The program declares no notebook.",
    UNJUDGED: "A change isn't judged.",
    PROGRAM: "The program fails.",
    ENGINE: "The check itself fails.",
}

CLEAN, VIOLATIONS, UNCHECKED = 0, 1, 3
_MOST_NAMED = 4


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
    """The findings in the order of their places, the rules that saw what they judge, and the stacks' files."""

    findings: tuple[Finding, ...]
    judged: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()

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
        return f"Clean: {_count(len(self.judged), 'rule')} applied{self._to}{warned}."

    @property
    def _to(self) -> str:
        if len(self.files) > _MOST_NAMED:
            return f" to {len(self.files)} stack files"
        return f" to {', '.join(self.files)}" if self.files else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
