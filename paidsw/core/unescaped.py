"""A text as it was before somebody escaped, quoted or wrapped it, with the way back to the text as it is."""

from __future__ import annotations

import html
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, pairwise

# Escapes within escapes (JSON in JSON, a URL in a URL) are undone so often.
_ROUNDS = 3
_ESCAPE = re.compile(
    r"""
    \\+u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\+u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})
    | \\+u(?P<json>[0-9a-fA-F]{4})
    | \\+(?:u\{0*(?P<braces>[0-9a-fA-F]{1,6})\}|U00(?P<long>[0-9a-fA-F]{6}))
    | (?P<bytes>(?:\\+(?:x[0-9a-fA-F]{2}|[0-3][0-7]{2}))+)
    | (?P<percent>
        %[0-7][0-9a-fA-F]
        | %[cdCD][0-9a-fA-F]%[89abAB][0-9a-fA-F]
        | %[eE][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){2}
        | %[fF][0-7](?:%[89abAB][0-9a-fA-F]){3}
      )
    | (?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});)
    | (?P<blank>\\+[abfnrtv0])
    """,
    re.VERBOSE,
)
_BYTE = re.compile(r"x[0-9a-fA-F]{2}|[0-7]{3}")


@dataclass(frozen=True, slots=True)
class Unescaped:
    """A text without escapes; `starts` and `ends` are its characters' places."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Unescaped:
        """Undo JSON's, Python's, C's, HTML's and the percent escapes of a text."""
        found = cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))
        if not any(mark in text for mark in "\\%&"):
            return found
        for _ in range(_ROUNDS):
            after = found._without_escapes()
            if after.text == found.text:
                break
            found = after
        return found

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` until `end` come from."""
        return self.starts[start], self.ends[end - 1]

    def _without_escapes(self) -> Unescaped:
        letters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []

        def plain(start: int, end: int) -> None:
            letters.extend(self.text[start:end])
            starts.extend(self.starts[start:end])
            ends.extend(self.ends[start:end])

        last = 0
        for found in _ESCAPE.finditer(self.text):
            plain(last, found.start())
            meant = _meant(found)
            letters.extend(meant)
            place = self.place(*found.span())
            starts.extend(place[0] for _ in meant)
            ends.extend(place[1] for _ in meant)
            last = found.end()
        plain(last, len(self.text))
        return Unescaped("".join(letters), tuple(starts), tuple(ends))

    def compact(self) -> Unescaped:
        """The same without white space and what isn't printable."""
        # A plus stands for a blank in a form, and a backslash for more escaping; both may be of the text itself.
        kept = list(map(_counts, self.text))
        return Unescaped(
            "".join(compress(self.text, kept)),
            tuple(compress(self.starts, kept)),
            tuple(compress(self.ends, kept)),
        )


@lru_cache(1024)
def _counts(letter: str) -> bool:
    return letter.isprintable() and not letter.isspace() and letter not in "\\+\ufffd"


def _meant(found: re.Match[str]) -> str:
    """What an escape stands for."""
    kind, text = found.lastgroup, found[0]
    if kind == "low":
        high, low = int(found["high"], 16), int(found["low"], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if kind in ("json", "braces", "long"):
        number = int(found[kind], 16)
        return chr(number) if number <= sys.maxunicode else text
    if kind == "bytes":
        return _decoded(
            bytes(int(one[1:], 16) if one[0] == "x" else int(one, 8) for one in _BYTE.findall(text))
        )
    if kind == "percent":
        return bytes.fromhex(text.replace("%", "")).decode("utf-8", "replace")
    return html.unescape(text) if kind == "entity" else " "


def _decoded(data: bytes) -> str:
    """Bytes as text: each a character of its own where they aren't UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in order, of which none overlaps or touches another."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    assert all(before[1] < after[0] for before, after in pairwise(found))
    return found
