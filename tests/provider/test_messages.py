"""What the provider says: each sentence stands once, is said somewhere, and is written in one style."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from paidsw.core.messages import message
from paidsw.provider import messages
from paidsw.provider.messages import Text

FOLDER = Path(messages.__file__).parent
SOURCES = [path for path in FOLDER.rglob("*.py") if path.name != "messages.py"]
SAID = frozenset(re.findall(r"\bText\.([A-Z_]+)\b", "\n".join(path.read_text("utf-8") for path in SOURCES)))
EMPHASIS = {"NOT_ENDED"}


def test_every_sentence_is_said_and_none_is_missing() -> None:
    assert {text.name for text in Text} == SAID


def test_no_sentence_stands_twice() -> None:
    # Two names of one text would be one member.
    assert len(Text) == len(Text.__members__)


@pytest.mark.parametrize("text", list(Text), ids=lambda text: text.name)
def test_a_sentence_is_one_line_of_named_values_in_the_style_of_errors(text: Text) -> None:
    fields = [name for _, name, _, _ in Formatter().parse(text.value) if name is not None]
    assert all(name.isidentifier() for name in fields)
    assert "\n" not in text.value
    assert not text.value.endswith((".", "!", " "))
    first = text.value.lstrip(": ")[0]
    words = text.value.split()[0]
    assert first in "{" or first.islower() or words.isupper() or text.name in EMPHASIS


def test_a_sentence_with_its_values_is_data() -> None:
    gone = Text.GONE(instance="dsw-1")
    assert gone == message("instance {instance} is gone", instance="dsw-1")
    assert str(gone) == "instance dsw-1 is gone"
    nested = Text.OF_INSTANCE(instance="dsw-2", error=gone)
    german = {"instance {instance}: {error}": "Instanz {instance}: {error}", gone.text: "{instance} ist weg"}
    assert nested.render(german.__getitem__) == "Instanz dsw-2: dsw-1 ist weg"


def test_no_other_module_of_the_instance_writes_sentences() -> None:
    """An error or a line is made of a message; a string literal with blanks in it would be one in disguise."""
    found = [
        f"{path.name}: {line.strip()}"
        for path in FOLDER.joinpath("instance").glob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"""(?:raise \w+|op\.(?:warn|tell|report))\(f?["']""", line)
    ]
    assert found == []
