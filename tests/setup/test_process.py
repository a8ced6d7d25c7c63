"""Programs that run at the same time: what they say, and what ends them."""

import subprocess
import sys
import threading
import time

import pytest

from paidsw.setup import process
from paidsw.setup.console import SetupError
from tests.support.waiting import PATIENCE


def endless(started: threading.Event, ended: list[str]) -> None:
    """A job whose program never ends by itself."""
    try:
        process.run(["/bin/sh", "-c", "echo started; exec sleep 600"], lambda _: started.set())
    except process.Stopped:
        ended.append("stopped")


def test_a_failure_ends_the_programs_of_the_others() -> None:
    started, ended = threading.Event(), list[str]()

    def fail() -> None:
        assert started.wait(PATIENCE)
        raise SetupError("no")

    with pytest.raises(SetupError, match="no"):
        process.together(lambda: endless(started, ended), fail)
    assert ended == ["stopped"]
    assert process.run(["/bin/sh", "-c", "exit 3"], lambda _: None) == 3, "later work runs again"


def test_an_interrupt_ends_them_too() -> None:
    code = (
        "import os, signal, sys, threading\n"
        "from paidsw.setup import process\n"
        "def interrupt(line): os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n"
        "    process.together(lambda: process.run(['/bin/sh', '-c', 'echo; exec sleep 600'], interrupt))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert told.stdout == "interrupted\n"
    assert time.monotonic() - began < PATIENCE


def test_all_have_ended_when_it_returns() -> None:
    done: list[int] = []
    process.together(*(lambda number=number: done.append(number) for number in range(3)))
    assert sorted(done) == [0, 1, 2]


def test_a_program_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        process.run(["/nonexistent"], lambda _: None)


def test_lines_come_as_they_are_said() -> None:
    lines: list[str] = []
    code = process.run(["/bin/sh", "-c", r"echo one; echo two >&2; printf '\377'; exit 4"], lines.append)
    assert (lines, code) == (["one", "two", "\ufffd"], 4)
