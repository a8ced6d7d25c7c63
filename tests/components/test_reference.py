"""The tables of settings in the READMEs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from components import NotebookArgs, reference

MARKED = "before\n<!-- settings: generated -->\nold\n<!-- end of settings -->\nafter\n"


def test_the_readmes_are_up_to_date() -> None:
    assert reference.main(["--check"]) == 0


@pytest.mark.parametrize("name", reference.FILES)
def test_every_setting_has_its_row(name: str) -> None:
    text = (reference.ROOT / name).read_text("utf-8")
    assert text.count("| `alicloud:region` |") == 1
    for key in NotebookArgs.names():
        assert text.count(f"| `{key}` |") == 1


def test_every_setting_is_explained_in_chinese_and_nothing_else_is() -> None:
    path = Path(reference.__file__).with_name("meanings.zh.yaml")
    meanings = yaml.safe_load(path.read_text("utf-8"))
    assert list(meanings) == ["alicloud:region", *NotebookArgs.names()]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in meaning) for meaning in meanings.values())


@pytest.mark.parametrize("heading", reference.FILES.values())
def test_a_table_has_four_columns_in_every_row(heading: str) -> None:
    lines = reference.table(heading).splitlines()
    assert lines[0] == heading
    assert len(lines) == 3 + len(NotebookArgs.names())
    assert {line.count("|") for line in lines} == {5}


def test_only_what_is_between_the_marks_changes() -> None:
    new = reference.rewritten(MARKED, reference.ENGLISH)
    assert new.startswith("before\n<!-- settings: generated -->\n| Key |")
    assert new.endswith("|\n<!-- end of settings -->\nafter\n")
    assert "old" not in new
    assert reference.rewritten(new, reference.ENGLISH) == new


class TestFiles:
    """READMEs of the test's own."""

    @pytest.fixture(autouse=True)
    def stale(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reference, "ROOT", tmp_path)
        for name in reference.FILES:
            (tmp_path / name).write_text(MARKED, "utf-8")

    def test_check_names_what_is_stale_and_writes_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert reference.main(["--check"]) == 1
        assert "README.md, README.zh-CN.md out of date" in capsys.readouterr().err
        assert {(tmp_path / name).read_text("utf-8") for name in reference.FILES} == {MARKED}

    def test_without_check_it_writes(self, tmp_path: Path) -> None:
        assert reference.main([]) == 0
        assert reference.main(["--check"]) == 0
        assert "地域" in (tmp_path / "README.zh-CN.md").read_text("utf-8")
