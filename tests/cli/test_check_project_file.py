"""The project file: what in it decides what runs is the base's."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.check import project_file
from paidsw.cli.check.source import RefusedError, Source
from paidsw.core.stack_file import ConfigFile, config_dir

BASE = """\
name: dsw-free-tier
description: x
runtime:
  name: python
  options: {virtualenv: .venv}
plugins:
  providers: [{name: paidsw, path: provider}]
"""


def document(folder: Path, text: str) -> ConfigFile:
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text(text)
    return project_file.read(Source(folder))


def found(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    base = document(tmp_path / "base", BASE)
    return [(one.line, one.text) for one in project_file.findings(document(tmp_path / "branch", text), base)]


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        BASE.replace("description: x", "description: other\nauthor: a\ntags: {a: b}"),
        BASE.replace("name: dsw", "name: my"),
        BASE + "config:\n  sessionHours: 2\n",
        "# moved\n"
        + "".join(sorted(BASE.splitlines(keepends=True)[:2]))
        + "".join(BASE.splitlines(True)[2:]),
    ],
)
def test_what_only_describes_may_differ(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (BASE + "main: elsewhere\n", 8, "main"),
        (BASE + "backend:\n  url: https://a.example\n", 8, "backend"),
        (BASE + "stackConfigDir: elsewhere\n", 8, "stackConfigDir"),
        (BASE + "options: {refresh: always}\n", 8, "options"),
        (BASE + "packages: {x: a.example/x}\n", 8, "packages"),
        (BASE + "unheardOf: x\n", 8, "unheardOf"),
        (BASE.replace(".venv", "other"), 3, "runtime"),
        (BASE.replace("name: python", "name: nodejs"), 3, "runtime"),
        (BASE.replace("path: provider", "path: other"), 6, "plugins"),
    ],
)
def test_what_decides_what_runs_may_not(tmp_path: Path, text: str, line: int, key: str) -> None:
    assert found(tmp_path, text) == [
        (line, f"{key} decides what runs, and the base has it otherwise; change it back")
    ]


def test_what_decides_what_runs_may_not_be_missing_either(tmp_path: Path) -> None:
    text = "".join(BASE.splitlines(keepends=True)[:5])
    assert found(tmp_path, text) == [(1, "plugins decides what runs, and only the base has it; put it back")]


@pytest.mark.parametrize("name", ["alicloud", "paidsw", "pulumi", "AliCloud"])
def test_a_project_is_not_called_like_a_provider(tmp_path: Path, name: str) -> None:
    (one,) = found(tmp_path, BASE.replace("dsw-free-tier", name))
    assert one[0] == 1
    assert f"can't have the name {name}" in one[1]


@pytest.mark.parametrize("name", ["''", "[a]", "'a b'", "'a:b'", "12", '"a\\n::error::b"', "a" * 101])
def test_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    text = BASE.replace("dsw-free-tier", name)
    assert found(tmp_path, text) == [(1, "name is not a project's name; use letters, digits, - _ . only")]
    assert project_file.name_of(document(tmp_path / "branch", text)) == ""


def test_a_folder_in_config_is_not_the_settings(tmp_path: Path) -> None:
    ((line, text),) = found(tmp_path, BASE + "config: elsewhere\n")
    assert line == 8
    assert text.startswith("config names a folder of stack files")


@pytest.mark.parametrize(
    ("more", "folder"),
    [("", "."), ("stackConfigDir: a/b\n", "a/b"), ("config: c\n", "c"), ("config: {a: b}\n", ".")],
)
def test_where_the_stacks_files_are(tmp_path: Path, more: str, folder: str) -> None:
    assert config_dir(document(tmp_path, BASE + more)) == folder


def test_another_project_file_that_pulumi_reads_first_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.json").write_text("{}")
    with pytest.raises(RefusedError, match=r"Pulumi reads Pulumi\.json instead") as caught:
        document(tmp_path, BASE)
    assert caught.value.file == "Pulumi.json"
