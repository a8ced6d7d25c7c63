"""The emulator's clock: the system's time plus an offset, or frozen. It never runs backwards."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from paidsw.core.times import CHINA_TIME

Millis = int
MINUTE: Millis = 60_000
DAY: Millis = 86_400_000
FROZEN_START: Millis = 1_767_578_400_000  # 2026-01-05T02:00:00Z, a Monday, ten in the morning in China


def system_time() -> Millis:
    """The machine's own time."""
    return time.time_ns() // 1_000_000


@dataclass
class ClockState:
    """Frozen at ``at``, or the system's time plus ``offset``."""

    frozen: bool = False
    at: Millis = 0
    offset: Millis = 0


class Clock:
    """Reads and moves the time kept in a ClockState."""

    def __init__(self, state: ClockState) -> None:
        self.state = state

    def now(self) -> Millis:
        """The emulator's time."""
        return self.state.at if self.state.frozen else system_time() + self.state.offset

    def move(self, by: Millis) -> None:
        """Go forward by milliseconds."""
        if self.state.frozen:
            self.state.at += by
        else:
            self.state.offset += by

    def freeze(self, at: Millis | None = None) -> None:
        """Stop the clock, at its present time or at a later one."""
        self.state.at = max(at or 0, self.now())
        self.state.frozen = True

    def thaw(self) -> None:
        """Let the clock run on from its present time."""
        self.state.offset = self.now() - system_time()
        self.state.frozen = False


def iso(at: Millis) -> str:
    """The time in the services' form, 2021-01-12T14:36:01Z."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_or_empty(at: Millis | None) -> str:
    """Like iso; an empty text for no time."""
    return "" if at is None else iso(at)


def parse_iso(text: str) -> Millis:
    """Milliseconds of an ISO time with a zone; ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone, for example 2021-01-12T14:36:01Z")
    return round(moment.timestamp() * 1000)


def http_date(at: Millis) -> str:
    """The time as a Date header."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def month_of(at: Millis) -> str:
    """The month in China that a time belongs to, ``2026-01``."""
    return datetime.fromtimestamp(at / 1000, CHINA_TIME).strftime("%Y-%m")


def month_start(at: Millis, later: int = 0) -> Millis:
    """The first instant, in China, of a time's month or of one ``later`` months on."""
    local = datetime.fromtimestamp(at / 1000, CHINA_TIME)
    years, month = divmod(local.month - 1 + later, 12)
    return round(datetime(local.year + years, month + 1, 1, tzinfo=CHINA_TIME).timestamp() * 1000)


def months_later(at: Millis, months: int) -> Millis:
    """The same day and hour in China, months on; the month's last day where there is no such day."""
    local = datetime.fromtimestamp(at / 1000, CHINA_TIME)
    first = datetime.fromtimestamp(month_start(at, months) / 1000, CHINA_TIME)
    last = datetime.fromtimestamp(month_start(at, months + 1) / 1000, CHINA_TIME) - timedelta(days=1)
    day = min(local.day, last.day)
    return round(local.replace(year=first.year, month=first.month, day=day).timestamp() * 1000)
