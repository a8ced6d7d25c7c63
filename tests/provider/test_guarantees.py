"""Every test that docs/guarantees.md names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.syntax import tree

TESTS = Path(__file__).parent.parent
TEXT = (TESTS.parent / "docs" / "guarantees.md").read_text("utf-8")
ROWS = [row for row in TEXT.splitlines() if row.startswith("| ") and not row.startswith("| What goes wrong")]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_exists(file: str, name: str) -> None:
    module = tree(TESTS / file)
    defined = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in defined | assigned
    assert name.startswith(("test_", "Test"))


def test_every_line_names_one() -> None:
    assert len(ROWS) > 40
    assert not [row for row in ROWS if not re.search(r"`[\w/]+\.py::\w+`", row)]
