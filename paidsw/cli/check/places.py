"""Where in the project something is: the line of a setting, of a resource's declaration, of a failure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from paidsw.cli.check.messages import Text

_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
_OTHERS = frozenset({".venv", ".tools", ".rehearsal", "paidsw"})


class MalformedError(Exception):
    """A file that can't be read as YAML, with the line (from 1) where that shows."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(text)
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its full key, `namespace:name`, the line of its key, and its value."""

    key: str
    line: int
    value: Any

    @property
    def encrypted(self) -> bool:
        """Whether the value, or a part of it, is encrypted for the stack."""
        return _encrypted(self.value)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file with a map in it, the lines (from 1) of the keys below its `config`, and of those at its top."""

    name: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    config_line: int = 1
    top: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read a file; MalformedError where it isn't YAML or no map, OSError where it can't be read."""
        try:
            text = path.read_text(encoding="utf-8")
            tree, values = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "it holds what YAML doesn't allow"
            line = mark.line + 1 if mark else 1
            raise MalformedError(path.name, line, f"{path.name} is not YAML: {problem}; correct it") from None
        except UnicodeDecodeError:
            raise MalformedError(path.name, 1, f"{path.name} is not UTF-8 text; save it as such") from None
        if tree is not None and not isinstance(values, dict):
            raise MalformedError(path.name, 1, f"{path.name} is not a map of keys and values; correct it")
        top = {key.value: key.start_mark.line + 1 for key, _ in tree.value} if tree else {}
        return cls(path.name, values or {}, *_config_lines(path.name, tree), top)

    def line(self, key: str) -> int:
        """The line of a setting, of a key at the top, of `config:` where there is no such key."""
        return self.lines.get(key) or self.top.get(key) or self.config_line

    def settings(self, project: str) -> dict[str, Setting]:
        """The settings by their full keys; a key without a namespace is the project's. Raises MalformedError."""
        config = self.values.get("config")
        found: dict[str, Setting] = {}
        for key, value in config.items() if isinstance(config, Mapping) else ():
            full, line = _full(str(key), project), self.line(str(key))
            if not full:
                raise MalformedError(self.name, line, str(Text.NOT_A_SETTING(key=key)))
            if full in found:
                raise MalformedError(self.name, line, str(Text.SET_TWICE(key=key, line=found[full].line)))
            found[full] = Setting(full, line, value)
        return found


def _full(key: str, project: str) -> str:
    """A key with its namespace; empty where it is none. `project:config:name` is an old form of `project:name`."""
    match key.split(":"):
        case [name]:
            return f"{project}:{name}"
        case [namespace, name] | [namespace, "config", name]:
            return f"{namespace}:{name}"
    return ""


def _encrypted(value: object) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(map(_encrypted, value.values()))
    return isinstance(value, list) and any(map(_encrypted, value))


def _config_lines(name: str, tree: yaml.Node | None) -> tuple[dict[str, int], int]:
    if not isinstance(tree, yaml.MappingNode):
        return {}, 1
    for key, node in tree.value:
        if key.value == "config" and isinstance(node, yaml.MappingNode):
            return {one.value: one.start_mark.line + 1 for one, _ in node.value}, key.start_mark.line + 1
        # Of a project file it may be the folder of the stacks' files.
        if key.value == "config" and node.value and name != "Pulumi.yaml":
            line = node.start_mark.line + 1
            raise MalformedError(name, line, f"{name} has no map of settings below config:; correct it")
    return {}, 1


def declaration(program: Path, resource: str) -> int:
    """The line where a program declares the resource of this name; 1 where that isn't clear."""
    try:
        tree = ast.parse(program.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return 1
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _names(node, resource)]
    return min(lines, default=1)


def _names(call: ast.Call, resource: str) -> bool:
    named = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("resource_name", "name"))]
    return any(isinstance(one, ast.Constant) and one.value == resource for one in named)


def last_frame(traceback: str, root: Path) -> tuple[str, int] | None:
    """The innermost place of a traceback that lies in the project, as file relative to it and line."""
    for found in reversed(list(_FRAME.finditer(traceback))):
        path = Path(found["file"])
        if path.is_relative_to(root) and path.relative_to(root).parts[0] not in _OTHERS:
            return path.relative_to(root).as_posix(), int(found["line"])
    return None
