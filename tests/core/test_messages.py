from __future__ import annotations

import pytest

from paidsw.core.messages import UserError, listed, message

GERMAN = {
    "{what} is not free; {fix}": "{what} kostet Geld; {fix}",
    "a disk of {size} GiB": "eine Platte mit {size} GiB",
    "remove it": "entfernen",
}


def test_a_message_is_its_text_with_its_values() -> None:
    assert str(message("a disk of {size} GiB", size=100)) == "a disk of 100 GiB"
    assert f"{message('remove it')}" == "remove it"


def test_a_value_is_never_read_as_a_text() -> None:
    assert str(message("{name} is taken", name="{size}")) == "{size} is taken"


def test_a_translation_reaches_the_messages_within() -> None:
    found = message(
        "{what} is not free; {fix}", what=message("a disk of {size} GiB", size=200), fix=message("remove it")
    )
    assert found.render(GERMAN.__getitem__) == "eine Platte mit 200 GiB kostet Geld; entfernen"
    assert str(found) == "a disk of 200 GiB is not free; remove it"


def test_a_list_of_messages_is_translated_part_by_part() -> None:
    found = listed([message("remove it"), message("a disk of {size} GiB", size=5)], " | ")
    assert str(found) == "remove it | a disk of 5 GiB"
    assert found.render(lambda text: GERMAN.get(text, text)) == "entfernen | eine Platte mit 5 GiB"


def test_messages_of_the_same_text_and_values_are_equal() -> None:
    assert message("{a}", a=1) == message("{a}", a=1) != message("{a}", a=2)


@pytest.mark.parametrize(
    ("advice", "text"), [("run it again", "the disk is full; run it again"), ("", "the disk is full")]
)
def test_an_error_reads_as_cause_and_advice(advice: str, text: str) -> None:
    error = UserError("the disk is full", advice)
    assert str(error) == text
    assert (str(error.cause), str(error.advice)) == ("the disk is full", advice)
