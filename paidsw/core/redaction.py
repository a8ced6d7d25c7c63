"""Secrets in what others say: whatever quotes one shows `[secret]` in its place.

A server may quote a request as it likes, so a secret is looked for as it is, escaped for JSON, HTML or a URL, in
base64, broken into lines, and cut short. Not found are: a secret that is hashed, encrypted, reversed or in other
letters (upper case), single characters out of its middle, and in base64 one of fewer than six bytes.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from decimal import Decimal, InvalidOperation
from itertools import islice, takewhile
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from paidsw.core.unescaped import Unescaped, merged

MASK = "[secret]"
# From so many bytes on a secret is found within a longer word as well; a shorter one stands alone.
_LONG = 8
# Of a part that was cut off.
_LEAST_PART = 5
_LONGEST_PART, _MOST_CUTS = 500, 50
# Of a part that nothing marks as cut off, which is the first half at least.
_LONG_PART = 12
# Shorter ones, and numbers, are ordinary words of a sentence: only quoted ones count.
_SHORT = 4
_BLANK = re.escape(" ")
_FEWEST_BYTES = 6
_COMMON = frozenset({"true", "false", "none", "null"})
_CUT = re.compile(r"…|\.{2,}|\*{2,}|\[?\(?truncated", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_QUOTED = r"""(?<=["'=:(\[{{<]){0}(?=\\?["')\]}}>,;&]|\s*$)|(?<=["'=:(\[{{<]\s){0}(?=\\?["')\]}}>,;&]|\s*$)"""
# No letter, or one that belongs to an escape.
_BEFORE = r"(?:(?<![^\W_])|(?<=\\[abfnrtv])|(?<=%[0-9a-fA-F]{2})|(?<=\\u[0-9a-fA-F]{4}))"
_NAMED = (
    "access_?token|refresh_?token|id_?token|token|(?:x-acs-)?security-?token|signature|"
    "access_?key_?secret|secret_?access_?key|client_?secret|password|passwd"
)
# What is a secret by its name or place, no matter whose it is.
_BY_NAME = re.compile(
    rf"""(?<![A-Za-z0-9])(?:{_NAMED})(?:=|%3D)(?:\\*["'])?(?P<set>[^\s"'&,;<>\\]+)"""
    rf"""|["'](?:{_NAMED})\\*["']\s*:\s*\\*["'](?P<quoted>[^\s"'\\]+)"""
    r"""|://[^\s/@:"']{0,200}:(?P<password>[^\s/@"']{1,500})@""",
    re.IGNORECASE,
)


class Secrets:
    """The secrets that one operation knows of."""

    def __init__(self) -> None:
        self._leaves: set[str] = set()
        self._numbers: set[Decimal] = set()
        self._needles: frozenset[str] = frozenset()
        # The ends of the needles, all of one length: a text with none of them has no part of a needle either.
        self._traces: frozenset[str] = frozenset()
        self._alone: re.Pattern[str] | None = None
        self._prepared = 0
        # Properties by the thing that has them, whose values are secrets as soon as they are known.
        self.hidden: dict[str, frozenset[str]] = {}

    def add(self, value: object, shown: object = None) -> None:
        """Texts and numbers of a plain value, and the names in its maps that aren't mere names.

        What is also in `shown` is no secret: the same thing says it in clear.
        """
        found = {leaf for leaf in _leaves(value) if leaf not in self._leaves and leaf not in self._numbers}
        if not found:
            return
        clear = set(_leaves(shown))
        for leaf in found:
            if leaf in clear or _number(leaf) in clear:
                continue
            if isinstance(leaf, str):
                self._leaves.add(leaf)
            else:
                self._numbers.add(leaf)

    def has_number(self, value: float | Decimal) -> bool:
        """Whether a number is a secret."""
        return bool(self._numbers) and Decimal(str(value)).normalize() in self._numbers

    def redact(self, text: str) -> str:
        """A text without the secrets in it; what was replaced before stays so."""
        if self._prepared != len(self._leaves) + len(self._numbers):
            self._prepare()
        return MASK.join(map(self._redacted, text.split(MASK)))

    def _redacted(self, text: str) -> str:
        if text in self._leaves:
            return MASK
        places = [*self._places(text), *_by_name(text)]
        if self._alone is not None:
            places += [found.span() for found in self._alone.finditer(text)]
            undone = Unescaped.of(text)
            places += [undone.place(*found.span()) for found in self._alone.finditer(undone.text)]
        return _masked(text, merged(places))

    def _prepare(self) -> None:
        # Another thread may learn of one meanwhile.
        leaves, numbers = list(self._leaves), list(self._numbers)
        texts = {form for leaf in leaves for form in _forms(leaf) if form}
        texts |= {number for number in map("{:f}".format, numbers) if len(number) > _SHORT}
        long = {
            text
            for text in texts
            if len(Unescaped.of(text).compact().text.encode("utf-8", "replace")) >= _LONG
        }
        encoded = {code for text in texts for code in _encoded(text)}
        self._needles = frozenset(Unescaped.of(text).compact().text for text in long | encoded)
        length = min([_LEAST_PART, *map(len, self._needles)])
        self._traces = frozenset(end for one in self._needles for end in (one[:length], one[-length:]))
        alone = "|".join(map(_alone, sorted(texts - long)))
        self._alone = re.compile(alone) if alone else None
        self._prepared = len(leaves) + len(numbers)

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        if not self._needles:
            return
        yield from self._plain_places(text)
        for run in _BASE64.finditer(text):
            if any(any(self._plain_places(inner)) for inner in _within(run[0])):
                yield run.span()

    def _plain_places(self, text: str) -> Iterator[tuple[int, int]]:
        found = Unescaped.of(text).compact()
        if not self._has_trace(found.text):
            return
        for needle in self._needles:
            for start, end in _occurrences(found.text, needle):
                yield found.place(start, end)

    def _has_trace(self, text: str) -> bool:
        length = len(next(iter(self._traces)))
        return any(text[at : at + length] in self._traces for at in range(len(text) - length + 1))


_CURRENT: ContextVar[Secrets | None] = ContextVar("secrets", default=None)


@contextmanager
def keeping(secrets: Secrets) -> Iterator[Secrets]:
    """Let these be the secrets of what runs within, also of the tasks and threads that it starts."""
    token = _CURRENT.set(secrets)
    try:
        yield secrets
    finally:
        _CURRENT.reset(token)


def keep(value: object, shown: object = None) -> None:
    """A value that what runs now has learned and must not show, and what is shown of the same thing."""
    secrets = _CURRENT.get()
    if secrets is not None:
        secrets.add(value, shown)


def hide(thing: str, names: frozenset[str]) -> None:
    """Properties of a thing whose values what runs now must not show once it has learned them."""
    secrets = _CURRENT.get()
    if secrets is not None:
        secrets.hidden[thing] = names


def hidden(thing: str) -> frozenset[str]:
    """The properties of a thing whose values what runs now must not show."""
    return (_CURRENT.get() or _NONE).hidden.get(thing, frozenset())


def redacted(text: str) -> str:
    """A text without what runs now must not show."""
    return (_CURRENT.get() or _NONE).redact(text)


def without_secrets(document: object) -> object:
    """A document for programs without what runs now must not show in its texts."""
    if isinstance(document, str):
        return redacted(document)
    if isinstance(document, Mapping):
        return {name: without_secrets(item) for name, item in document.items()}
    return [without_secrets(item) for item in document] if isinstance(document, list | tuple) else document


def is_secret_number(value: float | Decimal) -> bool:
    """Whether a number is one that what runs now must not show."""
    return (_CURRENT.get() or _NONE).has_number(value)


_NONE = Secrets()


def _number(leaf: str | Decimal) -> Decimal | None:
    """The number that a text says."""
    try:
        return Decimal(leaf).normalize()
    except InvalidOperation:
        return None


def _leaves(value: object) -> Iterator[str | Decimal]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if isinstance(name, str) and name and not _NAME.fullmatch(name):
                yield name
            yield from _leaves(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield Decimal(str(value)).normalize()


def _forms(leaf: str) -> Iterator[str]:
    """A secret, and what in it is one by itself."""
    yield leaf
    yield leaf.strip()
    if "\n" in leaf:
        yield from (line for line in map(str.strip, leaf.splitlines()) if len(line) >= 2 * _LONG)
    yield from _decoded(leaf)
    if leaf[:1] in "{[":
        with suppress(ValueError, RecursionError):
            yield from (inner for inner in _leaves(json.loads(leaf)) if isinstance(inner, str))
    if "://" in leaf:
        yield from _of_url(leaf)


def _decoded(leaf: str) -> Iterator[str]:
    """What stands in base64: user:password, and each of them."""
    if not _BASE64.fullmatch(leaf):
        return
    try:
        text = base64.b64decode(leaf.translate(_STANDARD) + "=" * (-len(leaf) % 4)).decode()
    except (binascii.Error, ValueError):
        return
    if text.isprintable():
        yield text
        yield from text.split(":", 1)


def _within(code: str) -> Iterator[str]:
    """What a text may say that is base64 from one of its first characters on."""
    standard = code.rstrip("=").translate(_STANDARD)
    for start in range(4):
        part = standard[start : len(standard) - (len(standard) - start) % 4]
        yield base64.b64decode(part).decode("utf-8", "replace")


def _of_url(leaf: str) -> Iterator[str]:
    try:
        parts = urlsplit(leaf)
        yield unquote(parts.password or "")
        yield from (value for _, value in parse_qsl(parts.query) if len(value) >= _LONG)
    except ValueError:
        return


_STANDARD = str.maketrans("-_", "+/")
_FOR_URLS = str.maketrans("+/", "-_")


def _encoded(text: str) -> Iterator[str]:
    """A text in base64 wherever it may begin within what is encoded, and in hexadecimal."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) < _FEWEST_BYTES:
        return
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        # What the neighbours' bits are in.
        code = code[(0, 2, 3)[shift] :]
        if (len(data) + shift) % 3:
            code = code[:-1]
        yield code
        yield code.translate(_FOR_URLS)
    yield data.hex()
    yield data.hex().upper()


def _alone(text: str) -> str:
    """The pattern of a short text where it is one by itself, plain or escaped."""
    escaped = {text, json.dumps(text)[1:-1], html.escape(text), quote(text, safe=""), quote(text)}
    # A form has a plus for a blank.
    either = f"(?:{'|'.join(re.escape(one).replace(_BLANK, '[ +]') for one in sorted(escaped))})"
    if len(text) < _SHORT or text.lower() in _COMMON or text.replace(".", "").isdigit():
        return _QUOTED.format(either)
    return rf"{_BEFORE}{either}(?![^\W_])"


def _occurrences(text: str, needle: str) -> Iterator[tuple[int, int]]:
    """Where a text has a needle, whole or as a part that was cut off."""
    start = text.find(needle)
    while start >= 0:
        yield start, start + len(needle)
        start = text.find(needle, start + len(needle))
    head = needle[: max(_LONG_PART, (len(needle) + 1) // 2)]
    start = text.find(head)
    while start >= 0:
        pairs = zip(needle, text[start : start + len(needle)], strict=False)
        end = start + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        yield start, end
        start = text.find(head, end)
    for cut in islice(_CUT.finditer(text), _MOST_CUTS):
        yield from _begun(text, cut.start(), needle, _LEAST_PART)
        yield from _ended(text, cut.end(), needle)
    yield from _begun(text, len(text), needle, _LONG)


def _begun(text: str, end: int, needle: str, least: int) -> Iterator[tuple[int, int]]:
    """The first part of a needle, right before `end`."""
    head = needle[:least]
    start = text.find(head, max(0, end - _LONGEST_PART), end)
    while start >= 0:
        if needle.startswith(text[start:end]):
            yield start, end
            return
        start = text.find(head, start + 1, end)


def _ended(text: str, start: int, needle: str) -> Iterator[tuple[int, int]]:
    """The last part of a needle, right from `start` on."""
    foot, last = needle[-_LEAST_PART:], start + _LONGEST_PART
    end = text.rfind(foot, start, last)
    while end >= 0:
        if needle.endswith(text[start : end + len(foot)]):
            yield start, end + len(foot)
            return
        end = text.rfind(foot, start, end + len(foot) - 1)


def _by_name(text: str) -> Iterator[tuple[int, int]]:
    for found in _BY_NAME.finditer(text):
        yield next(found.span(name) for name, value in found.groupdict().items() if value is not None)


def _masked(text: str, places: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    last = 0
    for start, end in places:
        parts += [text[last:start], MASK]
        last = end
    return "".join([*parts, text[last:]])
