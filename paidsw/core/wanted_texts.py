"""Where a model wants texts, and what becomes of numbers there: `workspaceId: 12345` is meant as a text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from paidsw.core.messages import Text
from paidsw.core.problems import Location, Problem, path_of

# From here on a number of JSON, or of Pulumi's wire, may have been another one.
_INEXACT = 2**53


def wants_text(kind: object, location: Iterable[str | int] = ()) -> bool:
    """Whether a type wants a text at a place within it: a string, or one of some strings."""
    kinds = _alternatives(kind)
    for part in location:
        kinds = [one for each in kinds for inner in _inner(each, part) for one in _alternatives(inner)]
    return any(one is str or _is_choice(one) for one in kinds)


def with_texts(
    model: type, values: Mapping[str, Any], hidden: Collection[str] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Values with whole numbers as texts where the model wants texts, and what other numbers are there.

    What a number was written as is known only of a whole one. Values of the `hidden` are not shown.
    """
    found: list[Problem] = []
    fitted = {key: _fitted(model, value, (key,), hidden, found) for key, value in values.items()}
    return fitted, found


def _fitted(
    model: type, value: Any, location: Location, hidden: Collection[str], found: list[Problem]
) -> Any:
    if isinstance(value, Mapping):
        return {key: _fitted(model, one, (*location, key), hidden, found) for key, one in value.items()}
    if isinstance(value, list):
        return [_fitted(model, one, (*location, index), hidden, found) for index, one in enumerate(value)]
    if not isinstance(value, bool | int | float) or not wants_text(model, location):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _INEXACT:
        return str(value)
    name, kind = str(location[0]), Text.BOOLEAN() if isinstance(value, bool) else Text.A_NUMBER()
    path = path_of(location, secret=name in hidden)
    if name in hidden:
        found.append(Problem(name, Text.HIDDEN_NO_TEXT(path=path, kind=kind)))
    else:
        shown = str(value).lower() if isinstance(value, bool) else repr(value)
        found.append(Problem(name, Text.NO_TEXT(path=path, kind=kind, value=shown)))
    return value


def _alternatives(kind: object) -> list[object]:
    """The types that a type stands for, without None and what is only annotated."""
    if get_origin(kind) is Annotated:
        return _alternatives(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [one for part in get_args(kind) for one in _alternatives(part)]
    return [] if kind is NoneType else [kind]


def _inner(kind: object, part: str | int) -> Sequence[object]:
    """The types of what a map, a list or a model has under a name or number."""
    fields: Mapping[str, Any] = getattr(kind, "model_fields", {})
    if fields:
        return [field.annotation for name, field in fields.items() if part in (name, field.alias)]
    holds = list if isinstance(part, int) else dict
    return get_args(kind)[-1:] if get_origin(kind) is holds else ()


def _is_choice(kind: object) -> bool:
    return get_origin(kind) is Literal and all(isinstance(one, str) for one in get_args(kind))
