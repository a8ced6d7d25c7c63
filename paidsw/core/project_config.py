"""What a project's file says of a setting, below `config`: its value for every stack, or a declaration of it.

Pulumi refuses the whole project for a wrong one, in several lines; here each mistake is one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from paidsw.core.messages import Message, Text
from paidsw.core.misread import Misread
from paidsw.core.pulumi_yaml import Fields, Items, MalformedError, Scalar, Value

_TYPE, _ITEMS, _DEFAULT, _VALUE = "type", "items", "default", "value"
_PARTS = frozenset({_TYPE, _ITEMS, "description", "secret", _DEFAULT, _VALUE})


class _Mistake(NamedTuple):
    """What is wrong, what to do about it, and its line where that isn't the setting's."""

    cause: Message
    advice: Message
    line: int = 0


def declared(file: str, key: str, value: Value, project: str, line: int) -> Value | None:
    """The value of a setting, by its full key, in a project's file; None where that only describes it.

    Raises MalformedError for what Pulumi refuses.
    """
    mistakes = _of_scalar(key, value) if isinstance(value, Scalar) else _of_map(key, value, project)
    mistake = next(mistakes, None)
    if mistake is not None:
        at = mistake.line or line
        raise MalformedError(file, at, Text.IN_LINE(file=file, line=at, cause=mistake.cause), mistake.advice)
    return (_given(value, _DEFAULT) or _given(value, _VALUE)) if isinstance(value, Fields) else value


def _of_scalar(key: str, scalar: Scalar) -> Iterator[_Mistake]:
    found = Misread(key, scalar)
    if scalar.value is None:
        yield _Mistake(found.cause, found.advice)
    elif not isinstance(scalar.value, str | int):
        yield _Mistake(Text.NOT_TAKEN(path=key, written=scalar.text), found.advice)


def _of_map(key: str, value: Items | Fields, project: str) -> Iterator[_Mistake]:
    if isinstance(value, Items):
        return
    for name, one in value.pairs:
        if name.text not in _PARTS:
            parts = ", ".join(sorted(_PARTS))
            yield _Mistake(Text.NOT_A_PART(key=key, name=name.text, parts=parts), Text.AS_VALUE())
        if name.text == "secret" and not (isinstance(one, Scalar) and isinstance(one.value, bool)):
            yield _Mistake(Text.NO_SWITCH(key=key), Text.CORRECT_IT(), one.line)
    default, given = _given(value, _DEFAULT), _given(value, _VALUE)
    if not key.startswith(f"{project}:") and (given is None or default is not None or value.get(_TYPE)):
        yield _Mistake(Text.OF_OTHERS(key=key, project=project), Text.ONLY_VALUE())
    if default is not None and given is not None:
        yield _Mistake(Text.BOTH(key=key), Text.REMOVE_ONE())
    yield from _of_type(key, value, default)


def _of_type(key: str, declaration: Fields, default: Value | None) -> Iterator[_Mistake]:
    kind = _word(declaration.get(_TYPE))
    if kind is None:
        return
    if kind not in _KINDS:
        yield _Mistake(Text.NO_TYPE(key=key, kind=kind, kinds=", ".join(_KINDS)), Text.CORRECT_IT())
    if kind == "array" and _item_kind(declaration) is None:
        yield _Mistake(Text.NO_ITEMS(key=key), Text.GIVE_ITEMS())
    if default is None or _fits(default, declaration):
        return
    if kind == "string" and isinstance(default, Scalar):
        misread = Misread(key, default)
        yield _Mistake(misread.cause, misread.advice, default.line)
    yield _Mistake(Text.OTHER_TYPE(key=key, kind=kind), Text.CORRECT_IT(), default.line)


def _given(value: Fields, name: str) -> Value | None:
    """A part; None where it is left out or has no value."""
    found = value.get(name)
    return None if isinstance(found, Scalar) and found.value is None else found


def _word(value: Value | None) -> str | None:
    return value.text if isinstance(value, Scalar) else None


def _item_kind(declaration: Fields) -> str | None:
    items = declaration.get(_ITEMS)
    return _word(items.get(_TYPE)) if isinstance(items, Fields) else None


def _fits(value: Value, declaration: Fields) -> bool:
    """Whether Pulumi takes a default for one of the declared type."""
    kind = _word(declaration.get(_TYPE))
    if kind == "array":
        items = declaration.get(_ITEMS)
        if not isinstance(value, Items) or not isinstance(items, Fields):
            return False
        return all(_fits(one, items) for one in value.values)
    if kind == "object":
        return isinstance(value, Fields)
    return isinstance(value, Scalar) and _KINDS.get(kind or "", _any)(value)


def _is_integer(value: Scalar) -> bool:
    try:
        return float(value.arrives_as_text()).is_integer()
    except ValueError:
        return False


def _any(_value: Scalar) -> bool:
    return True


_KINDS: Mapping[str, Callable[[Scalar], bool]] = {
    "string": lambda value: value.quoted,
    "integer": _is_integer,
    "boolean": lambda value: value.arrives_as_text() in ("true", "false"),
    "array": _any,
    "object": _any,
}
