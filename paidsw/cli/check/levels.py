"""The policy configuration of a check: what is wrong with it, each at its own line."""

from __future__ import annotations

from pathlib import Path

from paidsw.cli.reports.finding import ENGINE, Finding, Level
from paidsw.rules.policy_config import PolicyConfig, PolicyConfigError
from paidsw.rules.registry import rules


def wrong_in(policy_config: Path, root: Path) -> tuple[Finding, ...]:
    """What keeps a policy configuration from being used; its file is named from `root` if it is below it."""
    try:
        PolicyConfig.read(policy_config, rules())
    except PolicyConfigError as error:
        file = _named(policy_config, root)
        return tuple(Finding(Level.ERROR, ENGINE, str(one.message), file, one.line) for one in error.problems)
    return ()


def _named(file: Path, root: Path) -> str:
    try:
        return file.resolve().relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):
        return file.as_posix()
