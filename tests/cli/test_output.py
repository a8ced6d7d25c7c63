"""Tables and colors, as a terminal, a pipe and a narrow window get them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from paidsw.cli.output import BAD, print_fields, print_table, print_text, print_wrapped, styled, wait_for
from paidsw.setup.layout import ROOT

ROWS = [
    ("2026-01-01 10:00", "one two three four five six seven eight [red]nine[/red]"),
    ("later", "免费 x" * 9),
]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_pipe_gets_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([*ROWS, ("long", "x" * 5000)], ("Time", "Event"), indent=2)
    head, *rows = lines(capsys)
    assert head == "  Time              Event"
    assert rows[0] == "  2026-01-01 10:00  one two three four five six seven eight [red]nine[/red]"
    assert rows[2] == "  long              " + "x" * 5000
    assert all(row == row.rstrip() for row in (head, *rows))


@pytest.mark.parametrize("width", [10, 20, 39, 40, 60, 200])
def test_a_terminals_width_is_kept_and_nothing_is_lost(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(ROWS)
    shown = lines(capsys)
    # A wide character takes two columns.
    assert max(len(line) + sum(letter > "\u2e80" for letter in line) for line in shown) <= width
    assert sorted("".join(shown).replace(" ", "")) == sorted("".join(map("".join, ROWS)).replace(" ", ""))


@pytest.mark.parametrize(
    ("variables", "colored"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colors_are_for_terminals_that_want_them(
    variables: dict[str, str],
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    print_fields([("Timer", styled("NONE", BAD))])
    assert ("\x1b[1;31m" in capsys.readouterr().out) is colored


@pytest.mark.parametrize("width", [12, 30, 40, 60, 76, 77, 80, 200])
def test_a_table_too_wide_for_its_terminal_loses_nothing(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = ("Id", "Name", "Region", "Status", "Whose")
    rows = [("dsw-0123456789abcdef", "LLM_Finetune_01", "cn-wulanchabu", "Stopped", "ours, not declared")] * 2
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(rows, head, indent=2)
    shown = lines(capsys)
    assert max(map(len, shown)) <= width
    letters = "".join(shown).replace(" ", "")
    for cell in (*head, *rows[0]):
        assert cell.replace(" ", "") in letters or width < 40
    repeated = 1 if width >= 77 else 2
    assert len(letters) == repeated * len("".join(head)) + 2 * len("".join(rows[0]).replace(" ", ""))
    if width >= 40:
        assert any("dsw-0123456789abcdef" in line for line in shown)


def test_nothing_is_printed_for_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([], ("Time", "Event"))
    assert capsys.readouterr().out == ""


def test_a_text_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("[bold]x[/bold] :smile:")
    assert capsys.readouterr().out == "[bold]x[/bold] :smile:\n"


def test_lines_wrap_under_their_indent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_wrapped("HEAD\n  HIGH one two three four five\n\nlast", {"HIGH": BAD})
    assert [line.rstrip() for line in lines(capsys)] == [
        *("HEAD", "  HIGH one two three", "  four five", "", "last")
    ]


async def answer() -> int:
    return 7


def test_work_is_shown_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert wait_for(answer(), "asking") == 7
    assert tuple(capsys.readouterr()) == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of Unix")
@pytest.mark.parametrize("redirected", [False, True])
def test_a_terminal_shows_what_is_being_done(redirected: bool) -> None:
    """The line goes to standard error, so that a redirected output holds the answer and nothing else."""
    code = "from paidsw.cli.output import working\nwith working('asking cn-wulanchabu'): print('answer')"
    ours, its = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if redirected else its,
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm"},
    ) as process:
        os.close(its)
        out, err = process.communicate()
    if not redirected:
        err = os.read(ours, 10_000)
    os.close(ours)
    assert out == b"answer\n"
    assert (b"asking cn-wulanchabu ..." in err) is not redirected
