"""Files of a folder that is judged: only plain ones that lie in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from paidsw.cli.check.source import RefusedError, Source
from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.stack_file import ConfigFile

FILE = "Pulumi.dev.yaml"
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "branch"
    made.mkdir()
    return made


def read(folder: Path, name: str = FILE) -> ConfigFile:
    return Source(folder).stack(name, "dsw-free-tier")


def refused(folder: Path) -> str:
    with pytest.raises(RefusedError) as caught:
        read(folder)
    assert caught.value.file == FILE
    return str(caught.value)


@pytest.mark.parametrize("target", ["/etc/hostname", "../outside.yaml", "../branch2/x.yaml"])
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, target: str) -> None:
    (folder.parent / "outside.yaml").write_text("secret: value\n")
    (folder / FILE).symlink_to(target)
    assert refused(folder) == (
        f"{FILE} is a symbolic link that leads out of the folder; put the file itself there"
    )


def test_a_folder_of_the_stacks_may_not_be_a_link_out_either(folder: Path) -> None:
    (folder.parent / "stacks").mkdir()
    (folder.parent / "stacks" / FILE).write_text("config: {}\n")
    (folder / "stacks").symlink_to("../stacks")
    with pytest.raises(RefusedError, match="leads out of the folder"):
        read(folder, f"stacks/{FILE}")


def test_a_link_within_the_folder_is_a_file(folder: Path) -> None:
    (folder / "base.yaml").write_text("config: {}\n")
    (folder / FILE).symlink_to("base.yaml")
    assert read(folder).name == FILE


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    (folder / FILE).write_text("config: {}\n")
    (folder.parent / "link").symlink_to(folder)
    assert read(folder.parent / "link").values == {"config": {}}


def test_a_link_to_itself_is_an_error_of_the_system(folder: Path) -> None:
    (folder / FILE).symlink_to(FILE)
    with pytest.raises(OSError, match="symbolic links"):
        read(folder)


def test_what_is_no_file_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / FILE)
    assert refused(folder).startswith(f"{FILE} is not a file")
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    assert refused(folder).startswith(f"{FILE} is not a file")


def test_a_huge_file_is_not_read_whole(folder: Path) -> None:
    with (folder / FILE).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(MalformedError, match=f"{FILE} .*100000 bytes"):
        read(folder)


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02", b"config: {a: \xff}\n", b"\x89PNG\r\n", b"\xff\xfea\x00"]
)
def test_other_bytes_than_text_are_one_sentence(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    with pytest.raises(MalformedError) as caught:
        read(folder)
    assert "\n" not in str(caught.value)


def test_names_come_in_order_and_none_where_there_is_no_folder(folder: Path) -> None:
    for name in "bac":
        (folder / name).touch()
    assert list(Source(folder).names()) == ["a", "b", "c"]
    assert list(Source(folder).names("missing")) == []


def write(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


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
def test_a_key_has_its_line_and_a_missing_one_that_of_config(folder: Path, key: str, line: int) -> None:
    assert read(write(folder, CONFIG)).line(key) == line


@pytest.mark.parametrize("text", ["", "# nothing\n", "config:\n", "encryptionsalt: v1\n", "config: {}\n"])
def test_a_file_without_settings_points_at_its_head(folder: Path, text: str) -> None:
    assert read(write(folder, text)).line("alicloud:region") == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("config:\n  a: b: c\n", 2, "is not a key with a value"),
        ("config:\n  a: 'b\n", 2, "found unexpected end of stream"),
        ("config:\n\tx: 1\n", 2, "is a tab where spaces belong"),
        ("x: 1\nconfig: [1]\n", 2, "no map of settings below config"),
        ("x: 1\nconfig: text\n", 2, "no map of settings below config"),
        ("- a\n- b\n", 1, "is not a map of keys and values"),
        ("text\n", 1, "is not a map of keys and values"),
        ("config:\n  a: !!python/object:os.system x\n", 2, "!!python/object:os.system"),
        ("config:\n  a: \x07\n", 2, "doesn't allow"),
    ],
)
def test_a_broken_file_says_where(folder: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(MalformedError, match=said) as caught:
        read(write(folder, text))
    assert (caught.value.file, caught.value.line) == ("Pulumi.dev.yaml", line)
