"""Lines of declarations and failures."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from paidsw.cli.check.judge import place_in
from paidsw.cli.check.places import declaration, last_frame

PROGRAM = '''\
"""A program."""
import pulumi
from paidsw.resources import Instance

for name in ("looped",):
    Instance(name, {})
first = Instance(
    "first",
    {"instanceName": "second"},
)
Instance(resource_name="second", inputs={})
Instance("first", {})
ProviderResource("package", "third")
'''


def write(folder: Path, text: str) -> Path:
    path = folder / "__main__.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("resource", "line"), [("first", 7), ("second", 11), ("third", 13), ("looped", 1), ("absent", 1)]
)
def test_a_resource_has_the_line_of_its_first_declaration(tmp_path: Path, resource: str, line: int) -> None:
    assert declaration(write(tmp_path, PROGRAM), resource) == line


@pytest.mark.parametrize("text", ["def broken(:\n", "x = '\x00'\n"])
def test_a_program_that_is_none_points_at_its_head(tmp_path: Path, text: str) -> None:
    assert declaration(write(tmp_path, text), "first") == 1
    assert declaration(tmp_path / "none.py", "first") == 1


def test_the_innermost_place_in_the_project_is_where_it_fails(tmp_path: Path) -> None:
    traceback = f"""Program failed with an unhandled exception:
Traceback (most recent call last):
  File "/elsewhere/runner.py", line 99, in main
  File "{tmp_path}/paidsw/setup/language_host/program.py", line 10, in run
  File "{tmp_path}/__main__.py", line 3, in <module>
  File "{tmp_path}/lab/rooms.py", line 17, in room
  File "{tmp_path}/.venv/lib/site-packages/pulumi/x.py", line 5, in y
  File "<frozen runpy>", line 88
ValueError: x
"""
    assert last_frame(traceback, tmp_path) == ("lab/rooms.py", 17)
    assert last_frame(traceback, tmp_path / "other") is None


@pytest.mark.parametrize(
    "frame", ['File "{root}", line 3', 'File "{root}/x.py", line 0', 'File "{root}/x.py", line {long}']
)
def test_a_text_that_only_looks_like_a_traceback_has_no_place(tmp_path: Path, frame: str) -> None:
    text = "Traceback (most recent call last):\n  " + frame.format(root=tmp_path, long="1" * 5000)
    assert last_frame(text, tmp_path) is None


def test_places_are_found_in_long_texts_at_once(tmp_path: Path) -> None:
    texts = [
        ", at " * 50_000 + " [no-spot]",
        ", at x; allowed: " * 50_000,
        ", at x" * 50_000 + "; allowed: y [no-spot]",
    ]
    begun = time.monotonic()
    assert [place_in(text) for text in texts] == ["", "", "x"]
    assert last_frame("\n" * 200_000, tmp_path) is None
    assert time.monotonic() - begun < 10  # a fraction of a second on an idle machine


def test_a_program_that_only_python_can_read_points_at_its_head(tmp_path: Path) -> None:
    assert declaration(write(tmp_path, "x = " + "+".join("1" * 20_000)), "first") == 1
