"""YAML as Pulumi reads it, with the text and the line of every value as it was written.

Pulumi reads its files with Go's yaml.v3: `yes` is a text, 3.10 a number, a key that is set twice an error. What doesn't
mean to Pulumi what it seems to (a second document, tags) is refused. Aliases are followed, as long as they are few.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from paidsw.core.messages import Message, Text, UserError
from paidsw.core.text import printable
from paidsw.core.yaml_problems import problem_in
from paidsw.core.yaml_scalars import Plain, Time, json_text, resolve

# A file of settings has some thousand bytes and is four levels deep.
MOST_BYTES = 100_000
_MOST_REPEATED = 1000
_DEEPEST = 50
# libyaml, which yaml.v3 was made of, where PyYAML has it; its own parser takes fewer tabs.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_TAGS = {ScalarEvent: "str", MappingStartEvent: "map"}
_MERGE = "<<"
# At the beginning of several lines yaml.v3, with which Pulumi also writes what it has read, drops or refuses them.
_LOST_AT_BEGIN = "\n\t\x85\u2028\u2029"
# How readers of YAML 1.1 see a scalar.
_YAML_1_1 = yaml.resolver.Resolver()


class MalformedError(UserError):
    """A file that can't be read, with the line (from 1) where that shows."""

    def __init__(self, file: str, line: int, cause: Message, advice: Message) -> None:
        super().__init__(cause, advice)
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: its text without quotes and escapes, what it is to Pulumi, and its line."""

    text: str
    value: Plain
    line: int

    @property
    def quoted(self) -> bool:
        """Whether it can't be anything but this text."""
        return isinstance(self.value, str)

    @property
    def changed(self) -> bool:
        """Whether a text of it isn't the one that was written."""
        return self.arrives_as_text() != self.text

    @property
    def octal(self) -> bool:
        """Whether it looks like another number than it is: 012 is 10."""
        digits = self.text.replace("_", "").lstrip("+-")
        return isinstance(self.value, int) and digits.isdecimal() and int(digits) != abs(self.value)

    @property
    def keeps_as_text(self) -> bool:
        """Whether a text within a map or list, which it is to be, is the one that was written.

        A number that isn't whole is not: Pulumi writes 3.1 where 3.10 was when it sets another setting.
        """
        whole = isinstance(self.value, int) and not isinstance(self.value, bool) and abs(self.value) < 2**53
        return self.quoted or (whole and not self.changed)

    def arrives(self) -> bool | int | float | str | None:
        """The value within a map or list, as the program reads it in JSON."""
        value = self.value
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, Time):
            return value.text
        # Go reads integers of JSON as int64, and larger ones as float64.
        number: int | float = json.loads(json_text(float(value) if value >= 2**63 else value))
        return number

    def arrives_as_text(self) -> str:
        """The value by itself, as the program reads it."""
        value = self.value.text if isinstance(self.value, Time) else self.value
        return value if isinstance(value, str) else json_text(value)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    values: tuple[Value, ...]
    line: int

    def arrives(self) -> list[object]:
        """The list as the program has it."""
        return [one.arrives() for one in self.values]


@dataclass(frozen=True, slots=True)
class Fields:
    """A map: its keys, each with its value, in their order."""

    pairs: tuple[tuple[Scalar, Value], ...]
    line: int

    def __getitem__(self, key: str) -> Value:
        return next(value for one, value in self.pairs if one.text == key)

    def get(self, key: str) -> Value | None:
        """The value of a key; None where there is none."""
        return next((value for one, value in self.pairs if one.text == key), None)

    def arrives(self) -> dict[str, object]:
        """The map as the program has it."""
        return {key.arrives_as_text(): value.arrives() for key, value in self.pairs}


Value = Scalar | Items | Fields


def read(path: Path) -> Fields:
    """The map that a file holds; an empty file is an empty one.

    Raises MalformedError where it isn't one that Pulumi reads as it looks, OSError where it can't be read.
    """
    with path.open("rb") as file:
        found = file.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise MalformedError(path.name, 1, Text.LARGE(file=path.name, most=MOST_BYTES), Text.SHORTEN())
    try:
        # Pulumi leaves a mark of the byte order out too.
        text = found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        raise MalformedError(path.name, line, Text.NOT_UTF8(file=path.name), Text.SAVE_AS_UTF8()) from None
    return parse(text, path.name)


def parse(text: str, name: str) -> Fields:
    """The map that the text of the file `name` holds. Raises MalformedError."""
    value = _Reader(text, name).document()
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return Fields((), 1)
    if not isinstance(value, Fields):
        raise MalformedError(name, value.line, Text.NO_MAP(file=name), Text.CORRECT_IT())
    return value


