"""Instants as the cloud writes them, and as people read them: in China time and in the time of this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

from paidsw.core.messages import Message, Text

CHINA_TIME = timezone(timedelta(hours=8), "UTC+8")  # no daylight saving time since 1991


def parsed(value: object) -> datetime:
    """An ISO instant such as 2021-01-12T14:36:01Z; raises ValueError for anything else, a missing zone included."""
    if not isinstance(value, str):
        raise ValueError("not a time")  # noqa: TRY004 -- one kind of error for every unreadable value
    instant = datetime.fromisoformat(value.strip())
    if instant.tzinfo is None:
        raise ValueError("a time without a time zone")
    return plausible(instant)


def plausible(instant: datetime) -> datetime:
    """The instant itself; raises ValueError for one of another century, which not every time zone can show."""
    if not 2000 <= instant.year < 2200:
        raise ValueError("a time of another century")
    return instant


def written(instant: datetime) -> str:
    """An instant as the cloud writes it, like 2021-01-12T14:36:01Z."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def both_times(instant: datetime, here: tzinfo | None = None) -> Message:
    """An instant to the minute, in China time and in the zone `here` (None: this machine's)."""
    china, local = instant.astimezone(CHINA_TIME), instant.astimezone(here)
    if china.utcoffset() == local.utcoffset():
        return Text.IN_CHINA(china=china)
    return Text.IN_CHINA_AND_HERE(china=china, here=local)
