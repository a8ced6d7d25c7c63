from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.core.unescaped import Unescaped, merged

TEXT = 'a"b/ü字😀&c'
# Letters that mean nothing to any escape, so that what is undone is exactly what was done.
SIMPLE = st.text(st.sampled_from("abgh:=\"'<>&/ü字😀 "), min_size=1)


@pytest.mark.parametrize(
    "escaped",
    [
        json.dumps(TEXT)[1:-1],
        json.dumps(json.dumps(TEXT)[1:-1])[1:-1],
        quote(TEXT, safe=""),
        quote(quote(TEXT, safe=""), safe=""),
        html.escape(TEXT),
        quote(html.escape(TEXT)),
        "".join(f"&#x{ord(letter):x};" for letter in TEXT),
        "".join(f"&#{ord(letter)};" for letter in TEXT),
        "\n".join(TEXT),
        "\\n".join(TEXT),
        "\u200b".join(TEXT),
        TEXT.encode("latin-1", "backslashreplace").decode("latin-1"),
        repr(TEXT.encode())[2:-1],
        "".join(f"\\{byte:03o}" for byte in TEXT.encode()),
        "".join(f"\\u{{{ord(letter):x}}}" for letter in TEXT),
        "".join(f"\\U{ord(letter):08x}" for letter in TEXT),
    ],
)
def test_an_escaped_text_is_what_it_was(escaped: str) -> None:
    assert Unescaped.of(escaped).compact().text == TEXT


@given(SIMPLE)
def test_every_way_of_escaping_is_undone(text: str) -> None:
    plain = Unescaped.of(text).compact().text
    for escaped in (json.dumps(text)[1:-1], quote(text, safe=""), quote_plus(text)):
        assert Unescaped.of(escaped).compact().text == plain


@given(st.text())
def test_places_are_in_order_and_within_the_text(text: str) -> None:
    found = Unescaped.of(text).compact()
    places = [found.place(at, at + 1) for at in range(len(found.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


def test_a_place_is_that_of_the_escaped_text() -> None:
    text = "x %C3%BCb \\u5b57 y"
    found = Unescaped.of(text).compact()
    at = found.text.index("üb字")
    start, end = found.place(at, at + 3)
    assert text[start:end] == "%C3%BCb \\u5b57"


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([], []),
        ([(4, 6), (0, 2)], [(0, 2), (4, 6)]),
        ([(0, 2), (2, 3)], [(0, 3)]),
        ([(0, 9), (2, 3), (8, 12)], [(0, 12)]),
    ],
)
def test_places_that_touch_are_one(places: list[tuple[int, int]], found: list[tuple[int, int]]) -> None:
    assert merged(places) == found
