"""Packages and CLI are got at the same time, once, under one lock."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from paidsw.setup import engine, layout, packages
from paidsw.setup.console import SetupError
from paidsw.setup.prepare import prepare
from tests.support.waiting import PATIENCE


class Machine:
    """Stand-ins for what gets packages and CLI."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.got: set[str] = set()
        self.linked = 0
        self.jobs: dict[str, Callable[[], None]] = {"packages": lambda: None, "CLI": lambda: None}
        monkeypatch.setattr(packages, "ready", lambda root, kind: "packages" in self.got)
        monkeypatch.setattr(engine, "ready", lambda root, environ: True if "CLI" in self.got else None)
        monkeypatch.setattr(packages, "prepare", lambda root, kind, environ, keep: self._get("packages"))
        monkeypatch.setattr(engine, "prepare", lambda root, environ: self._get("CLI"))
        monkeypatch.setattr(engine, "link", self._link)

    def _get(self, name: str) -> None:
        self.jobs[name]()
        self.got.add(name)

    def _link(self, root: Path, environ: Mapping[str, str]) -> None:
        assert self.got == {"packages", "CLI"}, "a link into the environment needs the environment"
        self.linked += 1


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_both_are_got_at_the_same_time(machine: Machine, tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet() -> None:
        both.wait()

    machine.jobs = {"packages": meet, "CLI": meet}
    prepare(tmp_path, "run", {})
    assert machine.linked == 1


def test_nothing_is_locked_or_run_when_both_are_there(machine: Machine, tmp_path: Path) -> None:
    machine.got = {"packages", "CLI"}
    prepare(tmp_path, "run", {})
    assert machine.linked == 1
    assert not layout.tools(tmp_path).exists()


def test_checks_need_no_cli(machine: Machine, tmp_path: Path) -> None:
    prepare(tmp_path, "dev", {}, cli=False)
    assert machine.got == {"packages"}
    assert machine.linked == 0


@pytest.mark.parametrize("failing", ["packages", "CLI"])
def test_what_fails_is_reported_and_nothing_is_linked(machine: Machine, tmp_path: Path, failing: str) -> None:
    def fail() -> None:
        raise SetupError(f"no {failing}")

    machine.jobs[failing] = fail
    with pytest.raises(SetupError, match=f"no {failing}"):
        prepare(tmp_path, "run", {})
    assert machine.linked == 0
    machine.jobs[failing] = lambda: None
    prepare(tmp_path, "run", {})
    assert machine.linked == 1


@pytest.mark.skipif(
    layout.WINDOWS, reason="there every drive has the colon, and no folder can have the semicolon"
)
def test_a_folder_that_path_cannot_hold_is_refused_at_once(tmp_path: Path) -> None:
    root = tmp_path / "a:b"
    root.mkdir()
    with pytest.raises(
        SetupError, match=r"a:b can't hold an environment: ':' separates .* rename the folder"
    ):
        prepare(root, "run", {})
    assert not list(root.iterdir())
