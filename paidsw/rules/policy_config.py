"""Levels and settings of all rules, as Pulumi's policy configuration file has them.

    {"all": "mandatory", "trial-region": {"only": ["cn-beijing"]}, "official-image": "disabled"}

The engine leaves out what it doesn't understand, such as the name of a rule that there isn't; here it is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from paidsw.core.messages import Message
from paidsw.core.problems import nearest
from paidsw.core.text import printable
from paidsw.rules.messages import Text
from paidsw.rules.rule import AnyRule, Level
from paidsw.rules.settings import LEVEL_KEY, SettingsError, parse, schema

ALL = "all"
_LONGEST = 60
_LEVELS = ", ".join(Level)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')
# The names on the way to a key, and the key itself: the rule, and within it the setting.
KeyPath = tuple[str, ...]


class ConfigProblem(NamedTuple):
    """What is wrong in a policy configuration: the line (from 1), and the sentence."""

    line: int
    message: Message


class PolicyConfigError(ValueError):
    """A policy configuration that can't be used, with everything that is wrong in it."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        super().__init__("; ".join(str(problem.message) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule's part of the configuration: its level (None: its own) and its settings as written."""

    level: Level | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """Levels and settings of all rules. `all` sets the level of every rule, an entry of its own overrides it."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, object], known: Mapping[str, AnyRule]) -> PolicyConfig:
        """The configuration of a parsed file, checked against the rules in `known`; raises PolicyConfigError."""
        return cls._checked(raw, known, [])

    @classmethod
    def read(cls, file: Path, known: Mapping[str, AnyRule]) -> PolicyConfig:
        """The configuration in a JSON file; raises PolicyConfigError."""
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise _single(1, Text.NOT_READABLE(file=file, reason=error.strerror)) from None
        except UnicodeDecodeError:
            raise _single(1, Text.NOT_UTF8(file=file)) from None
        # As the engine reads it: a file without anything configures nothing.
        raw = _json(text, file) if text.strip() else {}
        if not isinstance(raw, dict):
            raise _single(1, Text.NOT_A_MAP(file=file))
        return cls._checked(raw, known, list(_keys(text)))

    @classmethod
    def _checked(
        cls, raw: Mapping[str, object], known: Mapping[str, AnyRule], keys: list[tuple[KeyPath, int]]
    ) -> PolicyConfig:
        lines = dict(keys)
        found = [
            ConfigProblem(lines.get((rule, setting), lines.get((rule,), 1)), message)
            for rule, value in raw.items()
            for setting, message in _wrong(rule, value, known)
        ]
        found += _twice(keys)
        if found:
            raise PolicyConfigError(sorted(found, key=lambda one: one.line))
        return cls({rule: _entry(value) for rule, value in raw.items()})

    def level(self, rule: AnyRule) -> Level:
        """The level at which `rule` is in force."""
        own, general = (self.entries.get(key, Entry()).level for key in (rule.id, ALL))
        return own or general or rule.level

    def settings(self, rule: AnyRule) -> object:
        """The settings with which `rule` is in force."""
        return parse(rule.id, rule.settings, self.entries.get(rule.id, Entry()).settings)


def _wrong(rule: str, value: object, known: Mapping[str, AnyRule]) -> Iterator[tuple[str, Message]]:
    """What is wrong with one entry: the setting within it (empty: the entry itself), and the sentence."""
    if rule != ALL and rule not in known:
        yield "", _no_rule(rule, known)
    elif isinstance(value, str):
        if value not in list(Level):
            yield "", _no_level(rule, value)
    elif not isinstance(value, Mapping):
        yield "", Text.NEITHER(rule=rule, levels=_LEVELS)
    else:
        level = value.get(LEVEL_KEY)
        if LEVEL_KEY in value and level not in list(Level):
            yield LEVEL_KEY, _no_level(f"{rule}.{LEVEL_KEY}", level)
        settings = _settings(value)
        if rule == ALL:
            yield from ((name, Text.ALL_HAS_A_LEVEL(name=printable(name, _LONGEST))) for name in settings)
            return
        try:
            parse(rule, known[rule].settings, settings)
        except SettingsError as error:
            yield from error.problems


def refuse_unknown(given: Mapping[str, Mapping[str, object]], known: Mapping[str, AnyRule]) -> None:
    """Refuse names and settings that the engine hands on to the policy pack as they are; raises PolicyConfigError.

    It has filled in the defaults of every rule, so only what differs from them was set by somebody.
    """
    found = [
        ConfigProblem(1, message)
        for rule, settings in given.items()
        if rule not in known or settings != _defaults(known[rule])
        for _, message in _wrong(rule, settings, known)
    ]
    if found:
        raise PolicyConfigError(found)


def _defaults(rule: AnyRule) -> dict[str, object]:
    return {name: declared["default"] for name, declared in schema(rule.settings).items()}


def _no_rule(name: str, known: Mapping[str, AnyRule]) -> Message:
    names = [ALL, *known]
    shown, meant = printable(name, _LONGEST), nearest(name, names)
    if meant is None:
        return Text.NOT_A_RULE(name=repr(shown))
    return Text.MISSPELT_RULE(name=repr(shown), meant=meant)


def _no_level(place: str, value: object) -> Message:
    if not isinstance(value, str):
        return Text.LEVEL_NO_TEXT(place=place, levels=_LEVELS)
    shown, meant = printable(value, _LONGEST), nearest(value, Level)
    if meant is None:
        return Text.NOT_A_LEVEL(place=place, value=repr(shown), levels=_LEVELS)
    return Text.MISSPELT_LEVEL(place=place, value=repr(shown), meant=meant)


def _entry(value: object) -> Entry:
    if not isinstance(value, Mapping):
        return Entry(Level(str(value)))
    level = value.get(LEVEL_KEY)
    return Entry(None if level is None else Level(level), _settings(value))


def _settings(value: Mapping[str, object]) -> dict[str, object]:
    return {name: setting for name, setting in value.items() if name != LEVEL_KEY}


def _json(text: str, file: Path) -> object:
    def refuse(_constant: str) -> object:
        raise ValueError

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise _single(
            error.lineno, Text.NOT_JSON(file=file, reason=error.msg[:1].lower() + error.msg[1:])
        ) from None
    except (ValueError, RecursionError):
        raise _single(1, Text.NO_JSON_AT_ALL(file=file)) from None


def _single(line: int, message: Message) -> PolicyConfigError:
    return PolicyConfigError([ConfigProblem(line, message)])


def _keys(text: str) -> Iterator[tuple[KeyPath, int]]:
    """The path and the line of every key in a JSON text that is known to be one, duplicates too; of none in a list."""
    path: list[str] = []
    key, key_line, line, end, lists = "", 1, 1, 0, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", end, token.start())
        end = token.start()
        kind = token[0]
        lists += (kind == "[") - (kind == "]")
        if kind == "{":
            path.append("")
        elif kind == "}":
            path.pop()
        elif kind == ":":
            path[-1] = key
            if not lists:
                yield tuple(path), key_line
        elif kind[0] == '"':
            key, key_line = json.loads(kind), line


def _twice(keys: list[tuple[KeyPath, int]]) -> Iterator[ConfigProblem]:
    first: dict[KeyPath, int] = {}
    for path, line in keys:
        if path in first:
            yield ConfigProblem(line, Text.TWICE(name=printable(".".join(path), _LONGEST), first=first[path]))
        first.setdefault(path, line)
