"""Which port an emulator takes, and whose a folder's emulator is when the folder was copied, moved or deleted."""

from __future__ import annotations

import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paidsw.core.record import FILE, Record
from paidsw.emulator import process
from paidsw.emulator.__main__ import ports_to_try
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.hosts import DEFAULT_PORT
from paidsw.emulator.lock import FolderLock
from tests.support.cloud import sdk
from tests.support.command import free_port
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("forked_emulator")


class TestPorts:
    """The usual port, the last one, any: and one that is asked for is that one or none."""

    def test_the_last_one_comes_first(self, folder: Path) -> None:
        assert ports_to_try(folder) == [DEFAULT_PORT, 0]
        port = free_port()
        process.start(folder, port)
        process.stop(folder)
        assert ports_to_try(folder) == [port, DEFAULT_PORT, 0]
        assert process.start(folder).url == f"http://127.0.0.1:{port}"

    def test_a_last_one_that_is_taken_is_left(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "ASK_SECONDS", 0.5)
        port = free_port()
        process.start(folder, port)
        process.stop(folder)
        with socket.create_server(("127.0.0.1", port)):
            found = process.start(folder)
            assert found.url != f"http://127.0.0.1:{port}"
        process.stop(folder)
        assert process.start(folder).url == found.url

    def test_two_that_start_at_once_get_one_each(self, tmp_path: Path) -> None:
        folders = [tmp_path / name for name in "abc"]
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(process.start, folders))
        try:
            assert len({running.url for running in found}) == 3
            for folder, running in zip(folders, found, strict=True):
                found_again = process.status(folder)
                assert found_again is not None
                assert found_again.status.nonce == running.status.nonce
        finally:
            for folder in folders:
                process.stop(folder)

    def test_one_that_is_asked_for_is_no_other(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as stranger:
            port = stranger.getsockname()[1]
            with pytest.raises(EmulatorError, match=f"^port {port} is in use by another program; [^.]*$"):
                process.start(folder, port)


class TestFolders:
    """A copied or moved folder brings the record of another."""

    def test_a_copy_starts_its_own_and_leaves_the_other(self, folder: Path, tmp_path: Path) -> None:
        first = process.start(folder)
        sdk(first.url).workspace()
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        assert process.status(copy) is None
        assert process.stop(copy) is False
        second = process.start(copy)
        try:
            assert second.status.pid != first.status.pid
            process.reset(copy)
            assert process.account(copy).live == []
            assert len(process.account(folder).live) == 1
        finally:
            process.stop(copy)
        assert process.status(folder) is not None

    def test_one_that_was_moved_while_it_ran_continues_in_the_new_place(
        self, folder: Path, tmp_path: Path
    ) -> None:
        first = process.start(folder)
        made = sdk(first.url).workspace()
        moved = tmp_path / "moved"
        folder.rename(moved)
        assert process.status(moved) is None
        second = process.start(moved)
        try:
            assert second.status.pid != first.status.pid
            assert Path(second.status.folder) == moved
            assert [thing.id for thing in second.control().live()] == [made]
        finally:
            process.stop(moved)

    def test_one_whose_folder_was_deleted_ends(self, folder: Path) -> None:
        """As with a checkout that is thrown away: nobody would find it again."""
        process.start(folder)
        shutil.rmtree(folder)
        child = process.children[-1]
        assert child.wait(PATIENCE) == 0

    def test_a_process_of_another_host_is_never_killed(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a container that shares the folder the number means another process."""
        monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
        with FolderLock(folder), subprocess.Popen(["sleep", "60"]) as bystander:
            record = Record(bystander.pid, free_port(), "n", str(folder), "elsewhere")
            (folder / FILE).write_text(record.text())
            with pytest.raises(EmulatorError, match="runs on elsewhere and does not answer here"):
                process.stop(folder)
            assert bystander.poll() is None
            bystander.terminate()
