"""docs/usage.md is what the commands are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cli.reference import FILE, main, rewritten
from paidsw.setup.layout import ROOT
from tests.support.command_tree import commands

USAGE = (ROOT / FILE).read_text(encoding="utf-8")


def test_the_document_is_up_to_date() -> None:
    assert main(["--check"]) == 0
    assert rewritten(USAGE) == USAGE


def test_it_has_every_command_and_no_other() -> None:
    leaves = {words for words, command in commands().items() if not hasattr(command, "commands")}
    told = re.findall(r"^### `dsw ([a-z ]+)`$", USAGE, re.MULTILINE)
    assert {tuple(words.split()) for words in told} == leaves
    assert len(told) == len(leaves) > 12


@pytest.mark.parametrize("words", [words for words in commands() if words], ids=" ".join)
def test_a_section_has_every_option(words: tuple[str, ...]) -> None:
    command = commands()[words]
    if hasattr(command, "commands"):
        return
    section = USAGE.partition(f"### `dsw {' '.join(words)}`")[2].partition("###")[0]
    for param in command.params:
        assert re.search(
            rf"^\| `{re.escape(param.opts[0] if param.opts[0][0] == '-' else param.metavar)}\b", section, re.M
        )


def test_exit_codes_are_told_in_both_languages() -> None:
    chinese = (ROOT / "docs" / "usage.zh-CN.md").read_text(encoding="utf-8")
    for text in (USAGE, chinese):
        assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(ExitCode)


def test_a_stale_document_is_found_and_rewritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).parent.mkdir()
    stale = USAGE.replace("### `dsw status`", "### `dsw stand`")
    (tmp_path / FILE).write_text(stale, encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    assert (
        capsys.readouterr().err == f"{FILE.as_posix()} is out of date; run python -m paidsw.cli.reference\n"
    )
    assert (tmp_path / FILE).read_text(encoding="utf-8") == stale
    assert main([], tmp_path) == 0
    assert (tmp_path / FILE).read_text(encoding="utf-8") == USAGE
