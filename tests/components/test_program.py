"""How the program ends when the engine interrupts it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from components import quiet_interrupts
from tests.support.waiting import PATIENCE

_PROGRAM = """
import signal, sys, time
from components import quiet_interrupts
quiet_interrupts()
print("ready", flush=True)
signal.pause()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts by console events")
def test_an_interrupt_ends_the_program_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGINT
    assert errors == ""


def test_beside_the_main_thread_it_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    problems: list[BaseException] = []

    def inline() -> None:
        try:
            quiet_interrupts()
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=inline)
    thread.start()
    thread.join()
    assert problems == []
    assert signal.getsignal(signal.SIGINT) is before
