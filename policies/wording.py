"""A wrong value in one sentence, the same in the component and in the provider."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def problems(
    error: ValidationError, *, of: str, names: Iterable[str], hidden: Collection[str]
) -> list[tuple[str, str]]:
    """What is wrong, as pairs of top-level property and sentence.

    `of` is what the properties belong to, `names` are those there are, and `hidden` those whose value must not
    be shown.
    """
    known = list(names)
    return [(_top(details), _sentence(details, of, known, hidden)) for details in error.errors()]


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that was meant, empty when nothing is near."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f", did you mean {near[0]}?" if near else ""


def top(path: str) -> str:
    """The top-level property of a path like cloudDisks[0].capacity."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _sentence(details: ErrorDetails, of: str, names: list[str], hidden: Collection[str]) -> str:
    path = _path(details["loc"])
    if details["type"] == "extra_forbidden":
        meant = nearest(str(details["loc"][-1]), names)
        return f"{path} is not {of}{meant or ';'} remove or correct it"
    if details["type"] == "missing":
        return f"{path} is missing, it is required; set it"
    allowed = details["msg"][0].lower() + details["msg"][1:]
    if _top(details) in hidden:
        return f"{path} can't be used: {allowed}"
    return f"{path} is {_shown(details['input'])}: {allowed}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _top(details: ErrorDetails) -> str:
    return str(details["loc"][0]) if details["loc"] else ""


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
