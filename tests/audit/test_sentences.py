"""The audit's sentences: each is said somewhere, and each has the values that it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from paidsw.audit import sentences

ROOM = Path(sentences.__file__).parent
TEXTS = {name: text for name, text in vars(sentences).items() if name.isupper() and isinstance(text, str)}


def calls() -> list[tuple[str, set[str]]]:
    """Each `message(sentences.NAME, value=…)` and `say(sentences.NAME, value=…)`: name and values."""
    found = []
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Attribute):
                owner, name = node.args[0].value, node.args[0].attr
                if isinstance(owner, ast.Name) and owner.id == "sentences":
                    values = {word.arg for word in node.keywords if word.arg}
                    starred = any(word.arg is None for word in node.keywords)
                    found.append((name, {"*"} if starred else values))
    return found


def test_every_sentence_is_said() -> None:
    said = set()
    for path in ROOM.rglob("*.py"):
        said |= set(re.findall(r"\bsentences\.([A-Z_]+)\b", path.read_text(encoding="utf-8")))
    assert set(TEXTS) - said == set()


@pytest.mark.parametrize(("name", "values"), [pytest.param(*call, id=call[0]) for call in calls()])
def test_every_sentence_has_its_values(name: str, values: set[str]) -> None:
    named = {field for _, field, _, _ in Formatter().parse(TEXTS[name]) if field}
    assert values in ({"*"}, named)


def test_every_owner_has_words() -> None:
    assert len(calls()) > 40
    assert all(isinstance(text, str) for text in sentences.OWNERS.values())


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_sentences_are_in_the_style_of_errors(name: str) -> None:
    assert not TEXTS[name].endswith(".")
    assert TEXTS[name] == TEXTS[name].strip()
