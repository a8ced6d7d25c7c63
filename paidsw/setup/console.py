"""What the set-up tells its user: one line for each step, on standard error."""

import sys
import time
from types import TracebackType
from typing import Self

REPEAT_SECONDS = 30.0


class SetupError(Exception):
    """The set-up can't go on; the text is one sentence for the user: what is wrong and what to do."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(text, file=sys.stderr, flush=True)


class Step:
    """A step that takes long: its title at once, then how far it is; on a terminal all in one line."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = self._spoke = time.monotonic()
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Self:
        say(f"{self._title} …")
        return self

    def update(self, detail: str) -> None:
        """Say how far it is, not more often than someone wants to read it."""
        now = time.monotonic()
        if now - self._spoke < (0.2 if self._live else REPEAT_SECONDS):
            return
        self._spoke = now
        text = f"  {detail}, {clock(now - self._began)} so far"
        if self._live:
            print(f"\r\x1b[K{text[:100]}", end="", file=sys.stderr, flush=True)
        else:
            say(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        if error is None:
            say(f"  done in {clock(time.monotonic() - self._began)}")


def clock(seconds: float) -> str:
    """A duration for people: "8 s", "6 min 12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
