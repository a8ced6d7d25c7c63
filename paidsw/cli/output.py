"""How commands print: fields and tables that wrap at any width, colors where they are wanted, and JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from paidsw.core.redaction import without_secrets

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

T = TypeVar("T")
# Wide enough to break no line where no terminal has a width.
_UNLIMITED = 100_000
# What the last column of a table needs at least, and names of values take.
_LEAST_LAST, _NAMES = 12, 10
# What is bad, what needs a look, what is well, and what explains.
BAD, LOOK, WELL, TITLE = "bold red", "yellow", "green", "bold"


def print_json(document: Any, *, secret: bool = False) -> None:
    """Print a document for programs; what an encoding lacks is escaped. A `secret` one shows what was asked for."""
    print(json.dumps(document if secret else without_secrets(document), indent=2))


def console() -> Console:
    """Where commands print: as wide as the terminal, or COLUMNS says; else, in a pipe or a file, unlimited.

    Colors appear on a terminal only, and not where NO_COLOR is set.
    """
    from rich.console import Console

    limited = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(
        file=sys.stdout, width=None if limited else _UNLIMITED, markup=False, highlight=False, emoji=False
    )


def styled(text: str, style: str) -> Text:
    """A text in a style; nothing in it is markup."""
    from rich.text import Text

    return Text(text, style=style)


def print_fields(fields: Iterable[tuple[str, str | Text]], indent: int = 0) -> None:
    """Print names and values, the values in one column."""
    print_table([(styled(f"{name:<{_NAMES}}", TITLE), value) for name, value in fields], indent=indent)


def print_table(rows: Iterable[Sequence[str | Text]], head: Sequence[str] = (), *, indent: int = 0) -> None:
    """Print rows in columns, of which the last wraps; where the others don't fit, a row is a list of names and values.

    `indent` is in columns. Nothing is ever cut.
    """
    from rich.table import Table

    found, there = list(rows), console()
    if not found:
        return
    count = max(map(len, [head, *found]))
    fits = indent + _whole_width([head, *found]) + _LEAST_LAST <= there.width
    if head and not fits:
        for number, row in enumerate(found):
            if number:
                print()
            print_fields(zip(head, row, strict=False), indent)
        return
    table = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, 2, 0, 0), header_style=TITLE)
    for number in range(count):
        table.add_column(head[number] if head else "", overflow="fold", no_wrap=fits and number < count - 1)
    for row in found:
        table.add_row(*row)
    _print(there, table, indent)


def _whole_width(rows: Sequence[Sequence[str | Text]]) -> int:
    """The width of all columns but the last, each as wide as its widest cell, with the space behind them."""
    from rich.cells import cell_len

    columns = zip_longest(*(row[:-1] for row in rows if row), fillvalue="")
    return sum(max(cell_len(str(cell)) for cell in column) + 2 for column in columns)


def _print(there: Console, what: RenderableType, indent: int) -> None:
    """Print at an indent; only a terminal gets the spaces that fill its lines."""
    from rich.padding import Padding

    with there.capture() as captured:
        there.print(Padding(what, (0, 0, 0, indent), expand=False))
    for line in captured.get().splitlines():
        print(line if there.is_terminal else line.rstrip())


def print_wrapped(text: str, styles: Mapping[str, str]) -> None:
    """Print lines, each wrapped under its own indent; one that begins with a word of `styles` in that style."""
    there = console()
    for line in text.splitlines():
        words = line.split(maxsplit=1)
        if not words:
            print()
            continue
        indent = len(line) - len(line.lstrip())
        shown = styled(line.strip(), styles.get(words[0], ""))
        _print(there, shown, indent)


def wait_for(work: Coroutine[Any, Any, T], doing: str) -> T:
    """The result of asynchronous work; on a terminal a line that moves says what is being done."""
    import asyncio

    with working(doing):
        return asyncio.run(work)


@contextmanager
def working(doing: str) -> Iterator[None]:
    """Say on standard error, while it lasts, what is being done; nothing where that is not a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    there = Console(file=sys.stderr, markup=False, highlight=False)
    spinner = Spinner("line", styled(f"{doing} ...", ""))
    # Redirecting would send what is printed meanwhile to standard error.
    with Live(spinner, console=there, transient=True, redirect_stdout=False, redirect_stderr=False):
        yield


def print_text(text: str, style: str = "") -> None:
    """Print a text, wrapped between words."""
    _print(console(), styled(text, style), 0)
