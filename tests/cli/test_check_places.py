"""Lines of settings, declarations and failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.check.places import Document, MalformedError, declaration, last_frame

CONFIG = """\
# a comment
encryptionsalt: v1:abc

config:
  alicloud:region: cn-beijing
  # another
  "dsw-free-tier:image": >-
    a long
    text
  dsw-free-tier:labels:
    dsw-free-tier:image: not this one
  dsw-free-tier:sessionHours: 4
"""
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
'''


def write(folder: Path, text: str, name: str = "Pulumi.dev.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("alicloud:region", 5),
        ("dsw-free-tier:image", 7),
        ("dsw-free-tier:labels", 10),
        ("dsw-free-tier:sessionHours", 12),
        ("dsw-free-tier:missing", 4),
    ],
)
def test_a_key_has_its_line_and_a_missing_one_that_of_config(tmp_path: Path, key: str, line: int) -> None:
    assert Document.read(write(tmp_path, CONFIG)).line(key) == line


@pytest.mark.parametrize("text", ["", "# nothing\n", "config:\n", "encryptionsalt: v1\n", "config: {}\n"])
def test_a_file_without_settings_points_at_its_head(tmp_path: Path, text: str) -> None:
    assert Document.read(write(tmp_path, text)).line("alicloud:region") == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("config:\n  a: b: c\n", 2, "mapping values are not allowed here"),
        ("config:\n  a: 'b\n", 3, "found unexpected end of stream"),
        ("config:\n\tx: 1\n", 2, "cannot start any token"),
        ("x: 1\nconfig: [1]\n", 2, "no map of settings below config"),
        ("x: 1\nconfig: text\n", 2, "no map of settings below config"),
        ("- a\n- b\n", 1, "is not a map of keys and values"),
        ("text\n", 1, "is not a map of keys and values"),
        ("config:\n  a: !!python/object:os.system x\n", 2, "could not determine a constructor"),
        ("config:\n  a: \x07\n", 1, "doesn't allow"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(MalformedError, match=said) as caught:
        Document.read(write(tmp_path, text))
    assert (caught.value.file, caught.value.line) == ("Pulumi.dev.yaml", line)


def test_other_bytes_than_text_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_bytes(b"config:\n  a: \xff\xfe\n")
    with pytest.raises(MalformedError, match="not UTF-8 text"):
        Document.read(path)


@pytest.mark.parametrize(("resource", "line"), [("first", 7), ("second", 11), ("looped", 1), ("absent", 1)])
def test_a_resource_has_the_line_of_its_first_declaration(tmp_path: Path, resource: str, line: int) -> None:
    assert declaration(write(tmp_path, PROGRAM, "__main__.py"), resource) == line


@pytest.mark.parametrize("text", ["def broken(:\n", "x = '\x00'\n"])
def test_a_program_that_is_none_points_at_its_head(tmp_path: Path, text: str) -> None:
    assert declaration(write(tmp_path, text, "__main__.py"), "first") == 1
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
