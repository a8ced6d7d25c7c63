"""The levels at which the rules are in force in a check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from paidsw.rules.rule import Level

# Whoever may change a branch may not spend money by it; only an entry of its own lowers this.
IN_EVERY_CHECK: Mapping[str, Level] = {"no-billing-override": Level.MANDATORY}


def written(given: Path | None) -> str:
    """The configuration of the pack as the engine takes it: that of a file, and the check's own."""
    entries = json.loads(given.read_text(encoding="utf-8")) if given else {}
    return json.dumps({**IN_EVERY_CHECK, **entries})
