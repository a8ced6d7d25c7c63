"""The command line itself: its help, its exit codes, its way to end."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from paidsw.cli.__main__ import INTERRUPTED, main, parser
from paidsw.cli.errors import CliError
from paidsw.emulator import process
from paidsw.setup.layout import ROOT


def commands(top: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and sub-command."""
    found = [words]
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                found += commands(sub, (*words, name))
    return found


COMMANDS = commands(parser())


def test_the_commands_of_the_readme_are_there() -> None:
    for name in ("start", "stop", "status", "reset"):
        assert ("emulator", name) in COMMANDS
    assert {("rehearse", "up"), ("rehearse", "down")} <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {' '.join(('dsw', *words))}")


@pytest.mark.parametrize(
    "words", [(), ("emulator",), ("rehearse",), ("fly",), ("emulator", "fly")], ids=" ".join
)
def test_an_incomplete_or_unknown_command_shows_its_usage(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(list(words))
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: dsw")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (CliError("it can't", 5), 5, "error: it can't\n"),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted\n"),
        (OSError(28, "No space left on device", "/x"), 1, "error: /x: No space left on device"),
    ],
)
def test_an_end_by_an_error_is_one_line(
    raised: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_folder: Path) -> None:
        raise raised

    monkeypatch.setattr(process, "status", fail)
    assert main(["emulator", "status"]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
    assert len(printed.err.splitlines()) == 1


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "paidsw.cli", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "rehearse" in done.stdout
