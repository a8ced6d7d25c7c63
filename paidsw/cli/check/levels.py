"""The levels at which the rules are in force in a check, and what is wrong with a configuration of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from paidsw.cli.reports import finding
from paidsw.rules.policy_config import PolicyConfigError
from paidsw.rules.rule import Level
from paidsw.rules.settings import LEVEL_KEY

# The right to change a branch is no right to spend money; only a level of its own lowers this.
IN_EVERY_CHECK: Mapping[str, Level] = {"no-billing-override": Level.MANDATORY}


def written(given: Path | None) -> str:
    """The configuration of the pack as the engine takes it: that of a file, and the check's own."""
    text = given.read_text(encoding="utf-8") if given else ""
    entries = json.loads(text) if text.strip() else {}
    for rule, level in IN_EVERY_CHECK.items():
        own = entries.setdefault(rule, level)
        if isinstance(own, dict):
            own.setdefault(LEVEL_KEY, level)
    return json.dumps(entries)


def findings(error: PolicyConfigError, file: Path, root: Path) -> Iterator[finding.Finding]:
    """What is wrong with a configuration, each at its line; its file is named from `root` if it is below it."""
    try:
        name = file.resolve().relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):
        name = file.as_posix()
    for one in error.problems:
        yield finding.Finding(finding.Level.ERROR, finding.ENGINE, str(one.message), name, one.line)
