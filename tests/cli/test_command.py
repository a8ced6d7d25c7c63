"""The command line itself: its help, its exit codes, its way to end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from paidsw.cli.__main__ import main
from paidsw.cli.errors import CliError, ExitCode
from paidsw.emulator import process
from paidsw.setup.layout import ROOT
from tests.support.command_tree import commands
from tests.support.notebooks import is_harmless

COMMANDS = commands()


def test_the_commands_of_the_readme_are_there() -> None:
    for name in ("start", "stop", "status", "reset"):
        assert ("emulator", name) in COMMANDS
    assert {("rehearse", "up"), ("rehearse", "down")} <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(
    words: tuple[str, ...], flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, flag]) == ExitCode.OK
    said = capsys.readouterr()
    assert said.out.startswith(f"Usage: {' '.join(('dsw', *words))} ")
    assert said.err == ""


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_and_command_says_what_it_does(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    assert command.help.split("\n")[0].endswith(".")
    for param in command.params:
        assert param.help, param.name
        assert param.help.endswith("."), param.help


def test_help_lists_the_exit_codes_and_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    text = capsys.readouterr().out
    assert all(f"  {code.value:<4} {code.meaning}\n" in text for code in ExitCode)
    assert max(map(len, text.splitlines())) <= 80


def test_without_a_command_it_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Usage: dsw ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["emulator"], "missing command; see dsw emulator --help"),
        (["rehearse"], "missing command; see dsw rehearse --help"),
        (["fly"], "no such command 'fly'; see dsw --help"),
        (["emulator", "fly"], "no such command 'fly'; see dsw emulator --help"),
        (["statsu"], "no such command 'statsu'. Did you mean 'status'?"),
        (["status", "--jsn"], "no such option: --jsn (Possible options: --json); see dsw status --help"),
        (["extend"], "missing argument 'HOURS'; see dsw extend --help"),
        (["extend", "2", "--region"], "option '--region' requires an argument; see dsw"),
        (["events", "--last", "x"], "--last is 'x'; give a whole number from 1"),
        (["\x1b[2J"], "no such command '"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: {said}")
    assert is_harmless(printed.err)
    assert printed.err.count("\n") == 1


def test_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == ExitCode.OK
    assert re.fullmatch(r"dsw \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_mistake_of_its_own_is_neither_a_traceback_nor_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_folder: Path) -> None:
        raise ValueError("s3cr3t")

    monkeypatch.setattr(process, "status", fail)
    assert main(["emulator", "status"]) == ExitCode.FAILED
    said = capsys.readouterr().err
    assert said.startswith("error: internal error: ValueError at test_command.py:")
    assert "s3cr3t" not in said
    monkeypatch.setenv("DSW_DEBUG", "1")
    with pytest.raises(ValueError, match="s3cr3t"):
        main(["emulator", "status"])


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (CliError("it can't", "do this"), ExitCode.FAILED, "error: it can't; do this\n"),
        (CliError("it can't", exit_code=5), 5, "error: it can't\n"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted\n"),
        (OSError(28, "No space left on device", "/x"), ExitCode.FAILED, "error: /x: No space left on device"),
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


def test_what_changes_no_notebook_does_not_wait_for_the_engines_sdk() -> None:
    names = ("audit", "check", "doctor", "emulator", "events", "rehearse", "release", "status")
    modules = ", ".join(f"paidsw.cli.{name}" for name in names)
    code = f"import sys, {modules}; print([name for name in sys.modules if name.startswith('pulumi')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
