"""Which cloud --emulator and --emulator-url choose."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from paidsw.cli.connection import connect
from paidsw.cli.errors import CliError, UsageError
from paidsw.cloud import DswClient
from paidsw.cloud.emulated import EmulatorGone
from paidsw.core.record import read
from paidsw.emulator import process
from tests.support.command import Project, free_port


def test_without_either_it_is_the_real_one(tmp_path: Path) -> None:
    assert connect(tmp_path, False, None).emulator is None


def test_an_address_is_taken_as_it_is(tmp_path: Path) -> None:
    assert connect(tmp_path, False, "http://127.0.0.1:9").emulator == "http://127.0.0.1:9"
    with pytest.raises(UsageError, match="is not on this machine; its address starts with"):
        connect(tmp_path, False, "http://example.com")


def test_the_rehearsals_own_must_run(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="the rehearsal's emulator doesn't run; start it with"):
        connect(tmp_path, True, None)


def test_the_rehearsals_own_is_followed_and_never_confused(project: Project, tmp_path: Path) -> None:
    """The command looks for a while; meanwhile the emulator moves to another port, or stops."""
    project.dsw("emulator", "start")
    cloud = connect(project.root, True, None)
    assert cloud.emulator == str(project.emulator.resolve())

    async def instances() -> list[object]:
        return [*await DswClient(cloud, "cn-wulanchabu").all_instances()]

    assert asyncio.run(instances()) == []
    project.dsw("emulator", "stop")
    project.dsw("emulator", "start", "--port", str(free_port()))
    assert asyncio.run(instances()) == []

    project.dsw("emulator", "stop")
    with Elsewhere(tmp_path, project) as other:
        assert other.control().live() == []
        with pytest.raises(EmulatorGone):
            asyncio.run(instances())


class Elsewhere:
    """Another rehearsal, on the port that one had."""

    def __init__(self, place: Path, before: Project) -> None:
        self._folder = place / "elsewhere"
        self._before = before

    def __enter__(self) -> process.Running:
        record = read(self._before.emulator)
        assert record is not None
        return process.start(self._folder, record.port)

    def __exit__(self, *_: object) -> None:
        process.stop(self._folder)
