"""`dsw emulator`: start, status, reset, stop."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from pathlib import Path

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cli.rehearsal import Rehearsal
from paidsw.core.properties import SECRET, SIGNATURE
from paidsw.core.redaction import MASK
from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.emulator.hosts import DEFAULT_PORT
from paidsw.emulator.store import FILE as STATE_FILE
from paidsw.rules.rule import WORKSPACE_TYPE
from tests.support.command import Project, free_port
from tests.support.processes import running
from tests.support.samples import REGION
from tests.support.waiting import PATIENCE, until


def control(project: Project) -> Control:
    running = process.status(project.root / ".rehearsal" / "emulator")
    assert running is not None
    return running.control()


def test_start_status_and_stop(project: Project) -> None:
    started = project.dsw("emulator", "start")
    assert started.code == 0
    assert f"http://127.0.0.1:{project.port}/_emulator/" in started.out

    status = project.dsw("emulator", "status")
    assert status.code == 0
    assert re.search(r"its time \d{4}-\d\d-\d\d \d\d:\d\d$", status.out, re.MULTILINE)
    assert "In the emulator: nothing." in status.out
    assert "Bill: 0.00 yuan" in status.out

    found = json.loads(project.dsw("emulator", "status", "--json").out)
    assert (found["url"], found["live"], found["bill"]) == (f"http://127.0.0.1:{project.port}", [], 0)

    assert project.dsw("emulator", "stop").out == "Stopped; its state stays.\n"
    stopped = project.dsw("emulator", "status")
    assert stopped.code == ExitCode.FAILED
    assert stopped.out == "It isn't running. Start it: dsw emulator start\n"
    nowhere = project.dsw("emulator", "status", "--json")
    assert (nowhere.code, json.loads(nowhere.out)["url"]) == (ExitCode.FAILED, None)
    assert project.dsw("emulator", "stop").out == "It wasn't running.\n"


def test_names_that_the_state_keeps_as_secrets_are_not_shown(project: Project) -> None:
    project.dsw("emulator", "start")
    place = control(project).default_workspace(REGION)
    assert "default_cn_wulanchabu" in project.dsw("emulator", "status").out
    urn = f"urn:pulumi:dev::dsw-free-tier::{WORKSPACE_TYPE}::n"
    inputs = {"workspaceName": {SIGNATURE: SECRET, "ciphertext": "v1:a:b"}}
    resource = {"urn": urn, "type": WORKSPACE_TYPE, "id": place, "custom": True, "inputs": inputs}
    file = Rehearsal(project.root).checkpoint.path
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": [resource]}}}))
    for arguments in (["status"], ["status", "--json"]):
        shown = project.dsw("emulator", *arguments).out
        assert place in shown
        assert MASK in shown
        assert "default_cn_wulanchabu" not in shown


def test_a_second_start_says_where_it_runs(project: Project) -> None:
    project.dsw("emulator", "start")
    before = control(project).status().pid
    again = project.dsw("emulator", "start", "--port", str(free_port()))
    assert again.code == 0
    assert f":{project.port}" in again.out
    assert control(project).status().pid == before


def test_two_starts_at_once_make_one(project: Project) -> None:
    both = [project.start("emulator", "start") for _ in range(2)]
    printed = [process.communicate(timeout=PATIENCE) for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert printed[0][0] == printed[1][0]
    assert control(project).status().pid not in {process.pid for process in both}


def test_status_lists_what_lives_and_reset_empties_it(project: Project) -> None:
    project.dsw("emulator", "start")
    control(project).default_workspace("cn-beijing")
    assert "workspace" in project.dsw("emulator", "status").out
    assert "  cn-beijing  ENABLED\n" in project.dsw("emulator", "status").out

    assert project.dsw("emulator", "reset").out == "Emptied.\n"
    assert "nothing" in project.dsw("emulator", "status").out


def test_state_outlives_a_stop_and_a_reset_empties_it_then_too(project: Project) -> None:
    project.dsw("emulator", "start")
    control(project).default_workspace("cn-beijing")
    project.dsw("emulator", "stop")
    project.dsw("emulator", "start")
    assert len(control(project).live()) == 1

    project.dsw("emulator", "stop")
    assert project.dsw("emulator", "reset").code == 0
    project.dsw("emulator", "start")
    assert control(project).live() == []


def test_without_a_wish_it_takes_a_free_port_and_keeps_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DSW_EMULATOR_PORT")
    with contextlib.ExitStack() as others:
        held = False
        with contextlib.suppress(OSError):  # another program has it, and may give it back at any moment
            others.enter_context(socket.create_server(("127.0.0.1", DEFAULT_PORT)))
            held = True
        started = project.dsw("emulator", "start").out
    url = control(project).url
    assert f"Emulator at {url} " in started
    assert not held or not url.endswith(f":{DEFAULT_PORT}")
    project.dsw("emulator", "stop")
    assert f"Emulator at {url} " in project.dsw("emulator", "start").out


def test_the_option_comes_before_the_variable(project: Project) -> None:
    chosen = free_port()
    assert f":{chosen} " in project.dsw("emulator", "start", "--port", str(chosen)).out


def test_a_strangers_port_is_one_sentence(project: Project) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", project.port))
        stranger.listen()
        refused = project.dsw("emulator", "start")
    assert refused.code == ExitCode.FAILED
    assert refused.out == ""
    assert refused.err.startswith("error: ")
    assert str(project.port) in refused.err
    assert len(refused.err.splitlines()) == 1
    assert project.dsw("emulator", "status").code == ExitCode.FAILED


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "\u0668\u0667", "1e3", " "])
def test_a_wrong_port_variable_is_one_sentence(
    project: Project, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DSW_EMULATOR_PORT", value)
    refused = project.dsw("emulator", "start")
    assert refused.code == ExitCode.USAGE
    assert refused.err == f"error: DSW_EMULATOR_PORT is {value!r}; give a number from 1 to 65535\n"


def test_an_empty_port_variable_is_none(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from paidsw.cli.rehearsal import wanted_port

    monkeypatch.setenv("DSW_EMULATOR_PORT", "")
    assert wanted_port() is None


@pytest.mark.parametrize("value", ["0", "70000", "x"])
def test_a_wrong_port_option_is_one_sentence(project: Project, value: str) -> None:
    refused = project.dsw("emulator", "start", "--port", value)
    assert refused.code == ExitCode.USAGE
    assert refused.err == f"error: --port is {value!r}; give a number from 1 to 65535\n"


def test_a_folder_that_cannot_be_made_is_one_sentence(project: Project) -> None:
    (project.root / ".rehearsal").write_text("in the way")
    refused = project.dsw("emulator", "start")
    assert refused.code == ExitCode.FAILED
    assert len(refused.err.splitlines()) == 1
    (project.root / ".rehearsal").unlink()


def test_a_damaged_state_is_one_sentence(project: Project) -> None:
    project.dsw("emulator", "start")
    project.dsw("emulator", "stop")
    folder = project.root / ".rehearsal" / "emulator"
    (folder / STATE_FILE).write_text("{")
    refused = project.dsw("emulator", "start")
    assert refused.code == ExitCode.FAILED
    assert refused.err.startswith("error: ")
    assert len(refused.err.splitlines()) == 1
    assert project.dsw("emulator", "reset").code == 0
    assert project.dsw("emulator", "start").code == 0


def test_a_killed_emulator_is_not_running_and_starts_again(project: Project) -> None:
    project.dsw("emulator", "start")
    pid = control(project).status().pid
    os.kill(pid, 9)
    until(lambda: not running(pid))
    assert project.dsw("emulator", "status").code == ExitCode.FAILED
    assert project.dsw("emulator", "start").code == 0


def test_nothing_is_written_outside_the_rehearsals_folder(project: Project, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    project.dsw("emulator", "start")
    assert {path.name for path in tmp_path.iterdir()} - before == {".rehearsal"}
