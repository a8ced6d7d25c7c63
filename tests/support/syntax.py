"""Python files as syntax trees."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path


@cache
def tree(file: Path) -> ast.Module:
    """A file's tree.

    Python 3.11 raises a SystemError where another parse, of a module that a finalizer imports, gets between: so the
    garbage collector waits.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    finally:
        if collecting:
            gc.enable()
