"""Plain values of any JSON type, values that are not known yet, secrets; and how to read and show them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from paidsw.core.messages import Message, Text


class Unknown(Enum):
    """The type of `UNKNOWN`, a value that is known only once another resource exists."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
NO_TEXT: Final = r"(?!)"  # matches nothing
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class UndecidedError(Exception):
    """A rule reached a value that is not known yet, at `path`. It then decides nothing, and hides no other rule.

    `urn` is the resource meant, where the rule looks at the whole stack.
    """

    def __init__(self, path: str, urn: str = "") -> None:
        super().__init__(f"{path or 'the resource'} is not known yet")
        self.path = path
        self.urn = urn


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A value that no sentence may show."""

    value: object

    def __repr__(self) -> str:
        return "SecretValue(…)"


@dataclass(frozen=True, slots=True)
class Node:
    """A value within a resource's inputs and the path that leads to it (`cloudDisks[0].capacity`).

    Reading a value that is not known yet raises UndecidedError; a value of another type than asked for reads
    as None, an absent one too.
    """

    path: str
    raw: object
    key: str = ""  # of a mapping's value, as it is

    @property
    def secret(self) -> bool:
        """Whether the value is marked as secret."""
        return isinstance(self.raw, SecretValue)

    @property
    def value(self) -> object:
        """The value itself, None where it is absent."""
        value = self.raw.value if isinstance(self.raw, SecretValue) else self.raw
        if isinstance(value, Unknown):
            raise UndecidedError(self.path)
        return value

    @property
    def absent(self) -> bool:
        """Whether there is no value (null counts as none)."""
        return self.value is None

    @property
    def text(self) -> str | None:
        """The value if it is a text."""
        value = self.value
        return value if isinstance(value, str) else None

    @property
    def number(self) -> Decimal | None:
        """The value if it is a finite number; strings and booleans are not."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return number if number.is_finite() else None

    @property
    def fields(self) -> tuple[Node, ...]:
        """The values of a map; none for anything else."""
        value = self.value
        return tuple(self[key] for key in value) if isinstance(value, Mapping) else ()

    @property
    def entries(self) -> tuple[Node, ...]:
        """The entries of a list; none for anything else."""
        value = self.value
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            return ()
        return tuple(Node(f"{self.path}[{index}]", self._part(one)) for index, one in enumerate(value))

    def __getitem__(self, key: str) -> Node:
        value = self.value
        child = self._part(value.get(key)) if isinstance(value, Mapping) else None
        return Node(f"{self.path}.{_shown_key(key)}".lstrip("."), child, key if isinstance(key, str) else "")

    def _part(self, raw: object) -> object:
        """A part of the value; that of a secret is one, too."""
        return SecretValue(raw) if self.secret and not isinstance(raw, SecretValue) else raw

    def shown(self, shape: str = NO_TEXT) -> Message:
        """The value for a sentence: a number, a text of exactly this shape, else only what kind of value it is."""
        literal = self._literal(shape)
        if literal is not None:
            return Text.VALUE(value=literal)
        return Text.NOTHING() if self.absent else self._kind()

    def described(self, noun: str, shape: str = NO_TEXT) -> Message:
        """The value with its noun, for a sentence: `region "x"`, `a missing region`, `a region that is a list`."""
        if self.absent:
            return Text.MISSING(noun=Message(noun))
        literal = self._literal(shape)
        if literal is not None:
            return Text.NAMED(noun=Message(noun), value=literal)
        text = Text.AN_THAT_IS if noun[0] in "aeiou" else Text.A_THAT_IS
        return text(noun=Message(noun), kind=self._kind())

    def _literal(self, shape: str) -> str | None:
        """The value itself, if it is one that a sentence may show."""
        value, number = self.value, self.number
        if self.secret:
            return None
        if number is not None:
            return f"{number.normalize():f}" if number.copy_abs() < 10**9 else None
        return f'"{value}"' if isinstance(value, str) and re.fullmatch(shape, value) else None

    def _kind(self) -> Message:
        value = self.value
        if self.secret:
            return Text.CONFIDENTIAL()
        if isinstance(value, str):
            return Text.STRING(length=len(value))
        if isinstance(value, Mapping):
            return Text.MAP()
        if isinstance(value, Sequence):
            return Text.LIST()
        if isinstance(value, bool):
            return Text.BOOLEAN()
        return Text.UNUSABLE() if self.number is None else Text.HUGE()


def top_level(path: str) -> str:
    """The top-level property of a path such as cloudDisks[0].capacity."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _shown_key(key: object) -> str:
    return key if isinstance(key, str) and _FIELD.fullmatch(key) else str(Text.A_KEY())
