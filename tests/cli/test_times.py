"""Times for people."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from cli.times import told

PARIS = timezone(timedelta(hours=1))
CHINA = timezone(timedelta(hours=8))


def test_a_time_is_told_for_china_and_here() -> None:
    text = told("2026-11-24T12:30:59Z", PARIS)
    assert "2026-11-24 20:30 China time" in text
    assert "2026-11-24 13:30 here" in text


def test_the_days_differ_where_they_do() -> None:
    text = told("2026-11-24T17:00:00Z", PARIS)
    assert "2026-11-25 01:00 China time" in text
    assert "2026-11-24 18:00 here" in text


def test_in_china_it_is_told_once() -> None:
    assert told("2026-11-24T12:00:00Z", CHINA).count("2026") == 1


@pytest.mark.parametrize("text", ["", "soon", "2026-11-24T12:00:00", "12:00"])
def test_what_is_no_time_is_shown_as_it_is(text: str) -> None:
    assert told(text) == text
