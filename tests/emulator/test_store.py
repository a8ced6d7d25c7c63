"""The state on disk: it survives everything, and what can't be used is refused in one sentence."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from darabonba.exceptions import DaraException

from paidsw.emulator.account import open_account
from paidsw.emulator.aiworkspace.models import Workspace
from paidsw.emulator.codec import decode, encode
from paidsw.emulator.errors import ApiError, EmulatorError
from paidsw.emulator.state import Settings, State
from paidsw.emulator.store import FILE, FORMAT, Store
from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import Cloud


def cloud_of(emulator: Emulator) -> Cloud:
    return Cloud(emulator)


def filled(folder: Path) -> str:
    """Makes an instance with everything on it and stops the emulator; the state's text."""
    with running_emulator(folder) as emulator:
        cloud = cloud_of(emulator)
        made = cloud.create()
        cloud.set_timer(made, 4)
        cloud.set_culler(made, 30)
        emulator.clock.advance(minutes=10)
        return encode(emulator.state())


def test_all_is_there_again(tmp_path: Path) -> None:
    before = filled(tmp_path)
    with running_emulator(tmp_path) as emulator:
        assert encode(emulator.state()) == before
        cloud = cloud_of(emulator)
        assert cloud.names() == ["notebook"]
        emulator.clock.advance(hours=5)
        assert cloud.status(emulator.instances[0].id) == "Stopped"


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    filled(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_nothing_is_left_beside_it(tmp_path: Path) -> None:
    filled(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_every_member_survives(tmp_path: Path) -> None:
    state = decode(State, filled(tmp_path))
    assert encode(state) == encode(decode(State, encode(state)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format":1}',
        '{"format":"1","state":{}}',
        '{"format":1,"state":{"x":1}}',
        '{"format":1,"state":{"instances":3}}',
        '{"format":1,"state":{"clock":{"at":"now"}}}',
        "\ufeff{}",
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(EmulatorError) as error:
        open_account(tmp_path)
    sentence = str(error.value)
    assert "is damaged; delete it, or run `dsw emulator reset`" in sentence
    assert "\n" not in sentence
    assert (tmp_path / FILE).read_text("utf-8") == text


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EmulatorError, match="is damaged"):
        open_account(tmp_path)


def test_a_newer_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"format": FORMAT + 1, "state": {"new": 1}}))
    with pytest.raises(EmulatorError, match=f"newer version .format {FORMAT + 1}, this one knows {FORMAT}"):
        open_account(tmp_path)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(EmulatorError, match="can't be read"):
        open_account(tmp_path)


def test_a_full_disk_fails_the_call_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_emulator(tmp_path) as emulator:
        cloud = cloud_of(emulator)
        space = cloud.workspace()
        before = (tmp_path / FILE).read_bytes()

        def full(*_: Any) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(DaraException) as error:
            cloud.create(workspace=space)
        assert error.value.status_code == 500
        assert "No space left on device): nothing was changed" in error.value.message
        assert cloud.names() == []
        monkeypatch.undo()
        assert (tmp_path / FILE).read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == [FILE]
        cloud.create(workspace=space)
    with running_emulator(tmp_path) as emulator:
        assert cloud_of(emulator).names() == ["notebook"]


def test_a_full_disk_fails_the_clock_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_emulator(tmp_path) as emulator:
        at = emulator.clock.now_ms()

        def full(*_: Any) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Exception, match="nothing was changed"):
            emulator.clock.advance(hours=1)
        assert emulator.clock.now_ms() == at


def test_on_a_full_disk_it_still_says_that_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_emulator(tmp_path) as emulator:

        def full(*_: Any) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        assert emulator.control("GET", "status")
        with pytest.raises(ApiError, match="No space left"):
            emulator.control("POST", "clock", advance=3600)


def test_an_unchanged_state_is_not_written_again(tmp_path: Path) -> None:
    keeper = Store(tmp_path)
    keeper.save(encode(State()))
    (tmp_path / FILE).unlink()
    keeper.save(encode(State()))
    assert not (tmp_path / FILE).exists()
    keeper.save(encode(State(settled=1)))
    assert (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [
        (Settings, {"latency_ms": "1"}, "latency_ms: Input should be a valid integer"),
        (Settings, {"strict_update": 1}, "strict_update: Input should be a valid boolean"),
        (Settings, {"latency_ms": True}, "latency_ms: Input should be a valid integer"),
        (Settings, {"durations": {"Creating": "1"}}, "durations.Creating: Input should be a valid number"),
        (Settings, {"durations": {"Sleeping": 1}}, "durations must be one of"),
        (Settings, {"sold_out": [1]}, "sold_out.0: Input should be a valid string"),
        (Settings, {"none": 1}, "none: Unexpected keyword argument"),
        (Settings, {"when_sold_out": "cry"}, "queue, fail, refuse"),
        (Workspace, {"id": "1"}, "region is missing"),
        (State, {"trial": {"claimed_at": "x"}}, "trial.claimed_at: Input should be a valid integer"),
    ],
)
def test_values_are_checked_against_their_types(kind: type, value: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        decode(kind, json.dumps(value))
