"""How a program runs and ends under Pulumi's Python hosts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

# The exit code by which a program says that its error is on the screen: a host adds nothing to it.
REASON_SHOWN = 32


def quiet_interrupts() -> None:
    """End at once when the engine interrupts the program after a failed step.

    With Python's own handler the interrupt surfaces as a KeyboardInterrupt in every waiting task, 150 lines of
    tracebacks around the one line that says what failed.
    """
    if _is_a_process_of_its_own():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the program on a pulumi.RunError, which is what the components raise, with that error and no second one.

    Pulumi's host shows an uncaught RunError, and then "program exited with non-zero exit code: 1" as another error.
    An inline program of the Automation API isn't ended: its host returns the error.
    """
    try:
        yield
    except pulumi.RunError as error:
        if not _is_a_process_of_its_own():
            raise
        pulumi.log.error(str(error))
        raise SystemExit(REASON_SHOWN) from None


def _is_a_process_of_its_own() -> bool:
    """Whether the program has the process to itself; an inline one runs in a thread of somebody else's."""
    return threading.current_thread() is threading.main_thread()
