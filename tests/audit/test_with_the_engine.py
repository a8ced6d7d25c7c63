"""States as the real engine exports them: what a run made, and what it made and the state lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.__main__ import main
from paidsw.emulator.testing import Emulator
from tests.support.cloud import HOME
from tests.support.engine import Stack

pytestmark = pytest.mark.engine


def export(stack: Stack, target: Path) -> Path:
    outcome = stack.run("stack", "export", "--stack", "dev", "--file", str(target))
    assert outcome.code == 0, outcome.text
    return target


def dsw(command: str, emulator: Emulator, *more: object) -> int:
    return main([command, "--emulator-url", emulator.url, "--region", HOME, *map(str, more)])


def unwrapped(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, however wide the terminal is."""
    return " ".join(capsys.readouterr().out.split())


def test_a_run_is_declared_until_its_state_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cloud: Emulator, launch_folder: Path
) -> None:
    (tmp_path / "stack").mkdir()
    stack = Stack(tmp_path / "stack", cloud, launch_folder=launch_folder)
    before = export(stack, tmp_path / "before.json")
    stack.up()
    after = export(stack, tmp_path / "after.json")

    assert dsw("audit", cloud, "--state", after) == 0
    assert "ours, declared" in unwrapped(capsys)
    assert dsw("release", cloud, "--undeclared", "--state", after, "--yes") == 0
    assert len(cloud.instances) == 1

    assert dsw("audit", cloud, "--state", before) == 0
    assert "Running, of another state, " in unwrapped(capsys)
    assert dsw("release", cloud, "--undeclared", "--state", before, "--yes") == 3
    assert len(cloud.instances) == 1

    assert stack.run("state", "delete", stack.instance()["urn"], "--stack", "dev", "--yes").code == 0
    lost = export(stack, tmp_path / "lost.json")
    cloud.clock.advance(60)
    named = ("--running", cloud.instances[0].id)
    assert dsw("audit", cloud, "--state", lost) == 1
    assert "made by this stack, and not in its state" in unwrapped(capsys)
    assert dsw("release", cloud, "--undeclared", "--state", lost, "--yes") == 1
    assert len(cloud.instances) == 1
    assert dsw("release", cloud, "--undeclared", "--state", lost, "--yes", *named) == 0
    assert cloud.instances == []

    assert dsw("audit", cloud, "--state", after) == 1
    assert "it isn't there any more" in unwrapped(capsys)
    stack.do("destroy", "--yes", "--skip-preview")
    assert cloud.live() == []
