"""How a program ends: when the engine interrupts it, and when it is refused."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pulumi
import pytest

from components import plain_errors, quiet_interrupts
from tests.support.waiting import PATIENCE

_PROGRAM = """
import signal, sys, time
from components import quiet_interrupts
quiet_interrupts()
print("ready", flush=True)
signal.pause()
"""

_REFUSED = """
import pulumi
from components import plain_errors
with plain_errors():
    raise pulumi.RunError("sessionHours is 900")
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


def test_what_is_refused_is_the_only_error_of_the_program() -> None:
    ended = subprocess.run([sys.executable, "-c", _REFUSED], capture_output=True, text=True, check=False)
    assert ended.returncode == 32
    assert ended.stderr == "error: sessionHours is 900\n"


def test_other_errors_of_a_program_keep_their_traceback() -> None:
    with pytest.raises(ValueError, match="a mistake"), plain_errors():
        raise ValueError("a mistake")


def test_an_inline_program_hands_its_error_to_its_host() -> None:
    found: list[BaseException] = []

    def inline() -> None:
        try:
            with plain_errors():
                raise pulumi.RunError("sessionHours is 900")
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=inline)
    thread.start()
    thread.join()
    assert [type(error) for error in found] == [pulumi.RunError]
