"""The journal of creates: small files that survive a kill, that nobody else reads, and that never stop anything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from paidsw.provider.journal import NO_JOURNAL, Journal, Note

REGION = "cn-wulanchabu"
NOTE = Note(made_at="aa", at=100.5)
OTHER = Note(made_at="bb", at=200.0, instance_id="dsw-2")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "home" / "creates")


def test_what_is_noted_is_found_by_another_process(journal: Journal) -> None:
    journal.note(REGION, "owner", NOTE)
    assert Journal(journal.folder).find(REGION, "owner") == [NOTE]
    assert journal.find(REGION, "another") == []
    assert journal.find("cn-beijing", "owner") == []
    assert Journal(journal.folder, "http://127.0.0.1:9").find(REGION, "owner") == []


def test_each_resource_of_an_owner_has_a_note_of_its_own(journal: Journal) -> None:
    journal.note(REGION, "owner", NOTE)
    journal.note(REGION, "owner", OTHER)
    journal.note(REGION, "owner", NOTE.model_copy(update={"instance_id": "dsw-1"}))
    assert {note.instance_id for note in journal.find(REGION, "owner")} == {"dsw-1", "dsw-2"}
    journal.settle(REGION, "owner", "dsw-2")
    assert [note.instance_id for note in journal.find(REGION, "owner")] == ["dsw-1"]
    journal.note(REGION, "owner", OTHER)
    journal.forget(REGION, "owner", "aa")
    assert journal.find(REGION, "owner") == [OTHER]
    journal.forget(REGION, "owner")
    assert journal.find(REGION, "owner") == []


def test_a_note_whose_instance_is_unknown_is_settled_by_no_other(journal: Journal) -> None:
    journal.note(REGION, "owner", NOTE)
    journal.settle(REGION, "owner", "dsw-1")
    assert journal.find(REGION, "owner") == [NOTE]


def test_only_this_user_reads_it(journal: Journal) -> None:
    journal.note(REGION, "owner", NOTE)
    assert journal.folder is not None
    (file,) = journal.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700


def test_what_a_kill_left_half_written_is_replaced(journal: Journal) -> None:
    journal.note(REGION, "owner", NOTE)
    assert journal.folder is not None
    (file,) = journal.folder.iterdir()
    file.with_suffix(".partial").write_text('{"na')
    assert journal.find(REGION, "owner") == [NOTE]
    journal.note(REGION, "owner", NOTE.model_copy(update={"at": 300.0}))
    assert [note.at for note in journal.find(REGION, "owner")] == [300.0]
    assert len(list(journal.folder.iterdir())) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 1}', "\x00\xff"])
def test_what_cannot_be_read_does_not_count(journal: Journal, text: str) -> None:
    journal.note(REGION, "owner", NOTE)
    assert journal.folder is not None
    (file,) = journal.folder.iterdir()
    file.write_text(text, encoding="latin-1")
    assert journal.find(REGION, "owner") == []
    journal.note(REGION, "owner", NOTE)
    assert journal.find(REGION, "owner") == [NOTE]


def test_where_nothing_can_be_written_it_goes_on_without(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    for journal in (Journal(taken / "creates"), NO_JOURNAL):
        journal.note(REGION, "owner", NOTE)
        assert journal.find(REGION, "owner") == []
        journal.forget(REGION, "owner")
        journal.settle(REGION, "owner", "dsw-1")


def test_it_is_in_the_pulumi_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    assert Journal.at_home().folder == tmp_path / "paidsw" / "creates"
    monkeypatch.delenv("PULUMI_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    assert Journal.at_home("x") == Journal(tmp_path / "user" / ".pulumi" / "paidsw" / "creates", "x")


def test_without_a_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert Journal.at_home().folder is None
