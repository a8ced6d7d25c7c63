"""Forms of names, and texts from outside made fit to be shown."""

from __future__ import annotations

import unicodedata

from paidsw.core.redaction import redacted

# Of a text from outside, in a line for people.
LONGEST = 300
# Control characters, halves of surrogate pairs, separators of lines and paragraphs.
_NOT_PLAIN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def camel_case(name: str) -> str:
    """`max_gib` as `maxGib`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def snake_case(name: str) -> str:
    """`CreateInstance` or `createInstance` as `create_instance`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def is_plain(text: str) -> bool:
    """Whether a text is one line without control characters and without halves of a surrogate pair."""
    return not any(unicodedata.category(letter) in _NOT_PLAIN for letter in text)


def printable(text: object, longest: int = LONGEST) -> str:
    """One line without secrets, control characters and marks that turn the writing direction.

    A secret that is known is shown as [secret], a character as U+FFFD; a text longer than `longest` is cut.
    """
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in redacted(str(text)))
    return line if len(line) <= longest else line[: longest - 1] + "…"
