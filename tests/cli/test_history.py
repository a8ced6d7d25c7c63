"""`dsw events` and `dsw lifecycle` on an emulator: in order, whole, and harmless to a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cli.times import local
from paidsw.cloud import DswClient
from paidsw.core.times import parsed
from paidsw.emulator.dsw.handlers import history
from paidsw.emulator.dsw.models import Event
from paidsw.emulator.testing import Emulator
from tests.support.command import Project
from tests.support.notebooks import HOSTILE, ask, call, change, create, create_foreign, is_harmless
from tests.support.plugin import Plugin
from tests.support.samples import REGION

BOTH = ("events", "lifecycle")
# The emulator's first moment.
BEGIN = local(parsed("2026-01-05T02:00:00Z"))


@pytest.fixture
def notebook(cloud: Emulator, plugin: Plugin) -> str:
    return create(plugin, cloud)


def asked(project: Project, cloud: Emulator, *arguments: str) -> dict[str, Any]:
    shown = ask(project, cloud, *arguments, "--json")
    assert shown.code == 0, shown.err
    document: dict[str, Any] = json.loads(shown.out)
    return document


def stop_and_start(cloud: Emulator, notebook: str) -> None:
    """A day's rest after four hours, and a second session that runs for an hour by now."""
    cloud.activity(notebook, cpu=90, gpu=90)
    cloud.clock.advance(days=1)
    call(cloud, lambda client: client.start_instance(notebook))
    call(cloud, lambda client: client.create_timer(notebook, 3 * 3600))
    cloud.clock.advance(hours=1)


def statuses(session: dict[str, Any]) -> list[str]:
    return [one["status"] for one in session["statuses"]]


def test_a_lifecycle_of_two_sessions(project: Project, cloud: Emulator, notebook: str) -> None:
    stop_and_start(cloud, notebook)
    found = asked(project, cloud, "lifecycle")
    assert (found["region"], found["instanceId"], found["status"]) == (REGION, notebook, "Running")
    assert found["missing"] == []
    first, second = found["sessions"]
    start = ["ResourceAllocating", "EnvPreparing", "Starting", "Running"]
    assert statuses(first) == ["Creating", *start, "Stopping", "Stopped"]
    assert statuses(second) == start
    assert [one["seconds"] for one in first["statuses"][:4]] == [5, 60, 60, 55]
    # Time after a stop isn't part of a session's length, and lasts until the next one begins.
    assert first["until"] == first["statuses"][-1]["since"]
    assert timedelta(seconds=first["seconds"]) == parsed(first["until"]) - parsed(first["since"])
    assert first["statuses"][-1]["until"] == second["since"]
    assert 4 * 3600 < first["seconds"] < 4.2 * 3600
    assert (second["until"], second["seconds"]) == (None, 3600)
    assert second["statuses"][-1]["until"] is None
    assert second["statuses"][-1]["seconds"] == 3600 - 60 - 60 - 55
    each = [one for session in found["sessions"] for one in session["statuses"]]
    assert [one["since"] for one in each[1:]] == [one["until"] for one in each[:-1]]


def test_a_lifecycle_as_text(project: Project, cloud: Emulator, notebook: str) -> None:
    stop_and_start(cloud, notebook)
    shown = ask(project, cloud, "lifecycle")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert lines[0] == f"LLM_Finetune_01 ({notebook}), ecs.gn7i-c8g1.2xlarge"
    assert lines[2].startswith(f"Session 1 of 2: 4 h, from {BEGIN} to ")
    assert lines[3].split() == ["Status", "For", "Since", "Until", "Why"]
    assert " ".join(lines[4].split()) == f"Creating 5 s {BEGIN} {BEGIN}"
    assert "up to now" in lines[-6]
    assert lines[-1].split()[:3] == ["Running", "57", "min"]
    assert lines[-1].endswith("  now")
    assert lines.index(lines[-1]) > lines.index(next(line for line in lines if "Stopped" in line))


