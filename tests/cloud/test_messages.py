"""The client's sentences: each is said, and an error's cause and advice can be translated apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paidsw.cloud import CredentialsMissing, Refused, messages
from paidsw.cloud.messages import Text
from paidsw.core.messages import Message

ROOM = Path(messages.__file__).parent


def test_every_sentence_is_reported() -> None:
    said = set()
    for path in ROOM.glob("*.py"):
        said |= set(re.findall(r"\bText\.([A-Z_]+)\b", path.read_text(encoding="utf-8")))
    assert {text.name for text in Text} == said


@pytest.mark.parametrize("text", Text, ids=lambda text: text.name)
def test_sentences_are_in_the_style_of_errors(text: Text) -> None:
    assert not text.endswith(".")
    assert text == text.strip()


def test_an_error_is_translated_part_by_part() -> None:
    chinese = {
        Text.NO_INSTANCE_ID: "云端没有返回实例 ID",
        Text.CALL_DETAILED: "{operation} 失败, {what} ({details})",
        Text.SET_BOTH: "两个都要设置",
    }

    def translate(text: str) -> str:
        return {str(key): value for key, value in chinese.items()}.get(text, text)

    error = Refused("CreateInstance", Text.NO_INSTANCE_ID(), status=400)
    assert isinstance(error.cause, Message)
    assert error.cause.render(translate) == "CreateInstance 失败, 云端没有返回实例 ID (HTTP 400)"
    assert str(error) == "CreateInstance: the cloud answered without an instance id (HTTP 400)"
    missing = CredentialsMissing(Text.NO_CREDENTIALS(places="x"), Text.SET_BOTH())
    assert isinstance(missing.advice, Message)
    assert missing.advice.render(translate) == "两个都要设置"
