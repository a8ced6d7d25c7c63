"""A project, a cloud and a provider of its own for every test that asks; none outlives the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.cli.check import gate
from paidsw.emulator import process
from tests.support.command import Project
from tests.support.gate import Previews


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output as in a pipe, whatever the width and colors of the one who runs the tests."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(
    tmp_path: Path,
    forked_emulator: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Project]:
    made = Project(tmp_path, capsys)
    monkeypatch.setenv("DSW_EMULATOR_PORT", str(made.port))
    yield made
    process.stop(tmp_path / ".rehearsal" / "emulator")


@pytest.fixture
def previews(monkeypatch: pytest.MonkeyPatch) -> Previews:
    """A check without an engine."""
    made = Previews()
    monkeypatch.setattr(gate, "previews", made)
    return made
