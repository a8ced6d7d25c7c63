"""What the set-up tells its user: one line for each step, on standard error. Steps may run at the same time."""

import sys
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

REPEAT_SECONDS = 30.0
LIVE_SECONDS = 0.2
WIDTH = 100
ERASE = "\r\x1b[K"


class SetupError(Exception):
    """The set-up can't continue; the text is one sentence for the user: what is wrong and what to do."""


class UsageError(SetupError):
    """The command line can't be understood."""


class _Screen:
    """The terminal, or a log, that all steps share."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.steps: list[Step] = []

    def line(self, text: str) -> None:
        with self.lock:
            self._write(f"{ERASE if live() else ''}{text}\n")

    def redraw(self) -> None:
        """All running steps in one line, which the next one overwrites."""
        shown = "; ".join(step.state() for step in self.steps)
        self._write(f"{ERASE}{f'  {shown}'[:WIDTH] if shown else ''}")

    def _write(self, text: str) -> None:
        # Nobody to tell is not a reason to fail.
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(text)
            sys.stderr.flush()


_screen = _Screen()


def live() -> bool:
    """Whether standard error is a terminal, on which a line can be overwritten."""
    return sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()


def say(text: str) -> None:
    """Print one line of progress."""
    _screen.line(text)


class Step:
    """A step that takes long: its title at once, then how far it is; on a terminal all in one line."""

    def __init__(self, name: str, title: str) -> None:
        self._name, self._title, self._detail = name, title, ""
        self._began = self._spoke = time.monotonic()

    def __enter__(self) -> Self:
        say(f"{self._title} ...")
        with _screen.lock:
            _screen.steps.append(self)
        return self

    def update(self, detail: str) -> None:
        """Report progress, not more often than anybody wants to read it."""
        with _screen.lock:
            self._detail = detail or self._detail
            now = time.monotonic()
            if now - self._spoke < (LIVE_SECONDS if live() else REPEAT_SECONDS):
                return
            self._spoke = now
            if live():
                _screen.redraw()
            else:
                say(f"  {self.state()}")

    def state(self) -> str:
        """Its name, how far it is, and for how long it has run."""
        return f"{self._name}: {self._detail or 'started'}, {clock(time.monotonic() - self._began)}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _screen.lock:
            _screen.steps.remove(self)
            if error is None:
                say(f"  {self._name}: done in {clock(time.monotonic() - self._began)}")
            elif live():
                _screen.redraw()


def clock(seconds: float) -> str:
    """A duration for people: "8 s", "6 min 12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
