"""Pydantic's errors as problems: one sentence for a wrong value, the same in the component and in the provider."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from paidsw.core import forms
from paidsw.core.messages import Message, Text
from paidsw.core.problems import Problem, nearest, path_of
from paidsw.core.text import printable

_LONGEST = 60
# The beginnings of pydantic's kinds of errors, and what it wanted.
_KINDS = {
    "int_": Text.WHOLE_NUMBER,
    "float_": Text.NUMBER,
    "finite_": Text.FINITE_NUMBER,
    "bool_": Text.SWITCH,
    "string_too_short": Text.NON_EMPTY,
    "string_type": Text.ANY_STRING,
    "list_": Text.LIST,
    "tuple_": Text.LIST,
    "dict_": Text.MAP,
    "model_": Text.MAP,
}
_COMPARED = {
    "greater_than": ("gt", Text.ABOVE),
    "greater_than_equal": ("ge", Text.AT_LEAST),
    "less_than": ("lt", Text.BELOW),
    "less_than_equal": ("le", Text.AT_MOST),
}


def problems(
    error: ValidationError, *, of: str, names: Iterable[str], hidden: Collection[str]
) -> list[Problem]:
    """Everything that is wrong.

    `of` is what the properties belong to, `names` are those there are, and `hidden` those whose value must not
    be shown.
    """
    known = list(names)
    return [Problem(_top(details), _sentence(details, of, known, hidden)) for details in error.errors()]


def _sentence(details: ErrorDetails, of: str, names: list[str], hidden: Collection[str]) -> Message:
    path = path_of(details["loc"], secret=_top(details) in hidden)
    if details["type"] == "extra_forbidden":
        meant = nearest(str(details["loc"][-1]), names)
        if meant is None:
            return Text.UNKNOWN_NAME(path=path, of=Message(of))
        return Text.MISSPELT_NAME(path=path, of=Message(of), meant=meant)
    if details["type"] == "missing":
        return Text.REQUIRED(path=path)
    state = (
        Text.HIDDEN(path=path)
        if _top(details) in hidden
        else Text.IS(path=path, value=printable(repr(details["input"]), _LONGEST))
    )
    allowed = _allowed(details)
    if allowed is None:
        reason = f"{details['msg'][0].lower()}{details['msg'][1:]}"
        return Text.REASON(state=state, reason=reason)
    return Text.WRONG(state=state, allowed=allowed)


def _allowed(details: ErrorDetails) -> Message | None:
    """What is allowed instead; None where the error says it itself."""
    kind, limits = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        pattern = limits["pattern"]
        words = forms.WORDS.get(pattern)
        return words() if words else Text.PATTERN(pattern=pattern)
    if kind == "literal_error":
        return Text.CHOICES(choices=limits["expected"])
    if kind in _COMPARED:
        name, text = _COMPARED[kind]
        return text(limit=f"{limits[name]:g}")
    return next((text() for start, text in _KINDS.items() if kind.startswith(start)), None)


def _top(details: ErrorDetails) -> str:
    return str(details["loc"][0]) if details["loc"] else ""
