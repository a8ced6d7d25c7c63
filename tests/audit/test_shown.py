"""Texts from the cloud, made fit to be shown."""

from __future__ import annotations

import html
import sys
import unicodedata

import pytest

from paidsw.audit.shown import LINK, LONGEST, clean, in_markdown


def test_no_letter_of_unicode_moves_what_is_around_it() -> None:
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert clean(letter) == "\ufffd", hex(code)


@pytest.mark.parametrize("text", ["名前", "é", "a b", "שלום", "🙂", "x_1-2.3/4", "¥1.50", ""])
def test_letters_stay(text: str) -> None:
    assert clean(text) == text
    assert html.unescape(in_markdown(text)) == text


@pytest.mark.parametrize("length", [0, 1, LONGEST - 1, LONGEST, LONGEST + 1, 10 * LONGEST])
def test_the_length_has_an_end(length: int) -> None:
    found = clean("x" * length)
    assert len(found) == min(length, LONGEST)
    assert found.endswith("…") is (length > LONGEST)
    assert clean("abcdef", 3) == "ab…"


@pytest.mark.parametrize("value", [None, 7, ["a"], {"b": 1}, b"c"])
def test_what_is_no_text_is_shown_as_one(value: object) -> None:
    assert clean(value) == str(value)


@pytest.mark.parametrize("mark", list("\\`*_{}[]<>()#+!|~@&:\"'=-"))
def test_no_mark_of_markdown_is_left(mark: str) -> None:
    written = in_markdown(f"a{mark}b")
    assert written == f"a&#{ord(mark)};b"
    assert html.unescape(written) == f"a{mark}b"


@pytest.mark.parametrize(
    "address",
    [
        "https://pai.console.aliyun.com/?regionId=cn-wulanchabu",
        "https://pai.console.aliyun.com/",
        "https://cr.console.aliyun.com/",
        "https://usercenter2.aliyun.com/",
    ],
)
def test_links_of_the_audits_own(address: str) -> None:
    found = LINK.search(f"go to {address} (there)")
    assert found is not None
    assert found[0] == address


@pytest.mark.parametrize(
    "address",
    [
        "http://pai.console.aliyun.com/",
        "https://pai.console.aliyun.com@evil.example/",
        "https://pai.console.aliyun.com/../x",
        "https://pai-console.aliyun.com/",
        "https://pai.console.aliyun.com/?regionId=CN",
        'https://pai.console.aliyun.com/?regionId=a"onclick',
        "https://pai.console.aliyun.com/\u00a0x",
        "javascript:https://x",
    ],
)
def test_what_only_looks_like_one(address: str) -> None:
    assert LINK.search(address) is None
