"""Times of the cloud as people read them."""

from __future__ import annotations

from datetime import tzinfo

from trial.times import both_times, parsed


def told(utc: str, here: tzinfo | None = None) -> str:
    """A time like 2026-11-24T12:00:00Z in China time and in the zone `here` (None: this machine's).

    What isn't a time comes back as it is: it is shown, never computed with.
    """
    try:
        return both_times(parsed(utc), here)
    except ValueError:
        return utc
