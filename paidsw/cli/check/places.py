"""Where in a program something is: the line of a resource's declaration, of a failure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_FRAME = re.compile(r'^[ \t]*File "(?P<file>[^"]+)", line (?P<line>[1-9][0-9]{0,8})\b', re.MULTILINE)
_OTHERS = frozenset({".venv", ".tools", ".rehearsal", "paidsw"})


def declaration(program: Path, resource: str) -> int:
    """The line where a program declares the resource of this name; 1 where that isn't clear."""
    try:
        tree = ast.parse(program.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return 1
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _names(node, resource)]
    return min(lines, default=1)


def _names(call: ast.Call, resource: str) -> bool:
    # A type may come before the name, as in ProviderResource(package, name).
    named = [*call.args[:2], *(word.value for word in call.keywords if word.arg in ("resource_name", "name"))]
    return any(isinstance(one, ast.Constant) and one.value == resource for one in named)


def last_frame(traceback: str, root: Path) -> tuple[str, int] | None:
    """The innermost place of a traceback that lies in the project, as file relative to it and line."""
    for found in reversed(list(_FRAME.finditer(traceback))):
        path = Path(found["file"])
        if path.is_relative_to(root) and path != root and path.relative_to(root).parts[0] not in _OTHERS:
            return path.relative_to(root).as_posix(), int(found["line"])
    return None
