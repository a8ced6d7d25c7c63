"""The audit's sentences: each is said somewhere, and each has the values that it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from paidsw.audit import messages
from paidsw.audit.messages import Text
from tests.support.syntax import tree

PACKAGE = Path(messages.__file__).parent


def calls() -> list[tuple[str, set[str]]]:
    """Each `Text.NAME(value=…)` and `say(Text.NAME, value=…)`: name and values."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            first = node.args[0] if node.args else node.func
            if (
                isinstance(first, ast.Attribute)
                and isinstance(first.value, ast.Name)
                and first.value.id == "Text"
            ):
                values = {word.arg for word in node.keywords if word.arg}
                starred = any(word.arg is None for word in node.keywords)
                found.append((first.attr, {"*"} if starred else values))
    return found


def test_every_sentence_is_reported() -> None:
    said = set()
    for path in PACKAGE.rglob("*.py"):
        said |= set(re.findall(r"\bText\.([A-Z_]+)\b", path.read_text(encoding="utf-8")))
    assert {text.name for text in Text} == said


@pytest.mark.parametrize(("name", "values"), [pytest.param(*call, id=call[0]) for call in calls()])
def test_every_sentence_has_its_values(name: str, values: set[str]) -> None:
    named = {field for _, field, _, _ in Formatter().parse(Text[name]) if field}
    # Two headlines and two counts are chosen first and get their values from one call.
    assert values in ({"*"}, named, set())


def test_most_sentences_are_called_where_they_are_named() -> None:
    assert len(calls()) > 60


@pytest.mark.parametrize("text", Text, ids=lambda text: text.name)
def test_sentences_are_in_the_style_of_errors(text: Text) -> None:
    assert not text.endswith(".")
    assert text == text.strip()