def test_why_a_start_failed(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.force(notebook, "Failed", "ImagePullBackOff", "no such image")
    last = asked(project, cloud, "lifecycle")["sessions"][-1]["statuses"][-1]
    assert (last["reasonCode"], last["reasonMessage"]) == ("ImagePullBackOff", "no such image")
    assert " ".join(ask(project, cloud, "lifecycle").out.split()).endswith(
        " now ImagePullBackOff no such image"
    )


def part(cut: Callable[[list[Any]], list[Any]]) -> Callable[..., Any]:
    """A client whose answers about a lifecycle hold only a part."""
    real = DswClient.call

    async def answer(client: DswClient, operation: str, *arguments: Any) -> dict[str, Any]:
        body = await real(client, operation, *arguments)
        return body | {"Lifecycle": cut(body["Lifecycle"])} if operation == "GetLifecycle" else body

    return answer


CUTS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "one session": lambda sessions: sessions[:1],
    "three statuses": lambda sessions: [sessions[0][:3]] if sessions else [],
    "in any order": lambda sessions: [session[::-1] for session in sessions[::-1]],
    "without ends": lambda sessions: [
        [{key: value for key, value in one.items() if key not in ("GmtEndTime", "LifecycleId")} for one in s]
        for s in sessions
    ],
    "empty sessions": lambda sessions: [[], *sessions, []],
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_lifecycle_in_parts_is_put_together(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    stop_and_start(cloud, notebook)
    whole = asked(project, cloud, "lifecycle")
    monkeypatch.setattr(DswClient, "call", part(CUTS[cut]))
    assert asked(project, cloud, "lifecycle") == whole


@pytest.mark.parametrize("most", [1, 2])
def test_a_lifecycle_of_a_cloud_that_answers_with_few_sessions(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for _ in range(3):
        stop_and_start(cloud, notebook)
    whole = asked(project, cloud, "lifecycle")
    assert len(whole["sessions"]) == 4
    monkeypatch.setattr(history, "MOST_SESSIONS", most)
    assert asked(project, cloud, "lifecycle") == whole


def test_a_beginning_that_the_cloud_forgot_is_reported(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_and_start(cloud, notebook)
    kept = "2026-01-05T04:00:00Z"

    def forget(sessions: list[Any]) -> list[Any]:
        return [[one for one in session if one["GmtCreateTime"] > kept] for session in sessions]

    monkeypatch.setattr(DswClient, "call", part(forget))
    (missing,) = asked(project, cloud, "lifecycle")["missing"]
    assert missing.startswith(f"It was created at {BEGIN}, but the cloud has nothing from before ")
    assert ask(project, cloud, "lifecycle").out.endswith(f"\n\n{missing}\n")


def test_an_end_that_the_cloud_does_not_tell_is_reported(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DswClient, "call", part(lambda sessions: [session[1:] for session in sessions]))
    assert asked(project, cloud, "lifecycle")["missing"] == [
        "It is Running now; the cloud doesn't say since when."
    ]


def test_more_than_are_asked_for_is_reported(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_and_start(cloud, notebook)
    monkeypatch.setattr("paidsw.cloud.history.MOST_ANSWERS", 1)
    monkeypatch.setattr(DswClient, "call", part(CUTS["one session"]))
    found = asked(project, cloud, "lifecycle")
    assert len(found["sessions"]) == 1
    assert found["missing"][0].startswith("There may be sessions before 2026-01-06")


def answered(monkeypatch: pytest.MonkeyPatch, operation: str, members: dict[str, Any]) -> None:
    """Let the answers of an operation have other members."""
    real = DswClient.call

    async def answer(client: DswClient, called: str, *arguments: Any) -> dict[str, Any]:
        body = await real(client, called, *arguments)
        return body | members if called == operation else body

    monkeypatch.setattr(DswClient, "call", answer)


def test_events(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.force(notebook, "Failed", "ImagePullBackOff", "no such image")
    found = asked(project, cloud, "events")
    assert (found["region"], found["instanceId"], found["instanceName"]) == (
        REGION,
        notebook,
        "LLM_Finetune_01",
    )
    assert (found["leftOut"], found["mayBeMore"]) == (0, False)
    assert found["events"][0] == {"time": "2026-01-05T02:00:00Z", "text": "INFO status Creating"}
    assert found["events"][-1]["text"] == "ERROR status Failed ImagePullBackOff no such image"
    times = [one["time"] for one in found["events"]]
    assert times == sorted(times)
    lines = ask(project, cloud, "events").out.splitlines()
    assert lines[0].split() == ["Time", "Event"]
    assert lines[1] == f"{BEGIN}  INFO status Creating"
    assert lines[-1].endswith("ERROR status Failed ImagePullBackOff no such image")
    assert len(lines) == len(times) + 1


def test_the_last_events(project: Project, cloud: Emulator, notebook: str) -> None:
    every = asked(project, cloud, "events")["events"]
    found = asked(project, cloud, "events", "--last", "2")
    assert found["events"] == every[-2:]
    assert found["leftOut"] == len(every) - 2 > 0
    shown = ask(project, cloud, "events", "--last", "2").out.splitlines()
    assert shown[-1] == f"{len(every) - 2} earlier events are left out, as --last says."
    assert len(shown) == 4
    assert asked(project, cloud, "events", "--last", "999")["leftOut"] == 0


def test_events_of_a_level(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.force(notebook, "Failed", "X", "y")
    assert [one["text"] for one in asked(project, cloud, "events", "--level", "ERROR")["events"]] == [
        "ERROR status Failed X y"
    ]
    assert len(asked(project, cloud, "events", "--level", "error")["events"]) == 1
    shown = ask(project, cloud, "events", "--level", "warn")
    assert (shown.code, shown.out) == (0, f"LLM_Finetune_01 ({notebook}) has no events of level WARN\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--last", "0"),
        ("--last", "-3"),
        ("--last", "abc"),
        ("--last", "1.5"),
        ("--last", "nan"),
        ("--level", ""),
        ("--level", "\x1b[2J"),
        ("--level", "foo"),
    ],
)
def test_options_that_mean_nothing(
    project: Project, cloud: Emulator, notebook: str, arguments: tuple[str, str]
) -> None:
    before = len(cloud.calls)
    shown = ask(project, cloud, "events", *arguments)
    assert (shown.code, shown.out) == (ExitCode.USAGE, "")
    assert shown.err.startswith(f"error: {arguments[0]} ")
    assert is_harmless(shown.err)
    assert len(cloud.calls) == before


def test_a_level_is_quoted_as_it_was_written(project: Project, cloud: Emulator, notebook: str) -> None:
    shown = ask(project, cloud, "events", "--level", "Foo")
    assert shown.err == "error: --level 'Foo' can't be used; use INFO, WARN, ERROR\n"


def test_events_without_times_keep_their_places(
    project: Project, cloud: Emulator, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["You are using pip version 9.0.1", "2026-01-05T02:00:00Z b", "more", "2026-01-05T03:00:00Z c"]
    answered(monkeypatch, "GetInstanceEvents", {"Events": lines})
    found = asked(project, cloud, "events")["events"]
    assert [one["text"] for one in found] == ["You are using pip version 9.0.1", "b", "more", "c"]
    assert found[2]["time"] is None
    lines = ask(project, cloud, "events").out.splitlines()
    assert lines[3] == "unknown           more"
    assert lines[-1] == "Events without a time are listed where the cloud put them."


def test_as_many_events_as_the_cloud_tells(project: Project, cloud: Emulator, notebook: str) -> None:
    change(cloud, notebook, events=[Event(1_767_578_400_000 + n, "INFO", f"n{n}") for n in range(2100)])
    shown = ask(project, cloud, "events", "--last", "1")
    assert shown.out.splitlines()[1].endswith("INFO n2099")
    assert "1999 earlier events are left out" in shown.out
    assert shown.out.endswith("The cloud returns at most 2000 events; there may be more.\n")
    assert asked(project, cloud, "events")["mayBeMore"]


@pytest.mark.parametrize(("command", "member"), [("events", "events"), ("lifecycle", "phases")])
def test_a_cloud_that_tells_nothing(
    project: Project, cloud: Emulator, notebook: str, command: str, member: str
) -> None:
    change(cloud, notebook, **{member: []})
    shown = ask(project, cloud, command)
    assert shown.code == 0
    assert shown.out.splitlines()[0].startswith(f"LLM_Finetune_01 ({notebook})")
    assert len(shown.out.splitlines()) == 1
    found = asked(project, cloud, command)
    assert found["events" if command == "events" else "sessions"] == []


@pytest.mark.parametrize("command", BOTH)
def test_which_notebook(project: Project, cloud: Emulator, plugin: Plugin, command: str) -> None:
    shown = ask(project, cloud, command)
    assert shown.code == ExitCode.FAILED
    assert f"there is no notebook in {REGION}" in shown.err
    other = create_foreign(cloud, "theirs")
    assert asked(project, cloud, command)["instanceId"] == other
    cloud.force(other, "Stopped")
    own = create(plugin, cloud, sessionHours=1)
    cloud.force(own, "Stopped")
    assert asked(project, cloud, command)["instanceId"] == own
    assert asked(project, cloud, command, other)["instanceId"] == other
    second = create(plugin, cloud, instanceName="second", sessionHours=1)
    shown = ask(project, cloud, command)
    assert shown.code == ExitCode.FAILED
    assert "has several notebooks; give the id of one: " in shown.err
    assert all(one in shown.err for one in (other, own, second))
    assert asked(project, cloud, command, second)["instanceName"] == "second"


@pytest.mark.parametrize("command", BOTH)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dsw-none",), f"there is no 'dsw-none' in {REGION}; see dsw status"),
        (("--region", "cn-beijing"), "there is no notebook in cn-beijing"),
    ],
)
def test_a_notebook_or_a_region_that_is_none(
    project: Project, cloud: Emulator, notebook: str, command: str, arguments: tuple[str, ...], said: str
) -> None:
    for more in ((), ("--json",)):
        shown = ask(project, cloud, command, *arguments, *more)
        assert (shown.code, shown.out) == (ExitCode.FAILED, "")
        assert said in shown.err


@pytest.mark.parametrize("command", BOTH)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--region", "cn-nowhere"), "--region 'cn-nowhere' can't be used; use cn-wulanchabu, "),
        (("--region", ""), "--region '' can't be used"),
        (("a", "b"), "unexpected extra argument"),
    ],
)
def test_a_wrong_command_line(
    project: Project, cloud: Emulator, command: str, arguments: tuple[str, ...], said: str
) -> None:
    shown = ask(project, cloud, command, *arguments)
    assert (shown.code, shown.out, cloud.calls) == (ExitCode.USAGE, "", [])
    assert said in shown.err


@pytest.mark.parametrize(
    ("command", "asks"), [("events", "GetInstanceEvents"), ("lifecycle", "GetLifecycle")]
)
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http-500"},
        {"kind": "permission"},
        {"kind": "not-found"},
        {"kind": "bad-body", "body": "truncated"},
        {"kind": "error", "message": HOSTILE},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_a_cloud_that_fails_is_one_sentence(
    project: Project, cloud: Emulator, notebook: str, command: str, asks: str, fault: dict[str, Any]
) -> None:
    for operation in ("ListInstances", asks):
        cloud.faults.clear()
        cloud.faults.add(operation=operation, times=0, **fault)
        shown = ask(project, cloud, command)
        assert (shown.code, shown.out) == (ExitCode.FAILED, "")
        assert shown.err.startswith(f"error: {operation}: ")
        assert shown.err.count("\n") == 1
        assert is_harmless(shown.err)


@pytest.mark.parametrize(
    ("operation", "member", "value"),
    [
        ("GetInstanceEvents", "Events", 5),
        ("GetLifecycle", "Lifecycle", [[{"Status": "Running"}]]),
        ("GetLifecycle", "Lifecycle", [[{"Status": "Running", "GmtCreateTime": "soon"}]]),
        (
            "GetLifecycle",
            "Lifecycle",
            [[{"Status": "Up", "GmtCreateTime": "0001-01-01T00:00:00Z"}]],
        ),
    ],
)
def test_an_answer_that_cannot_be_read(
    project: Project,
    cloud: Emulator,
    notebook: str,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    member: str,
    value: object,
) -> None:
    answered(monkeypatch, operation, {member: value})
    shown = ask(project, cloud, "events" if member == "Events" else "lifecycle")
    assert (shown.code, shown.out) == (ExitCode.FAILED, "")
    assert f"{operation}: the cloud's answer has no readable " in shown.err


def test_hostile_text_does_nothing_to_the_terminal(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.force(notebook, f"Up{HOSTILE}", HOSTILE, f"because {HOSTILE}")
    change(cloud, notebook, name=HOSTILE)
    for command in BOTH:
        shown = ask(project, cloud, command)
        assert shown.code == 0
        assert "because \ufffd]0;t" in shown.out
        assert is_harmless(shown.out)
        assert is_harmless(ask(project, cloud, command, "--json").out)
    found = asked(project, cloud, "lifecycle")["sessions"][-1]["statuses"][-1]
    assert found["reasonMessage"] == f"because {HOSTILE}"
