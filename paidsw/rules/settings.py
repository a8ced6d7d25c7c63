"""Settings of the rules, typed: of one rule, and of all of them in Pulumi's policy configuration file.

    {"all": "mandatory", "trial-region": {"only": ["cn-beijing"]}, "official-image": "disabled"}

Pydantic reads a rule's settings, but is imported only once somebody sets something: every run of Pulumi waits for the
policy pack to start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from paidsw.core.messages import UserError
from paidsw.core.text import camel_case
from paidsw.rules.messages import Text
from paidsw.rules.rule import AnyRule, Level, Range

S = TypeVar("S")
_JSON_TYPES = {float: "number", str: "string", bool: "boolean"}
_LEVEL_KEY = "enforcementLevel"
_LEVELS = ", ".join(Level)


class SettingsError(UserError, ValueError):
    """The settings of a rule are not usable: what is wrong, where, what is allowed."""


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
        """The configuration of a parsed file, checked against the rules in `known`; raises SettingsError."""
        config = cls({key: _entry(key, value) for key, value in raw.items()})
        for key, entry in config.entries.items():
            if key == "all" and not entry.settings:
                continue
            if key not in known:
                names = ", ".join(["all", *known])
                cause = Text.NOT_A_RULE(key=key, names=names)
                raise SettingsError(cause, Text.CORRECT_NAME())
            parse(key, known[key].settings, entry.settings)
        return config

    @classmethod
    def read(cls, file: Path, known: Mapping[str, AnyRule]) -> PolicyConfig:
        """The configuration in a JSON file; raises SettingsError."""
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            cause = Text.NOT_READABLE(file=file, reason=error.strerror)
            raise SettingsError(cause, Text.NAME_ANOTHER()) from None
        except (ValueError, RecursionError):
            raise SettingsError(Text.NOT_JSON(file=file), Text.CORRECT()) from None
        if not isinstance(raw, dict):
            cause = Text.NOT_A_MAP(file=file)
            raise SettingsError(cause, Text.CORRECT())
        return cls.of(raw, known)

    def level(self, rule: AnyRule) -> Level:
        """The level at which `rule` is in force."""
        own, general = (self.entries.get(key, Entry()).level for key in (rule.id, "all"))
        return own or general or rule.level

    def settings(self, rule: AnyRule) -> object:
        """The settings with which `rule` is in force."""
        return parse(rule.id, rule.settings, self.entries.get(rule.id, Entry()).settings)


def parse(rule_id: str, kind: type[S], raw: Mapping[str, object]) -> S:
    """The settings of a rule from its part of a configuration file; raises SettingsError."""
    if not raw:
        return kind()
    from pydantic import ValidationError

    try:
        found = _model(kind).model_validate(dict(raw))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        cause = Text.WRONG_SETTING(
            reason=first["msg"],
            where=".".join(str(part) for part in (rule_id, *first["loc"])),
            names=", ".join(schema(kind)) or Text.NO_SETTINGS(),
        )
        raise SettingsError(cause, Text.CORRECT_OR_REMOVE(rule=rule_id)) from None
    return kind(**dict(found))


def schema(kind: type) -> dict[str, dict[str, Any]]:
    """The JSON schema of each setting, as a policy pack declares it to the engine."""
    return {camel_case(name): _schema(hint, default) for name, (hint, default) in _fields(kind).items()}


def _entry(key: str, value: object) -> Entry:
    if isinstance(value, str):
        return Entry(_level(key, value))
    if not isinstance(value, Mapping):
        raise SettingsError(Text.NEITHER(key=key, levels=_LEVELS), Text.CORRECT())
    level = value.get(_LEVEL_KEY)
    settings = {name: setting for name, setting in value.items() if name != _LEVEL_KEY}
    return Entry(None if level is None else _level(key, level), settings)


def _level(key: str, value: object) -> Level:
    try:
        return Level(str(value))
    except ValueError:
        cause = Text.NOT_A_LEVEL(key=key, levels=_LEVELS)
        raise SettingsError(cause, Text.CORRECT()) from None


def _fields(kind: type) -> dict[str, tuple[Any, Any]]:
    defaults = cast("Any", kind)._field_defaults
    if not defaults:
        return {}
    return {name: (hint, defaults[name]) for name, hint in get_type_hints(kind, include_extras=True).items()}


def _model(kind: type) -> Any:
    from pydantic import ConfigDict, Field, create_model

    declared: dict[str, Any] = {}
    for name, (hint, default) in _fields(kind).items():
        bounds = _range(hint)
        limits: dict[str, Any] = {"ge": bounds.minimum, "le": bounds.maximum} if bounds else {}
        declared[name] = (hint.__origin__ if bounds else hint, Field(default, **limits))
    config = ConfigDict(extra="forbid", alias_generator=camel_case, hide_input_in_errors=True)
    return create_model(kind.__name__, __config__=config, **declared)


def _range(hint: Any) -> Range | None:
    return next((item for item in getattr(hint, "__metadata__", ()) if isinstance(item, Range)), None)


def _schema(hint: Any, default: object) -> dict[str, Any]:
    if hint == tuple[str, ...]:
        return {
            "type": "array",
            "items": {"type": "string"},
            "default": list(cast("tuple[str, ...]", default)),
        }
    bounds = _range(hint)
    kind = getattr(hint, "__origin__", hint) if bounds else hint
    return {"type": _JSON_TYPES[kind], "default": default, **(bounds._asdict() if bounds else {})}
