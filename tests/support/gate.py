"""Checks without an engine: a project in a folder, and previews that say what a test wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paidsw.cli.check.preview import Preview, Stack, Task
from paidsw.rules.rule import INSTANCE_TYPE

URN = f"urn:pulumi:dev::dsw-free-tier::{INSTANCE_TYPE}::notebook"
_MADE = {"op": "create", "urn": URN, "type": INSTANCE_TYPE, "new": {"custom": True, "inputs": {}}}
# What the engine says of a notebook that the rules have seen.
SEEN: tuple[Mapping[str, Any], ...] = (
    {"resourcePreEvent": {"metadata": _MADE}},
    {"policyAnalyzeSummaryEvent": {"resourceUrn": URN, "passed": ["no-spot"]}},
)
PROGRAM = "import pulumi\n"


@dataclass
class Previews:
    """Stands for `preview.previews`: a notebook for each stack, or the events that a test gives."""

    events: dict[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    stacks: list[Stack] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def __call__(self, task: Task, stacks: Sequence[Stack]) -> list[Preview]:
        """The previews of some stacks."""
        self.tasks.append(task)
        self.stacks += stacks
        return [Preview(self.events.get(one.name, SEEN), 0, "") for one in stacks]

    @property
    def task(self) -> Task:
        """What was asked last."""
        return self.tasks[-1]


def write_project(folder: Path, more: str = "", **stacks: str) -> Path:
    """A project with a program and these stacks' files; `more` goes into its project file."""
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text(f"name: dsw-free-tier\n{more}", encoding="utf-8")
    (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    for name, text in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(text, encoding="utf-8")
    return folder
