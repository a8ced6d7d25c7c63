"""Times of the cloud as people read them, and as programs do."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from paidsw.core.times import parsed, written

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def local(instant: datetime, here: tzinfo | None = None) -> str:
    """An instant to the minute in the time of this machine, or of the zone `here`."""
    return f"{instant.astimezone(here):%Y-%m-%d %H:%M}"


def local_text(utc: str, here: tzinfo | None = None) -> str:
    """A time like 2026-11-24T12:00:00Z in the time of this machine, or of the zone `here`.

    What isn't a time comes back as it is: it is shown, never computed with.
    """
    try:
        return local(parsed(utc), here)
    except ValueError:
        return utc


def in_utc(instant: datetime | None) -> str | None:
    """An instant as the cloud writes it."""
    return None if instant is None else written(instant)


def how_long(span: timedelta) -> str:
    """A span in its two largest units, like 2 h 57 min; a negative one (two clocks) is 0 s."""
    left = max(0, int(span.total_seconds()))
    parts: list[str] = []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part) or "0 s"