def written(value: Value) -> str:
    """A value as the text of a file that Pulumi reads as the same: plain scalars stay as they were written."""
    text: str = yaml.serialize(
        _node(value), Dumper=_Dumper, allow_unicode=True, width=math.inf, encoding=None
    )
    return text


def value_of(plain: object, line: int = 1) -> Value:
    """A value that a program makes, as if it had been written: texts are quoted."""
    if isinstance(plain, Scalar | Items | Fields):
        return plain
    if isinstance(plain, dict):
        pairs = ((Scalar(str(key), str(key), line), value_of(one, line)) for key, one in plain.items())
        return Fields(tuple(pairs), line)
    if isinstance(plain, list):
        return Items(tuple(value_of(one, line) for one in plain), line)
    if isinstance(plain, str):
        return Scalar(plain, plain, line)
    if plain is None or isinstance(plain, bool | int | float):
        return Scalar(json_text(plain), plain, line)
    raise TypeError(plain)


def in_quotes(text: str) -> str:
    """A text as it is typed in quotes, to be read as just this text."""
    escaped = printable(text, 60).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Reader:
    """Makes values of the events of one document."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._text = text
        self._events: Iterator[Event] = iter(())
        self._anchored: dict[str, tuple[Value, int]] = {}
        self._open: list[str] = []
        self._repeated = 0

    def document(self) -> Value | None:
        """The first document; None where there is none."""
        value: Value | None = None
        try:
            self._events = yaml.parse(self._text, Loader=_LOADER)
            for event in self._events:
                if isinstance(event, DocumentStartEvent):
                    self._check_document(event, first=value is None)
                elif isinstance(event, NodeEvent):
                    value, _ = self._value(event, 0)
        except yaml.YAMLError as error:
            wrong = problem_in(self._text, error)
            raise self._refusal(wrong.line, wrong.text, wrong.advice, problem=wrong.problem) from None
        return value

    def _check_document(self, event: DocumentStartEvent, *, first: bool) -> None:
        line = _line(event)
        if not first:
            raise self._refusal(line, Text.SECOND_DOCUMENT, Text.REMOVE_DOCUMENT())
        if event.version or event.tags or self._text.splitlines()[line - 1 : line][0].startswith("%"):
            raise self._refusal(line, Text.DIRECTIVE, Text.REMOVE_LINE())

    def _refusal(self, line: int, text: Text, advice: Message, **values: object) -> MalformedError:
        return MalformedError(self._name, line, text(file=self._name, line=line, **values), advice)

    def _value(self, event: Event, depth: int) -> tuple[Value, int]:
        """The value that begins with an event, and of how many it consists."""
        line = _line(event)
        if depth > _DEEPEST:
            raise self._refusal(line, Text.DEEP, Text.CORRECT_IT(), most=_DEEPEST)
        if isinstance(event, AliasEvent):
            return self._repeat(event.anchor or "", line)
        anchor = event.anchor or "" if isinstance(event, NodeEvent) else ""
        self._check_tag(event, line)
        self._open.append(anchor)
        value: Value
        if isinstance(event, ScalarEvent):
            value, count = self._scalar(event, line), 1
        elif isinstance(event, MappingStartEvent):
            value, count = self._fields(line, depth)
        else:
            value, count = self._items(line, depth)
        self._open.pop()
        if anchor:
            self._anchored[anchor] = value, count
        return value, count

    def _repeat(self, anchor: str, line: int) -> tuple[Value, int]:
        if anchor in self._open:
            raise self._refusal(line, Text.WITHIN_ITSELF, Text.WRITE_OUT(), alias=printable(anchor, 60))
        if anchor not in self._anchored:
            raise self._refusal(line, Text.NO_ANCHOR, Text.WRITE_OUT(), alias=printable(anchor, 60))
        value, count = self._anchored[anchor]
        self._repeated += count
        if self._repeated > _MOST_REPEATED:
            raise self._refusal(line, Text.REPEATED, Text.WRITE_OUT(), most=_MOST_REPEATED)
        return value, count

    def _check_tag(self, event: Event, line: int) -> None:
        tag = event.tag if isinstance(event, ScalarEvent | CollectionStartEvent) else None
        kind = _TAGS.get(type(event), "seq")
        if tag not in (None, "!", f"{_TAG}{kind}"):
            short = printable(str(tag).replace(_TAG, "!!"), 60)
            raise self._refusal(line, Text.TAG, Text.REMOVE_TAG(), tag=short)

    def _scalar(self, event: ScalarEvent, line: int) -> Scalar:
        text = event.value
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise self._refusal(line, Text.NOT_YAML, Text.CORRECT_IT(), problem=Text.NOT_ALLOWED())
        if "\n" in text and text[0] in _LOST_AT_BEGIN:
            raise self._refusal(line, Text.LOST_BEGINNING, Text.BEGIN_OTHERWISE())
        value = resolve(text) if _is_plain(event) else text
        if isinstance(value, float) and not math.isfinite(value):
            # Pulumi fails on the whole file.
            raise self._refusal(line, Text.NOT_FINITE, Text.QUOTE(quoted=in_quotes(text)), value=text)
        return Scalar(text, value, line)

    def _items(self, line: int, depth: int) -> tuple[Items, int]:
        values, count = [], 1
        for event in self._until(SequenceEndEvent):
            value, size = self._value(event, depth + 1)
            values.append(value)
            count += size
        return Items(tuple(values), line), count

    def _fields(self, line: int, depth: int) -> tuple[Fields, int]:
        own: dict[str, tuple[Scalar, Value]] = {}
        merged: Value | None = None
        count = 1
        for event in self._until(MappingEndEvent):
            key, _ = self._value(event, depth + 1)
            value, size = self._value(next(self._events), depth + 1)
            count += size + 1
            if not isinstance(key, Scalar):
                raise self._refusal(key.line, Text.KEY_NOT_TEXT, Text.CORRECT_IT())
            self._check_key(key, own)
            if key.text == _MERGE and not _is_plain(event):
                raise self._refusal(key.line, Text.NO_MERGE, Text.WRITE_PLAIN())
            own[key.text] = key, value
        _, merged = own.pop(_MERGE, (None, None))
        return Fields((*own.values(), *self._inherited(merged, own)), line), count

    def _check_key(self, key: Scalar, before: dict[str, tuple[Scalar, Value]]) -> None:
        shown = printable(key.text, 60)
        if key.text in before:
            first = before[key.text][0].line
            raise self._refusal(key.line, Text.TWICE, Text.REMOVE_ONE(), key=shown, first=first)
        if key.changed or key.value is None:
            advice = Text.QUOTE(quoted=in_quotes(key.text))
            raise self._refusal(key.line, Text.KEY_CHANGED, advice, key=shown, read=key.arrives_as_text())

    def _inherited(
        self, merged: Value | None, own: dict[str, tuple[Scalar, Value]]
    ) -> Iterator[tuple[Scalar, Value]]:
        """What a merge key adds to a map's own keys; of several maps the first that has a key gives it."""
        if merged is None:
            return
        seen = set(own)
        for one in merged.values if isinstance(merged, Items) else (merged,):
            if not isinstance(one, Fields):
                raise self._refusal(one.line, Text.MERGED, Text.CORRECT_IT())
            for key, value in one.pairs:
                if key.text not in seen:
                    seen.add(key.text)
                    yield key, value

    def _until(self, end: type[Event]) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _is_plain(event: Event) -> bool:
    """Whether it is a scalar without quotes, which may be something else than a text."""
    return isinstance(event, ScalarEvent) and event.style in (None, "") and event.tag in (None, "!")


class _Dumper(yaml.SafeDumper):
    """Writes scalars in the style that their nodes have: only Pulumi resolves them."""

    def resolve(self, kind: type[yaml.Node], _value: object, _implicit: object) -> str:
        """The tag that each kind of node has here, so that none is written."""
        return _TAG + {yaml.ScalarNode: "str", yaml.SequenceNode: "seq"}.get(kind, "map")


def _node(value: Value) -> yaml.Node:
    if isinstance(value, Scalar):
        # A text that looks like something else stays a text for every reader.
        quoted = value.quoted and not _harmless(value.text)
        return yaml.ScalarNode(f"{_TAG}str", value.text, style='"' if quoted else None)
    if isinstance(value, Items):
        return yaml.SequenceNode(f"{_TAG}seq", [_node(one) for one in value.values], flow_style=False)
    pairs = [(_node(key), _node(one)) for key, one in value.pairs]
    return yaml.MappingNode(f"{_TAG}map", pairs, flow_style=False)


def _harmless(text: str) -> bool:
    other: Any = _YAML_1_1
    is_text = other.resolve(yaml.ScalarNode, text, (True, False)) == f"{_TAG}str"
    return is_text and isinstance(resolve(text), str)
