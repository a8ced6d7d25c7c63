"""Files of a folder that is judged: only plain ones that lie in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from paidsw.cli.check.places import MalformedError
from paidsw.cli.check.source import LARGEST, RefusedError, Source

FILE = "Pulumi.dev.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "branch"
    made.mkdir()
    return made


def refused(folder: Path) -> str:
    with pytest.raises(RefusedError) as caught:
        Source(folder).document(FILE)
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
        Source(folder).document(f"stacks/{FILE}")


def test_a_link_within_the_folder_is_a_file(folder: Path) -> None:
    (folder / "base.yaml").write_text("config: {}\n")
    (folder / FILE).symlink_to("base.yaml")
    assert Source(folder).document(FILE).name == FILE


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    (folder / FILE).write_text("config: {}\n")
    (folder.parent / "link").symlink_to(folder)
    assert Source(folder.parent / "link").document(FILE).values == {"config": {}}


def test_a_link_to_itself_is_an_error_of_the_system(folder: Path) -> None:
    (folder / FILE).symlink_to(FILE)
    with pytest.raises(OSError, match="symbolic links"):
        Source(folder).document(FILE)


def test_what_is_no_file_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / FILE)
    assert refused(folder).startswith(f"{FILE} is not a file")
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    assert refused(folder).startswith(f"{FILE} is not a file")


def test_a_huge_file_is_not_read(folder: Path) -> None:
    with (folder / FILE).open("wb") as file:
        file.truncate(LARGEST + 1)
    assert refused(folder).startswith(
        f"{FILE} has {LARGEST + 1} bytes, and a file of settings has at most {LARGEST}"
    )


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02", b"config: {a: \xff}\n", b"\x89PNG\r\n", b"\xff\xfea\x00"]
)
def test_other_bytes_than_text_are_one_sentence(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    with pytest.raises(MalformedError) as caught:
        Source(folder).document(FILE)
    assert "\n" not in str(caught.value)


def test_names_come_in_order_and_none_where_there_is_no_folder(folder: Path) -> None:
    for name in "bac":
        (folder / name).touch()
    assert list(Source(folder).names()) == ["a", "b", "c"]
    assert list(Source(folder).names("missing")) == []
