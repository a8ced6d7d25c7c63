"""The files of a Pulumi project, Pulumi.yaml and Pulumi.STACK.yaml, with their settings as Pulumi reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from paidsw.core.messages import Text
from paidsw.core.misread import Misread
from paidsw.core.problems import Location, path_of
from paidsw.core.project_config import declared
from paidsw.core.pulumi_yaml import Fields, Items, MalformedError, Scalar, Value, in_quotes, read
from paidsw.core.text import printable
from paidsw.core.wanted_texts import wants_text
from paidsw.core.yaml_scalars import Time

PROJECT_FILE = "Pulumi.yaml"
CONFIG = "config"
_STACK_CONFIG_DIR = "stackConfigDir"
_ENCRYPTED = "secure"
_DAY = len("2024-05-01")
# Keys of a stack's file that keep its secrets.
_TEXTS = frozenset({"secretsprovider", "encryptedkey", "encryptionsalt"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its full key, `namespace:name`, the file and the line of its key, and its value as written."""

    key: str
    file: str
    line: int
    value: Value

    @property
    def encrypted(self) -> bool:
        """Whether the value, or a part of it, is encrypted for the stack."""
        return bool(self.encrypted_parts)

    @property
    def encrypted_parts(self) -> tuple[str, ...]:
        """The path of each value in it that is encrypted, as `pulumi config set --path` takes it."""
        return tuple(path_of((self.key, *place)) for place, one in _parts(self.value) if is_encrypted(one))

    def misread(self, kind: object = None) -> Iterator[Misread]:
        """Every single value in it that isn't what was written once Pulumi has read it.

        `kind` is the type of the setting; by default all values in it are texts.
        """
        for location, scalar in _leaves(self.value):
            if kind is not None and not wants_text(kind, location):
                kept = not scalar.octal and scalar.value is not None
            elif location:
                kept = scalar.keeps_as_text
            else:
                kept = not scalar.changed
            if not kept:
                yield Misread(path_of((self.key, *location)), scalar)

    def matches(self, arrived: object) -> bool:
        """Whether a program's value is what Pulumi makes of this one; what is encrypted may be anything."""
        if isinstance(self.value, Scalar):
            return _matches(self.value, arrived) or arrived == self.arrives()
        return _matches(self.value, arrived)

    def arrives(self) -> object:
        """What Pulumi hands to the program: a text of a single value, else a map or list."""
        value = self.value
        if not isinstance(value, Scalar):
            return value.arrives()
        # Nothing arrives as an empty text.
        return "" if value.value is None else value.arrives_as_text()


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A stack's or a project's file: its keys at the top, and its settings by their full keys."""

    name: str
    fields: Fields = field(default_factory=lambda: Fields((), 1))
    settings: Mapping[str, Setting] = field(default_factory=dict)
    # Those that a project's file declares without a value, each with its line.
    required: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def stack(cls, path: Path, project: str) -> Self:
        """A stack's file; `project` is the namespace of a key without one.

        Raises MalformedError where Pulumi doesn't read it as it looks, OSError where it can't be read.
        """
        fields = read(path)
        _check_texts(path.name, fields)
        for key, value in fields.pairs:
            if key.text in _TEXTS and not isinstance(value, Scalar):
                cause = Text.NOT_A_TEXT(file=path.name, line=key.line, key=key.text)
                raise MalformedError(path.name, key.line, cause, Text.CORRECT_IT())
        return cls(path.name, fields, _settings(path.name, fields, project))

    @classmethod
    def project(cls, path: Path) -> Self:
        """A project's file, with the defaults that it gives to settings. Raises as `stack` does."""
        fields = read(path)
        _check_texts(path.name, fields)
        if _text(fields.get(CONFIG)):
            return cls(path.name, fields)
        name = _text(fields.get("name"))
        found = _settings(path.name, fields, name)
        given = {key: declared(path.name, key, one.value, name, one.line) for key, one in found.items()}
        defaults = {key: replace(found[key], value=one) for key, one in given.items() if one is not None}
        required = {key: one.line for key, one in found.items() if key not in defaults}
        return cls(path.name, fields, defaults, required)

    def require(self, stack: Self) -> None:
        """Raise MalformedError where a stack's file lacks what this project's file wants every stack to have."""
        for key, line in self.required.items():
            if key not in stack.settings:
                cause = Text.NOT_GIVEN(key=key, file=stack.name)
                cause = Text.IN_LINE(file=self.name, line=line, cause=cause)
                raise MalformedError(self.name, line, cause, Text.GIVE_DEFAULT(key=key))

    @property
    def project_name(self) -> str:
        """The name in a project's file; empty where it has none."""
        return _text(self.fields.get("name"))

    @property
    def values(self) -> dict[str, object]:
        """Everything in the file as plain values."""
        return self.fields.arrives()

    def line(self, key: str) -> int:
        """The line of a setting or of a part of one, else of a key at the top, else of `config:`, else the first."""
        name, *parts = re.split(r"(?=[.\[])", key)
        # Names of settings and namespaces may have dots themselves.
        for end in range(len(parts), -1, -1):
            setting = self.settings.get("".join((name, *parts[:end])))
            if setting is not None:
                return _line_within(setting.value, parts[end:], setting.line)
        lines = self.key_lines
        return lines.get(key) or lines.get(CONFIG, 1)

    @property
    def key_lines(self) -> dict[str, int]:
        """The lines of the keys at the top."""
        return {key.text: key.line for key, _ in self.fields.pairs}


