"""A wrong value in one sentence, the same in the component and in the provider."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from paidsw.rules import forms

# The beginnings of pydantic's kinds of errors, and what it wanted.
_KINDS = {
    "int_": "a whole number",
    "float_": "a number",
    "finite_": "a number, and a finite one",
    "bool_": "true or false",
    "string_too_short": "a text that isn't empty",
    "string_type": "a text",
    "list_": "a list",
    "dict_": "a map",
    "model_": "a map",
}
_COMPARED = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}


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
    state = "can't be used" if _top(details) in hidden else f"is {_shown(details['input'])}"
    allowed = _allowed(details)
    if allowed is None:
        return f"{path} {state}: {details['msg'][0].lower()}{details['msg'][1:]}"
    return f"{path} {state}; allowed: {allowed}; correct it"


def _allowed(details: ErrorDetails) -> str | None:
    """What may stand there instead; None where the error says it in its own words."""
    kind, limits = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return forms.WORDS.get(limits["pattern"], f"a text of the form {limits['pattern']}")
    if kind == "literal_error":
        return str(limits["expected"])
    if kind in _COMPARED:
        name, words = _COMPARED[kind]
        return f"a number {words} {limits[name]:g}"
    return next((words for start, words in _KINDS.items() if kind.startswith(start)), None)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _top(details: ErrorDetails) -> str:
    return str(details["loc"][0]) if details["loc"] else ""


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        if part == "[key]":  # pydantic's word for the key itself of a map
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
