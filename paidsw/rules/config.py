"""Which rules are in force, at what level, with what settings: Pulumi's policy configuration file, typed.

    {"all": "mandatory", "trial-region": {"only": ["cn-beijing"]}, "official-image": "disabled"}

`all` sets the level of every rule, an entry of its own overrides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from paidsw.rules.rule import AnyRule, Level
from paidsw.rules.settings import SettingsError, parse

_LEVEL_KEY = "enforcementLevel"
_LEVELS = ", ".join(Level)


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule's part of the configuration: its level (None: its own) and its settings as written."""

    level: Level | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """Levels and settings of all rules. `Config()` is every rule at its own level with its own settings."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, object], known: Mapping[str, AnyRule]) -> Config:
        """The configuration of a parsed file, checked against the rules in `known`; raises SettingsError."""
        config = cls({key: _entry(key, value) for key, value in raw.items()})
        for key, entry in config.entries.items():
            if key == "all" and not entry.settings:
                continue
            if key not in known:
                raise SettingsError(
                    f"no such rule, at {key!r}; allowed: all, {', '.join(known)}; correct the name"
                )
            parse(key, known[key].settings, entry.settings)
        return config

    def level(self, rule: AnyRule) -> Level:
        """The level at which `rule` is in force."""
        own, general = (self.entries.get(key, Entry()).level for key in (rule.id, "all"))
        return own or general or rule.level

    def settings(self, rule: AnyRule) -> object:
        """The settings with which `rule` is in force."""
        return parse(rule.id, rule.settings, self.entries.get(rule.id, Entry()).settings)


def _entry(key: str, value: object) -> Entry:
    if isinstance(value, str):
        return Entry(_level(key, value))
    if not isinstance(value, Mapping):
        raise SettingsError(
            f"neither a level nor settings, at {key!r}; allowed: {_LEVELS}, or a mapping; correct it"
        )
    level = value.get(_LEVEL_KEY)
    settings = {name: setting for name, setting in value.items() if name != _LEVEL_KEY}
    return Entry(None if level is None else _level(key, level), settings)


def _level(key: str, value: object) -> Level:
    try:
        return Level(str(value))
    except ValueError:
        raise SettingsError(f"no such level, at {key!r}; allowed: {_LEVELS}; correct it") from None
