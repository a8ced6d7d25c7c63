"""What is wrong with what somebody wrote, and which name was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from paidsw.core.messages import Message, Text
from paidsw.core.text import printable

# Where in a value something is: names and numbers, from the outside.
Location = tuple[int | str, ...]
_LONGEST = 60
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Problem(NamedTuple):
    """What is wrong with one setting or property: its top-level name, and the sentence."""

    name: str
    message: Message


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, whatever its case; None where none is similar."""
    folded = {one.casefold(): one for one in names}
    return next((folded[one] for one in difflib.get_close_matches(name.casefold(), folded, n=1)), None)


def path_of(location: Location, *, secret: bool = False) -> str:
    """The path in one line. Of a `secret` property only the fields are named, since a map's key may be anything."""
    text = ""
    for part in location:
        if part == "[key]":  # pydantic's word for the key itself of a map
            continue
        shown = (
            str(Text.A_KEY())
            if secret and text and not _FIELD.fullmatch(str(part))
            else printable(part, _LONGEST)
        )
        text += f"[{part}]" if isinstance(part, int) else f".{shown}" if text else shown
    return text
