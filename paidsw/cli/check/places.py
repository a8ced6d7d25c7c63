"""Where in the project something is: the line of a setting, of a resource's declaration, of a failure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
_OTHERS = frozenset({".venv", ".tools", ".rehearsal", "paidsw"})


class MalformedError(Exception):
    """A file that can't be read as YAML, with the line (from 1) where that shows."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(text)
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file with a map in it, and the lines (from 1) of the keys below its `config`."""

    name: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    config_line: int = 1

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
        return cls(path.name, values or {}, *_config_lines(path.name, tree))

    def line(self, key: str) -> int:
        """The line of a key of the configuration, of `config:` where the key is missing."""
        return self.lines.get(key, self.config_line)


def _config_lines(name: str, tree: yaml.Node | None) -> tuple[dict[str, int], int]:
    if not isinstance(tree, yaml.MappingNode):
        return {}, 1
    for key, node in tree.value:
        if key.value == "config" and isinstance(node, yaml.MappingNode):
            return {one.value: one.start_mark.line + 1 for one, _ in node.value}, key.start_mark.line + 1
        if key.value == "config" and node.value:
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
