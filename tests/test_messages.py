"""The sentences of every package: in one place, in one style, each with its values."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

from paidsw.core.messages import Message, Texts
from paidsw.rules.registry import rules
from paidsw.rules.rule import Wording
from tests.support.syntax import tree

ROOT = Path(__file__).resolve().parents[1]
PLACES = sorted(
    path.relative_to(ROOT)
    for folder in ("paidsw", "components")
    for path in (ROOT / folder).rglob("messages.py")
)
NAMES = {place.parent.as_posix(): ".".join(place.with_suffix("").parts) for place in PLACES}
# What a sentence may begin with instead of a small letter: a value, a word in capitals, or a name that is written so.
BEGINNINGS = re.compile(r"[a-z0-9{\"'`#:(]|--|[A-Z]{2,}(\b|_)|Alibaba|Python|Pulumi|Windows|Ctrl-C")

# A report's title and lines, which begin with a capital where they stand alone.
OF_REPORTS = re.compile(r"(What|Audit|Nothing) |[A-Z][a-z]+( this month \(hours late\))?: ")


def texts(module: str) -> dict[str, str]:
    """The texts of a package by name."""
    found = vars(importlib.import_module(module)).values()
    kinds = [one for one in found if isinstance(one, type) and issubclass(one, StrEnum) and one is not Texts]
    return {text.name: text.value for kind in kinds for text in kind}


def wordings(rule: str) -> list[str]:
    """The texts of a rule."""
    module = vars(importlib.import_module(f"paidsw.rules.{rule.replace('-', '_')}")).values()
    found = [part for one in module if isinstance(one, Wording) for part in (one.what, one.allowed, one.fix)]
    return found + [one.text for one in module if isinstance(one, Message)]


def is_in_style(text: str) -> bool:
    """Lower case, no full stop, one line, and braces around names only."""
    named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    plain = all(re.fullmatch(r"[a-z_]+", name) for name in named)
    return plain and bool(BEGINNINGS.match(text)) and not text.endswith((".", "!", " ")) and "\n" not in text


@pytest.mark.parametrize("package", list(NAMES))
def test_a_package_has_its_sentences_in_one_style(package: str) -> None:
    found = texts(NAMES[package])
    assert found
    wrong = [name for name, text in found.items() if not is_in_style(text)]
    assert [name for name in wrong if not OF_REPORTS.match(found[name])] == []


@pytest.mark.parametrize("package", list(NAMES))
def test_no_sentence_is_left_over(package: str) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / package).rglob("*.py"))
    assert [name for name in texts(NAMES[package]) if not re.search(rf"Text\.{name}\b", code)] == []


@pytest.mark.parametrize("rule", list(rules()))
def test_a_rule_has_its_sentences_in_the_same_style(rule: str) -> None:
    found = wordings(rule)
    assert found or rule == "shutdown-timer"  # its sentences are those of all limits
    assert [text for text in found if not is_in_style(text)] == []


# What set-up and commands raise with its sentence: the first argument is the cause, the second the advice.
RAISED = frozenset({"SetupError", "OptionError", "CliError", "UsageError", "Gone"})


def inline(node: ast.expr) -> str | None:
    """A sentence that stands in the code, with {value} in the place of a value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{value}" for part in node.values
        )
    return None


def raised(file: Path) -> Iterator[str]:
    """The sentences that stand in a file where it makes an error."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
            yield from (text for argument in node.args if (text := inline(argument)) is not None)


@pytest.mark.parametrize("package", ["setup", "cli"])
def test_no_error_is_raised_with_a_sentence_that_stands_elsewhere(package: str) -> None:
    files = sorted((ROOT / "paidsw" / package).rglob("*.py"))
    assert [text for file in files for text in raised(file)] == []


SETUP = sorted((ROOT / "paidsw" / "setup").rglob("*.py"))
# uv's own words, put into a sentence by the place that reads them.
ELSEWHERE = frozenset({"explain(lines, 'uv')"})


def named_text(node: ast.expr) -> ast.Call | None:
    """The call if the expression is Text.NAME(...)."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        holder = node.func.value
        return node if isinstance(holder, ast.Name) and holder.id == "Text" else None
    return None


def test_what_the_set_up_raises_is_among_its_sentences() -> None:
    errors = [
        node.exc
        for file in SETUP
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        # An OSError is the server's own, which no user reads.
        if ast.unparse(node.exc.func) != "OSError"
    ]
    assert len(errors) > 40
    others = [one for error in errors for one in error.args if named_text(one) is None]
    assert {ast.unparse(one) for one in others} == ELSEWHERE


def test_every_sentence_of_the_set_up_is_given_its_values() -> None:
    known = texts("paidsw.setup.messages")
    calls = [
        call
        for file in SETUP
        for node in ast.walk(tree(file))
        if isinstance(node, ast.expr) and (call := named_text(node))
    ]
    assert len(calls) >= len(known)
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        wanted = {name for _, name, _, _ in Formatter().parse(known[call.func.attr]) if name is not None}
        assert {keyword.arg for keyword in call.keywords} == wanted, ast.unparse(call)
        assert not call.args, ast.unparse(call)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("a disk of {size} GiB is not free", True),
        ("{type} is not offered", True),
        ("A disk is not free", False),
        ("a disk is not free.", False),
        ("a disk of {0} GiB", False),
        ("a disk\nof {size} GiB", False),
    ],
)
def test_the_style(text: str, good: bool) -> None:
    assert is_in_style(text) is good
