"""Kills, restarts and broken disks in the middle of things: nothing is lost, nothing is half done."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.account import open_account
from paidsw.emulator.codec import decode, encode
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.lock import FolderLock, is_held
from paidsw.emulator.state import MAX_SECONDS, Settings, State
from paidsw.emulator.store import FILE, FORMAT, Store, write_atomically
from tests.engine.states import FOLDER as STATES
from tests.engine.states import VERSIONS
from tests.support.account import Account

# Calls as (name, body), and steps of the clock.
CALLS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "timer": ("CreateInstanceShutdownTimer", {"RemainingTimeInMs": 3_600_000}),
    "untimed": ("DeleteInstanceShutdownTimer", None),
    "culler": ("CreateIdleInstanceCuller", {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5}),
    "stop": ("StopInstance", None),
    "start": ("StartInstance", None),
    "grow": ("UpdateInstance", {"CloudDisks": [{"Capacity": "130Gi"}]}),
    "label": ("UpdateInstanceLabels", {"Labels": [{"Key": "a", "Value": "1"}]}),
    "snapshot": ("CreateInstanceSnapshot", {"SnapshotName": "s", "ImageUrl": "r/x:1", "Overwrite": True}),
    "delete": ("DeleteInstance", None),
}
STEP = st.sampled_from([*CALLS]) | st.integers(1, 20_000)


def play(world: Account, made: str, step: str | int) -> int:
    if isinstance(step, int):
        world.advance(step)
        return 200
    name, body = CALLS[step]
    return world.on(name, made, body)[0]


def shape(world: Account) -> dict[str, Any]:
    """The account without the ids that chance makes."""
    state = json.loads(world.text())
    for instance in state["instances"].values():
        for phase in instance["phases"]:
            phase["id"] = ""
        for snapshot in instance["snapshots"]:
            snapshot["id"] = snapshot["image_id"] = ""
        instance["token"] = ""
        instance["events"] = [event["at"] for event in instance["events"]]
    return {
        "instances": [instance | {"id": ""} for instance in state["instances"].values()],
        "usage": [usage | {"instance_id": ""} for usage in state["usage"]],
        "images": [image | {"id": ""} for image in state["images"].values()],
        "clock": state["clock"],
    }


@settings(max_examples=12)
@given(steps=st.lists(STEP, max_size=8), kills=st.sets(st.integers(0, 8), max_size=4))
def test_a_kill_between_two_calls_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str | int], kills: set[int]
) -> None:
    killed, quiet = Account(tmp_path_factory.mktemp("state")), Account()
    ids = [world.create() for world in (killed, quiet)]
    for number, step in enumerate(steps):
        if number in kills:
            killed.restart()
        assert play(killed, ids[0], step) == play(quiet, ids[1], step)
    killed.restart()
    assert shape(killed) == shape(quiet)
    assert killed.account.bill().total == quiet.account.bill().total


def test_what_was_due_while_it_was_off_happens_at_its_time(tmp_path: Path) -> None:
    world = Account(tmp_path)
    made = world.running()
    world.on("CreateInstanceShutdownTimer", made, {"RemainingTimeInMs": 600_000})
    begin = world.account.now()
    # The clock moved on while nobody served.
    state = json.loads((tmp_path / FILE).read_text())
    state["state"]["clock"]["at"] += 20 * 86_400_000
    (tmp_path / FILE).write_text(json.dumps(state))
    world.restart()
    assert world.on("GetInstance", made)[1]["Status"] == "Stopped"
    stopped = world.the(made).phases[-1]
    assert (stopped.status, stopped.start) == ("Stopped", begin + 630_000)
    assert world.the(made).disk_cleared
    assert world.account.bill().lines[0].minutes == 13


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("where", ["mkstemp", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_refuses_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, where: str, code: int
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code))

    world = Account(tmp_path)
    made = world.running()
    if call == "start":
        world.force(made, "Stopped")
    elif call == "untimed":
        play(world, made, "timer")
    elif call == "grow":
        world.force(made, "Stopped")
    before, disk = world.text(), (tmp_path / FILE).read_bytes()
    with monkeypatch.context() as patch:
        owner = tempfile if where == "mkstemp" else os
        patch.setattr(owner, where, refuse)
        status, answer = world.on(CALLS[call][0], made, CALLS[call][1])
    assert (status, answer["Code"]) == (500, "InternalError")
    assert os.strerror(code) in answer["Message"]
    assert "nothing was changed" in answer["Message"]
    assert world.text() == before
    assert (tmp_path / FILE).read_bytes() == disk
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert play(world, made, call) == 200


def damaged(text: str) -> dict[str, str]:
    """The file's text, spoiled in many ways."""
    document = json.loads(text)

    def changed(change: Callable[[dict[str, Any]], object]) -> str:
        copy = json.loads(text)
        change(copy)
        return json.dumps(copy)

    instance = next(iter(document["state"]["instances"]))
    return {
        "empty": "",
        "cut": text[: len(text) // 2],
        "last byte": text[:-1],
        "two": text + text,
        "null": "null",
        "list": "[]",
        "no state": '{"format": 1}',
        "no format": json.dumps({"state": document["state"]}),
        "format text": changed(lambda d: d.update(format="1")),
        "state list": changed(lambda d: d.update(state=[])),
        "state null": changed(lambda d: d.update(state=None)),
        "unknown member": changed(lambda d: d["state"].update(more=1)),
        "clock missing a kind": changed(lambda d: d["state"]["clock"].update(at="now")),
        "instance without id": changed(lambda d: d["state"]["instances"][instance].pop("id")),
        "instance is a list": changed(lambda d: d["state"]["instances"].update({instance: []})),
        "a phase is null": changed(lambda d: d["state"]["instances"][instance]["phases"].append(None)),
        "a switch of another world": changed(lambda d: d["state"]["settings"].update(timer_exists="maybe")),
        "a region of another world": changed(lambda d: d["state"]["settings"].update(home_region="mars")),
        "true for a number": changed(lambda d: d["state"].update(settled=True)),
        "a fraction for a time": changed(lambda d: d["state"].update(settled=1.5)),
    }


KINDS = (
    *("empty", "cut", "last byte", "two", "null", "list", "no state", "no format", "format text"),
    *("state list", "state null", "unknown member", "clock missing a kind", "instance without id"),
    *("instance is a list", "a phase is null", "a switch of another world", "a region of another world"),
    *("true for a number", "a fraction for a time"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_state_is_one_sentence_and_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    Account(tmp_path).running()
    text = damaged((tmp_path / FILE).read_text())[kind]
    (tmp_path / FILE).write_text(text)
    with pytest.raises(EmulatorError, match="is damaged; delete it, or run `dsw emulator reset`") as error:
        open_account(tmp_path)
    assert "\n" not in str(error.value)
    # What is there may be fixed by hand.
    assert (tmp_path / FILE).read_text() == text


@settings(max_examples=20)
@given(cut=st.floats(0, 0.999))
def test_any_part_of_a_state_is_no_state(tmp_path_factory: pytest.TempPathFactory, cut: float) -> None:
    folder = tmp_path_factory.mktemp("part")
    Account(folder)
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text[: int(len(text) * cut)])
    with pytest.raises(EmulatorError, match="is damaged"):
        open_account(folder)


def filled(spec: dict[str, Any]) -> dict[str, Any]:
    """What is set in it; later versions also write what isn't."""
    return {name: value for name, value in spec.items() if value is not None}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_state_of_an_earlier_version_is_continued(tmp_path: Path, version: str) -> None:
    text = (STATES / version / "account.json").read_text()
    (tmp_path / FILE).write_text(text)
    account = open_account(tmp_path)
    before, now = json.loads(text)["state"], json.loads(encode(account.state))
    for old, new in zip(before.pop("instances").values(), now.pop("instances").values(), strict=True):
        assert filled(old.pop("spec")).items() <= filled(new.pop("spec")).items()
        assert old == new
    assert before.pop("settings").items() <= now.pop("settings").items()
    assert {name: now[name] for name in before} == before
    # What earlier versions didn't know is empty.
    assert now["taken_names"] == []
    assert [thing.kind for thing in account.live()] == ["instance", "workspace"]
    # What it says doesn't change by being written again.
    account.advance(3600)
    account.commit()
    again = open_account(tmp_path)
    assert again.state == account.state
    assert again.bill() == account.bill()


@pytest.mark.parametrize("format_", [FORMAT + 1, 99])
def test_a_newer_state_is_left_to_the_newer_version(tmp_path: Path, format_: int) -> None:
    (tmp_path / FILE).write_text(json.dumps({"format": format_, "state": {"other": 1}}))
    with pytest.raises(EmulatorError, match=f"newer version \\(format {format_}, this one knows {FORMAT}\\)"):
        open_account(tmp_path)


@pytest.mark.parametrize("was", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_frozen_clock_stays_frozen(tmp_path: Path, was: bool, wanted: bool) -> None:
    open_account(tmp_path, frozen=was)
    again = open_account(tmp_path, frozen=wanted)
    assert again.state.clock.frozen is (was or wanted)


def test_settings_of_the_start_are_for_a_new_account_only(tmp_path: Path) -> None:
    open_account(tmp_path, settings=Settings(strict_delete=True))
    again = open_account(tmp_path, settings=Settings(strict_delete=False))
    assert again.state.settings.strict_delete is True


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    write_atomically(path, "old")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_rollback_goes_back_to_the_last_commit_or_checkpoint(tmp_path: Path, on_disk: bool) -> None:
    account = open_account(tmp_path if on_disk else None, frozen=True)
    account.state.settled = 5
    account.commit()
    account.state.settled = 6
    account.state.settings.sold_out.append("x")
    account.rollback()
    assert (account.state.settled, account.state.settings.sold_out) == (5, [])
    account.state.settings.sold_out.append("y")
    account.checkpoint()
    account.state.settled = 7
    account.rollback()
    assert (account.state.settled, account.state.settings.sold_out) == (5, ["y"])


def test_what_was_loaded_is_what_was_saved(tmp_path: Path) -> None:
    state = State(settled=5)
    Store(tmp_path).save(encode(state))
    keeper = Store(tmp_path)
    assert keeper.load() == state
    # To continue from it unchanged writes nothing.
    (tmp_path / FILE).unlink()
    keeper.save(encode(state))
    assert not (tmp_path / FILE).exists()


# --- two processes ---

HOLD = """
import sys
from pathlib import Path
from paidsw.emulator.lock import FolderLock
with FolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_one_process_holds_a_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert is_held(tmp_path)
        with pytest.raises(EmulatorError, match="another emulator uses the folder"), FolderLock(tmp_path):
            pass
        # A killed process leaves no lock behind.
        other.kill()
        other.wait()
    assert not is_held(tmp_path)
    with FolderLock(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


def test_a_lock_that_was_refused_holds_nothing_back(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        for _ in range(3):
            with pytest.raises(EmulatorError), FolderLock(tmp_path):
                pass
        assert is_held(tmp_path)
    with FolderLock(tmp_path):
        pass


def test_a_folder_that_was_never_used_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
    assert not (tmp_path / "none").exists()


# --- text and back ---

SETTINGS = st.builds(
    Settings,
    latency_ms=st.integers(),
    durations=st.dictionaries(st.sampled_from(["Creating", "Stopping"]), st.floats(0, MAX_SECONDS)),
    strict_update=st.booleans(),
    sold_out=st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    user_config=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers() | st.none()),
)


@settings(max_examples=50)
@given(SETTINGS)
def test_settings_come_back_as_they_were(found: Settings) -> None:
    assert decode(Settings, encode(found)) == found
