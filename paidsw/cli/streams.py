"""Standard streams that never end a command: whatever their encoding, closed, full, or left by their reader."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Sink(io.RawIOBase):
    """Writes to a raw stream until that fails, and drops what follows; `failure` is why."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self.failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int | None:
        """Write or drop; the number of bytes that are dealt with."""
        if self.failure is None:
            try:
                return self._raw.write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes

    def writable(self) -> bool:
        """It is, even when what it writes is dropped."""
        return True

    def fileno(self) -> int:
        """That of the stream below, which programs started here inherit."""
        return self._raw.fileno()

    def isatty(self) -> bool:
        """Whether somebody looks at it."""
        return self._raw.isatty()


@contextmanager
def tolerant() -> Iterator[None]:
    """Let this process's streams show what they can: other characters as "?", nothing once they have failed.

    Streams that something else put in place, as a test does, are left alone.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = before[0] or _null(0, "r")
    sys.stdout = _tolerant(before[1]) if before[1] else _null(1, "w")
    sys.stderr = _tolerant(before[2]) if before[2] else _null(2, "w")
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdin, sys.stdout, sys.stderr = before


def failure(stream: TextIO) -> OSError | None:
    """Why nothing more can be written to a stream; None while it can."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.failure if isinstance(raw, Sink) else None


def _null(number: int, mode: Literal["r", "w"]) -> TextIO:
    """The null device in the place of a stream that was closed, so that no other file gets its number."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    os.set_inheritable(descriptor, descriptor == number)
    return open(descriptor, mode, encoding="utf-8", errors="replace")


def _tolerant(stream: TextIO) -> TextIO:
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if not isinstance(stream, io.TextIOWrapper) or not isinstance(raw, io.RawIOBase):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(Sink(raw)),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
