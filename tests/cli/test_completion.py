"""Shell completion: a script for each shell, and what it offers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from paidsw.setup.layout import ROOT


def dsw(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from paidsw.cli.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"} | variables,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("shell", "mark"),
    [
        ("bash", "complete -o default -F"),
        ("zsh", "compdef"),
        ("fish", "complete --command dsw"),
        ("powershell", "Register-ArgumentCompleter"),
        ("pwsh", "Register-ArgumentCompleter"),
    ],
)
def test_there_is_a_script_for_each_shell(shell: str, mark: str) -> None:
    done = dsw("--show-completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert mark in done.stdout
    assert "_DSW_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("dsw ", {"status", "audit", "release", "emulator"}),
        ("dsw emulator ", {"start", "stop", "status", "reset"}),
        ("dsw li", {"lifecycle"}),
        ("dsw status --", {"--region", "--json", "--emulator", "--emulator-url"}),
        ("dsw events --level ", {"INFO", "WARN", "ERROR"}),
        ("dsw audit --format ", {"table", "json", "markdown", "html"}),
        ("dsw extend 2 --region cn-b", {"cn-beijing"}),
    ],
)
def test_what_bash_offers(words: str, offered: set[str]) -> None:
    done = dsw(_DSW_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1))
    assert (done.returncode, done.stderr) == (0, "")
    found = set(done.stdout.split())
    assert offered <= found
    if words != "dsw status --":
        assert all(one.startswith(words.rpartition(" ")[2]) for one in found)