def stack_path(root: Path, project: ConfigFile, stack: str) -> Path:
    """Where the file of a stack is, by the project's file, which is in `root`."""
    return root / config_dir(project) / f"Pulumi.{stack}.yaml"


def config_dir(project: ConfigFile) -> str:
    """The folder of the stacks' files, relative to that of the project's file."""
    # Pulumi once had it below `config`.
    named = _text(project.fields.get(_STACK_CONFIG_DIR)) or _text(project.fields.get(CONFIG))
    return named or "."


def is_encrypted(value: Value) -> bool:
    """Whether a value is one that is encrypted for its stack. To Pulumi only a text can be."""
    if not isinstance(value, Fields) or [key.text for key, _ in value.pairs] != [_ENCRYPTED]:
        return False
    inner = value[_ENCRYPTED]
    return isinstance(inner, Scalar) and inner.quoted


def _settings(name: str, fields: Fields, project: str) -> dict[str, Setting]:
    config = fields.get(CONFIG)
    if config is None or (isinstance(config, Scalar) and config.value is None):
        return {}
    if not isinstance(config, Fields):
        raise MalformedError(name, config.line, Text.NO_SETTINGS(file=name), Text.CORRECT_IT())
    _check_texts(name, config)
    found: dict[str, Setting] = {}
    for key, value in config.pairs:
        full, shown = full_key(key.text, project), printable(key.text, 60)
        if not full:
            raise MalformedError(
                name, key.line, Text.NO_KEY(file=name, line=key.line, key=shown), Text.NAMESPACE()
            )
        if full in found:
            cause = Text.SAME_SETTING(file=name, line=key.line, key=shown, first=found[full].line)
            raise MalformedError(name, key.line, cause, Text.REMOVE_ONE())
        found[full] = Setting(full, name, key.line, value)
    return found


def _check_texts(name: str, fields: Fields) -> None:
    """Of these keys Pulumi takes only texts."""
    for key, _ in fields.pairs:
        if not key.quoted:
            cause = Text.NO_KEY(file=name, line=key.line, key=printable(key.text, 60))
            raise MalformedError(name, key.line, cause, Text.QUOTE(quoted=in_quotes(key.text)))


def full_key(key: str, project: str) -> str:
    """A key with its namespace; empty where it is none. `project:config:name` is an old form of `project:name`."""
    match key.split(":"):
        case [name]:
            return f"{project}:{name}"
        case [namespace, name] | [namespace, "config", name]:
            return f"{namespace}:{name}"
    return ""


def _leaves(value: Value, location: Location = ()) -> Iterator[tuple[Location, Scalar]]:
    """Every single value with its place, but what is encrypted."""
    if isinstance(value, Scalar):
        yield location, value
    elif isinstance(value, Items):
        for index, one in enumerate(value.values):
            yield from _leaves(one, (*location, index))
    elif not is_encrypted(value):
        for key, one in value.pairs:
            yield from _leaves(one, (*location, key.text))


def _line_within(value: Value, parts: Sequence[str], line: int) -> int:
    """The line of a part, given as `.name` or `[number]`; that of the innermost part that there is."""
    for part in parts:
        inner: Value | None = None
        if isinstance(value, Fields) and part.startswith("."):
            found = next(((key, one) for key, one in value.pairs if key.text == part[1:]), None)
            if found is not None:
                line, inner = found[0].line, found[1]
        elif isinstance(value, Items) and part[1:-1].isdecimal() and int(part[1:-1]) < len(value.values):
            inner = value.values[int(part[1:-1])]
            line = inner.line
        if inner is None:
            return line
        value = inner
    return line


def _matches(value: Value, arrived: object) -> bool:
    if is_encrypted(value):
        return True
    if isinstance(value, Fields):
        return (
            isinstance(arrived, dict)
            and arrived.keys() == {key.arrives_as_text() for key, _ in value.pairs}
            and all(_matches(one, arrived[key.arrives_as_text()]) for key, one in value.pairs)
        )
    if isinstance(value, Items):
        return (
            isinstance(arrived, list)
            and len(arrived) == len(value.values)
            and all(map(_matches, value.values, arrived))
        )
    if isinstance(value.value, Time) and isinstance(arrived, str):
        # The rest is in the zone of the machine.
        return arrived[:_DAY] == value.value.text[:_DAY]
    return arrived == value.arrives() and isinstance(arrived, bool) == isinstance(value.value, bool)


def _parts(value: Value, location: Location = ()) -> Iterator[tuple[Location, Value]]:
    """A value and everything in it, each with its place."""
    yield location, value
    for index, one in enumerate(value.values if isinstance(value, Items) else ()):
        yield from _parts(one, (*location, index))
    for key, one in value.pairs if isinstance(value, Fields) else ():
        yield from _parts(one, (*location, key.text))


def _text(value: Value | None) -> str:
    return value.text if isinstance(value, Scalar) and value.quoted else ""
