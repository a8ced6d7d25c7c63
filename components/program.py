"""What a program does once, before it declares anything."""

from __future__ import annotations

import signal
import threading


def quiet_interrupts() -> None:
    """End at once when the engine interrupts the program after a failed step.

    With Python's own handler the interrupt surfaces as a KeyboardInterrupt in every waiting task, 150 lines of
    tracebacks around the one line that says what failed.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
