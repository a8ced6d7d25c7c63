"""`dsw release`: what changes between the question and the delete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cloud import DswClient, Instance
from tests.cli.test_release import left, release, writes
from tests.cli.test_release_evidence import FOREIGN, OWNED, owned, undeclared, world
from tests.support.audited import (
    URN,
    AuditedAccount,
    instance_resource,
    owner_resource,
    state,
)

__all__ = ["undeclared", "world"]


class TestWhatChangesMeanwhile:
    """The last look, right before a delete."""

    @pytest.fixture
    def made(self, world: AuditedAccount) -> str:
        return world.put(1, labels=OWNED)

    def released(
        self,
        world: AuditedAccount,
        undeclared: Callable[..., int],
        monkeypatch: pytest.MonkeyPatch,
        happens: Callable[[], object],
    ) -> int:
        def answer(_: str) -> str:
            happens()
            return "release"

        monkeypatch.setattr("builtins.input", answer)
        return undeclared(owned(world), ask=True)

    @pytest.mark.parametrize("declares_it", [True, False])
    def test_the_state(
        self,
        world: AuditedAccount,
        undeclared: Callable[..., int],
        made: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        declares_it: bool,
    ) -> None:
        text = owned(world, instance_resource(made)) if declares_it else owned(world, owner_id="f" * 12)
        write = lambda: (tmp_path / "stack.json").write_text(text, encoding="utf-8")  # noqa: E731
        assert self.released(world, undeclared, monkeypatch, write) == ExitCode.FOUND
        assert (left(world), writes(world)) == ({made}, [])

    def test_a_state_with_a_create_under_way(
        self,
        world: AuditedAccount,
        undeclared: Callable[..., int],
        made: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        text = state(owner_resource(), emulator=world.emulator.url, pending=(URN,))
        write = lambda: (tmp_path / "stack.json").write_text(text, encoding="utf-8")  # noqa: E731
        assert self.released(world, undeclared, monkeypatch, write) == ExitCode.FOUND
        assert "the create of notebook is under way" in capsys.readouterr().out
        assert (left(world), writes(world)) == ({made}, [])

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("Running", "it runs, and nobody said by its id"),
            ("Starting", "it is Starting, so somebody may be"),
        ],
    )
    def test_somebody_starts_it(
        self,
        world: AuditedAccount,
        undeclared: Callable[..., int],
        made: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        status: str,
        words: str,
    ) -> None:
        start = lambda: world.change(made, lambda one: setattr(one, "status", status))  # noqa: E731
        assert self.released(world, undeclared, monkeypatch, start) == ExitCode.FOUND
        assert f"{made}: not deleted: {words}" in capsys.readouterr().out
        assert (left(world), writes(world)) == ({made}, [])

    def test_another_state_claims_it(
        self,
        world: AuditedAccount,
        undeclared: Callable[..., int],
        made: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        claim = lambda: world.change(made, lambda one: one.labels.update(FOREIGN))  # noqa: E731
        assert self.released(world, undeclared, monkeypatch, claim) == ExitCode.FOUND
        assert f"{made}: not deleted: its labels have changed" in capsys.readouterr().out
        assert left(world) == {made}

    def test_a_named_one_is_started(
        self,
        world: AuditedAccount,
        made: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        real = DswClient.get_instance

        async def started(client: DswClient, instance_id: str) -> Instance:
            world.change(made, lambda one: setattr(one, "status", "Running"))
            return await real(client, instance_id)

        monkeypatch.setattr(DswClient, "get_instance", started)
        assert release(world, made, "--yes") == ExitCode.FOUND
        assert f"{made}: not deleted: it runs, and nobody said by its id" in capsys.readouterr().out
        assert left(world) == {made}
