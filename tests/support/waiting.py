"""How tests wait: for an event, with one limit that nothing but a fault reaches, however busy the machine is."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

# Seconds.
PATIENCE = 300


def until(condition: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Return once the condition holds. A process that it depends on must not end before."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process is None or process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
