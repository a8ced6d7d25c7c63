"""What is wrong with what somebody wrote, and which name was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

from paidsw.core.messages import Message


class Problem(NamedTuple):
    """What is wrong with one setting or property: its top-level name, and the sentence."""

    name: str
    message: Message


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, whatever its case; None where none is similar."""
    folded = {one.casefold(): one for one in names}
    return next((folded[one] for one in difflib.get_close_matches(name.casefold(), folded, n=1)), None)
