"""Typed reading of queries and bodies, pages, and times."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.emulator.clock import Clock, ClockState, http_date, iso, iso_or_empty, month_of, parse_iso
from paidsw.emulator.errors import ApiError
from paidsw.emulator.request import Fields, ordered, page


def refusal(action: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(ApiError) as error:
        action(*args, **more)
    assert (error.value.status, error.value.code) == (400, "ValidationError")
    return error.value.message


FIELDS = Fields(
    {
        "text": "x",
        "empty": "",
        "none": None,
        "number": 3,
        "digits": "12",
        "negative": "-1",
        "fraction": 1.5,
        "yes": True,
        "said": "TRUE",
        "list": ["a", "b"],
        "mixed": ["a", 1],
        "objects": [{"Key": "k", "Value": "v"}, {"Key": "l"}],
        "object": {"a": "1"},
        "deep": {"a": {"b": 1}},
        "json": '{"a":"1"}',
        "pairs": '[{"Key":"k","Value":"v"}]',
        "broken": "{",
    }
)


@pytest.mark.parametrize(
    ("method", "name", "expected"),
    [
        ("text", "text", "x"),
        ("text", "absent", ""),
        ("text", "none", ""),
        ("required", "text", "x"),
        ("integer", "number", 3),
        ("integer", "digits", 12),
        ("integer", "absent", None),
        ("flag", "yes", True),
        ("flag", "said", True),
        ("flag", "absent", False),
        ("texts", "list", ["a", "b"]),
        ("texts", "absent", []),
        ("text_map", "object", {"a": "1"}),
        ("text_map", "json", {"a": "1"}),
        ("text_map", "absent", {}),
        ("pairs", "objects", {"k": "v", "l": ""}),
        ("json_pairs", "pairs", {"k": "v"}),
    ],
)
def test_members_that_fit(method: str, name: str, expected: object) -> None:
    assert getattr(FIELDS, method)(name) == expected


@pytest.mark.parametrize(
    ("method", "name", "message"),
    [
        ("text", "number", "number must be a string"),
        ("required", "empty", "empty is mandatory for this action"),
        ("required", "absent", "absent is mandatory for this action"),
        ("integer", "text", "text must be an integer"),
        ("integer", "fraction", "fraction must be an integer"),
        ("integer", "yes", "yes must be an integer"),
        ("integer", "negative", "negative must be between 1 and"),
        ("flag", "number", "number must be a boolean"),
        ("flag", "text", "text must be a boolean"),
        ("texts", "text", "text must be a list"),
        ("texts", "mixed", "mixed must be a list of strings"),
        ("objects", "list", "list must be a list of objects"),
        ("nested", "list", "list must be an object"),
        ("text_map", "deep", "deep must map strings to strings"),
        ("text_map", "broken", "broken must be a JSON object"),
        ("text_map", "list", "list must map strings to strings"),
        ("pairs", "list", "list must be a list of objects"),
        ("json_pairs", "broken", "broken must be a JSON list"),
        ("json_pairs", "json", "json must be a list"),
    ],
)
def test_members_that_do_not(method: str, name: str, message: str) -> None:
    assert message in refusal(getattr(FIELDS, method), name)


def test_choices_and_bounds() -> None:
    assert FIELDS.choice("absent", ("a", "x"), "a") == "a"
    assert FIELDS.choice("text", ("a", "x"), "a") == "x"
    assert refusal(FIELDS.choice, "text", ("a", "b"), "a") == "text must be one of a, b"
    assert refusal(FIELDS.integer, "digits", high=9) == "digits must be between 1 and 9"
    assert "none" not in FIELDS
    assert "empty" in FIELDS


def test_a_query_keeps_what_was_encoded() -> None:
    fields = Fields.of_query("a=1%2B2&b=x+y&c=&d=%E5%90%8D&a=3")
    assert fields.values == {"a": "3", "b": "x y", "c": "", "d": "名"}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"1", b"null", b"[" * 50_000])
def test_a_body_that_is_no_object(body: bytes) -> None:
    with pytest.raises(ApiError) as error:
        Fields.of_body(body)
    assert error.value.code == "InvalidJSON"


def test_an_empty_body_has_no_members() -> None:
    assert Fields.of_body(b"").values == {}


def pages(query: dict[str, Any]) -> list[int]:
    return list(page(Fields(query), list(range(25)), default=10))


def test_pages() -> None:
    assert pages({}) == list(range(10))
    assert pages({"PageNumber": "3"}) == [20, 21, 22, 23, 24]
    assert pages({"PageNumber": "4"}) == []
    assert pages({"PageNumber": "2", "PageSize": "3"}) == [3, 4, 5]
    assert "PageSize" in refusal(pages, {"PageSize": "1000"})
    assert "PageNumber" in refusal(pages, {"PageNumber": "x"})


def test_order() -> None:
    keys = {"N": lambda n: n}
    assert ordered(Fields({}), [2, 3, 1], keys) == [2, 3, 1]
    assert ordered(Fields({"SortBy": "N", "Order": "DESC"}), [2, 3, 1], keys) == [3, 2, 1]
    assert "together" in refusal(ordered, Fields({"Order": "ASC"}), [1], keys)
    assert "one of N" in refusal(ordered, Fields({"SortBy": "M", "Order": "ASC"}), [1], keys)
    assert "ASC, DESC" in refusal(ordered, Fields({"SortBy": "N", "Order": "UP"}), [1], keys)


def test_times() -> None:
    at = parse_iso("2026-01-31T16:00:00Z")
    assert iso(at) == iso_or_empty(at) == "2026-01-31T16:00:00Z"
    assert iso_or_empty(None) == ""
    assert http_date(at) == "Sat, 31 Jan 2026 16:00:00 GMT"
    assert (month_of(at - 1), month_of(at)) == ("2026-01", "2026-02")
    assert parse_iso("2026-02-01T00:00:00+08:00") == at
    for text in ("2026-02-01T00:00:00", "2026-02-30T00:00:00Z", "", "now"):
        with pytest.raises(ValueError, match=r"zone|format|range|month"):
            parse_iso(text)


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = Clock(ClockState(frozen=True, at=1000))
    assert (clock.now(), clock.now()) == (1000, 1000)
    clock.move(500)
    clock.freeze(1200)
    assert clock.now() == 1500


def test_a_clock_resumes_from_where_it_was_frozen() -> None:
    clock = Clock(ClockState(frozen=True, at=5_000_000))
    clock.thaw()
    assert 5_000_000 <= clock.now() < 5_060_000
    clock.move(3_600_000)
    assert clock.now() >= 8_600_000
