"""What is told while steps run, alone and side by side, on a terminal and in a log."""

import io
import sys

import pytest

from paidsw.setup import console
from paidsw.setup.console import Step, clock, say


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in the place of standard error; in the test itself, because pytest sets its own before."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(console, "LIVE_SECONDS", 0)
    return stream


def test_a_log_gets_lines_of_each_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "REPEAT_SECONDS", 0)
    with Step("packages", "Installing packages") as first, Step("CLI", "Building it") as second:
        second.update("5 of 10")
        first.update("numpy")
    assert capsys.readouterr().err.splitlines() == [
        "Installing packages ...",
        "Building it ...",
        "  CLI: 5 of 10, 0 s",
        "  packages: numpy, 0 s",
        "  CLI: done in 0 s",
        "  packages: done in 0 s",
    ]


def test_a_log_is_not_flooded(capsys: pytest.CaptureFixture[str]) -> None:
    with Step("packages", "Installing") as step:
        for _ in range(1000):
            step.update("numpy")
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_terminal_shows_all_steps_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with Step("packages", "Installing") as first, Step("CLI", "Building") as second:
        first.update("numpy")
        second.update("5 of 10")
        assert terminal.getvalue().endswith("\r\x1b[K  packages: numpy, 0 s; CLI: 5 of 10, 0 s")
        say("Pulumi 1.2.3")
    lines = [line.rpartition(console.ERASE)[2] for line in terminal.getvalue().split("\n")]
    assert lines == [
        "Installing ...",
        "Building ...",
        "Pulumi 1.2.3",
        "  CLI: done in 0 s",
        "  packages: done in 0 s",
        "",
    ]


def test_a_step_that_fails_leaves_its_line_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    step = Step("CLI", "Building")
    step.__enter__()
    step.update("5 of 10")
    step.__exit__(RuntimeError, RuntimeError(), None)
    assert terminal.getvalue().endswith(console.ERASE)


@pytest.mark.parametrize("stream", [None, "closed"])
def test_nobody_to_tell_is_no_failure(monkeypatch: pytest.MonkeyPatch, stream: str | None) -> None:
    file = io.StringIO()
    file.close()
    monkeypatch.setattr(sys, "stderr", file if stream else None)
    with Step("CLI", "Building") as step:
        step.update("5 of 10")
    say("done")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (372, "6 min 12 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert clock(seconds) == text
