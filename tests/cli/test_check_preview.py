"""Runs of `pulumi` for previews, with a program in its place."""

from __future__ import annotations

import json
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from paidsw.cli.check import preview
from paidsw.cli.check.preview import Preview, Stack, Task, _Engine, _events, _pool, previews
from paidsw.cli.errors import CliError
from paidsw.cli.rehearsal import Rehearsal
from paidsw.core.stack_file import ConfigFile
from tests.support.waiting import PATIENCE, until

# Says what it was asked, or waits for an interrupt.
PULUMI = """\
#!{python}
import json, os, signal, sys, time
if "{waits}" in sys.argv:
    open("waiting", "w").close()
    try:
        time.sleep({patience})
    except KeyboardInterrupt:
        open("interrupted", "w").close()
        sys.exit(1)
print(json.dumps({{"policyEvent": {{"arguments": sys.argv[1:], "home": os.environ.get("PULUMI_HOME")}}}}))
print("no event")
print("[1]")
print("words", file=sys.stderr)
sys.exit(3)
"""


@pytest.fixture
def engine(tmp_path: Path) -> _Engine:
    program = tmp_path / "pulumi"
    program.write_text(PULUMI.format(python=sys.executable, waits="--stack=slow", patience=PATIENCE))
    program.chmod(0o755)
    return _Engine(str(program), {"PULUMI_HOME": "here"}, tmp_path)


def test_events_code_and_errors_are_the_engines(engine: _Engine) -> None:
    found = engine.preview("-x", ["--policy-pack", "p"])
    (event,) = found.of("policyEvent")
    assert event["arguments"] == [
        "preview",
        "--stack=-x",
        "--json",
        "--non-interactive",
        "--policy-pack",
        "p",
    ]
    assert event["home"] == "here"
    assert (found.code, found.errors) == (3, "words\n")
    assert list(found.of("diagnosticEvent")) == []


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\x0b", "\x1e"])
def test_an_event_ends_where_its_line_does(end: str) -> None:
    events = [{"policyEvent": {"message": f"a{end}b"}}, {"preludeEvent": {}}]
    written = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in events)
    assert list(_events(f"no event\n{written}")) == events


@pytest.mark.parametrize("line", ['{"policyEvent": ', '{"a": ' + "[" * 100_000, '{"a": 1' + "0" * 5000 + "}"])
def test_an_event_that_can_not_be_read_is_an_error(line: str) -> None:
    with pytest.raises(
        CliError, match="the engine says something of a resource that can't be read; use shorter"
    ):
        list(_events(f'{{"preludeEvent": {{}}}}\n{line}\n'))


def test_a_stack_that_cannot_be_made_is_an_error(engine: _Engine) -> None:
    with pytest.raises(CliError, match="`pulumi stack init` failed: words"):
        engine.make("dev")


def test_a_preview_that_does_not_end_is_ended(engine: _Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "LONGEST_MINUTES", 0)
    with pytest.raises(CliError, match="the preview of stack slow took more than 0 minutes"):
        engine.preview("slow", [])
    assert engine._running == set()


def test_what_runs_when_a_check_ends_early_is_ended_too(
    engine: _Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "INTERRUPT_SECONDS", 0)
    running: list[Future[Preview]] = []

    def check() -> None:
        with _pool(engine) as pool:
            running.extend(pool.submit(engine.preview, "slow", []) for _ in range(5))
            until(lambda: bool(engine._running))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check()
    assert engine._running == set()
    assert all(one.done() for one in running)
    with pytest.raises(CliError, match="the check has ended"):
        engine.preview("slow", [])


def test_a_stack_that_cannot_be_previewed_does_not_hide_the_others(
    engine: _Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "rehearsal").mkdir(parents=True)
    (checkout / "rehearsal" / "Pulumi.yaml").write_text(
        "name: x\nruntime: {name: python, options: {}}\nplugins: {providers: [{name: x, path: y}]}\n"
    )
    (checkout / "Pulumi.yaml").write_text("name: x\n")
    (checkout / "Pulumi.dev.yaml").write_text("config: {}\n")
    program = tmp_path / "pulumi"
    program.write_text(program.read_text().replace("sys.exit(3)", "sys.exit('--stack=broken' in sys.argv)"))
    monkeypatch.setattr(Rehearsal, "pulumi", lambda _: str(program))
    task = Task(checkout, ConfigFile.project(checkout / "Pulumi.yaml"), "x", checkout)
    stacks = [Stack(name, checkout / "Pulumi.dev.yaml") for name in ("broken", "dev", "other")]
    broken, *others = previews(task, stacks)
    assert (broken.events, broken.errors) == ((), "`pulumi stack init` failed: words")
    assert broken.code != 0
    assert [one.code for one in others] == [0, 0]
    for name, one in zip(("dev", "other"), others, strict=True):
        (event,) = one.of("policyEvent")
        assert f"--stack={name}" in event["arguments"]
    assert list((checkout / ".rehearsal").iterdir()) == []
