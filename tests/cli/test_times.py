"""Times for people."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from paidsw.cli.times import how_long, in_utc, local, local_text

PARIS = timezone(timedelta(hours=1))
CHINA = timezone(timedelta(hours=8))


def test_a_time_is_told_as_it_is_here() -> None:
    assert local_text("2026-11-24T12:30:59Z", PARIS) == "2026-11-24 13:30"
    assert local_text("2026-11-24T17:00:00Z", CHINA) == "2026-11-25 01:00"
    assert local(datetime(2026, 11, 24, 17, tzinfo=UTC), PARIS) == "2026-11-24 18:00"


def test_without_a_zone_it_is_this_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert local_text("2026-11-24T17:00:00Z") == "2026-11-25 01:00"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "soon", "2026-11-24T12:00:00", "12:00"])
def test_what_is_no_time_is_shown_as_it_is(text: str) -> None:
    assert local_text(text) == text


def test_a_time_for_programs_is_in_utc() -> None:
    assert in_utc(datetime(2026, 1, 5, 10, 0, 0, 999999, CHINA)) == "2026-01-05T02:00:00Z"
    assert in_utc(datetime(2026, 1, 5, 2, tzinfo=UTC)) == "2026-01-05T02:00:00Z"
    assert in_utc(None) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3659, "1 h"),
        (10_620, "2 h 57 min"),
        (86_400 * 3 + 4 * 3600 + 59, "3 d 4 h"),
        (86_400 * 30 + 59, "30 d"),
    ],
)
def test_spans(seconds: float, said: str) -> None:
    assert how_long(timedelta(seconds=seconds)) == said
