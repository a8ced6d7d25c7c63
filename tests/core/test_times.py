from datetime import UTC, datetime, timedelta, timezone

import pytest

from paidsw.core.times import CHINA_TIME, both_times, parsed


@pytest.mark.parametrize("text", ["2021-01-12T14:36:01Z", " 2021-01-12T22:36:01+08:00 "])
def test_instants(text: str) -> None:
    assert parsed(text) == datetime(2021, 1, 12, 14, 36, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [None, 0, "", "tomorrow", "2021-01-12T14:36:01", "2021-13-01T00:00:00Z", "9999-12-31T23:59:59Z", []],
)
def test_what_is_no_instant(value: object) -> None:
    with pytest.raises(ValueError, match=r"time|format|month|century"):
        parsed(value)


def test_both_zones() -> None:
    instant = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    paris = timezone(timedelta(hours=1))
    assert str(both_times(instant, paris)) == "2026-12-01 04:00 China time (2026-11-30 21:00 here)"
    assert str(both_times(instant, CHINA_TIME)) == "2026-12-01 04:00 China time (the same here)"
