"""Texts from the cloud in Markdown, and links in a page."""

from __future__ import annotations

import html
import sys
import unicodedata

import pytest

from paidsw.audit.reports.html import LINK
from paidsw.audit.reports.markdown import in_markdown
from paidsw.core.text import printable


def test_no_letter_of_unicode_moves_what_is_around_it() -> None:
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert printable(letter) == "\ufffd", hex(code)


@pytest.mark.parametrize("text", ["名前", "é", "a b", "שלום", "🙂", "x_1-2.3/4", "¥1.50", ""])
def test_letters_stay(text: str) -> None:
    assert printable(text) == text
    assert html.unescape(in_markdown(text)) == text


@pytest.mark.parametrize("length", [0, 1, 299, 300, 301, 3000])
def test_the_length_has_an_end(length: int) -> None:
    found = printable("x" * length, 300)
    assert len(found) == min(length, 300)
    assert found.endswith("…") is (length > 300)
    assert printable("abcdef", 3) == "ab…"
    assert len(in_markdown("x" * length)) == len(found)


@pytest.mark.parametrize("value", [None, 7, ["a"], {"b": 1}, b"c"])
def test_what_is_no_text_is_shown_as_one(value: object) -> None:
    assert printable(value) == str(value)


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
