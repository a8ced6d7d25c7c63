"""What a plugin's process writes by itself: warnings of libraries, and mistakes that nobody waits for.

The engine shows it beside the program. Tracebacks are left out, since an error's own text may quote anything.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from paidsw.provider.errors import bug_sentence
from paidsw.provider.outgoing import outgoing


class PlainFormatter(logging.Formatter):
    """One line for a record, without secrets; of an exception its kind and place."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        error = record.exc_info[1] if record.exc_info else None
        said = outgoing(f"{record.levelname.lower()}: {record.name}: {record.getMessage()}")
        return f"{said}; {outgoing(bug_sentence('', error))}" if isinstance(error, Exception) else said


def tame(loop: asyncio.AbstractEventLoop) -> None:
    """Let libraries and the event loop write such lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    loop.set_exception_handler(_unretrieved)


def _unretrieved(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An error in a task that nobody waits for."""
    error = context.get("exception")
    text = bug_sentence("", error) if isinstance(error, Exception) else str(context.get("message"))
    print(outgoing(text), file=sys.stderr)
