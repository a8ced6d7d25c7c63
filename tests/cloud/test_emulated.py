"""An emulator that is named by its folder: found by its record, known by its nonce, believed in nothing else."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from paidsw.cloud import CloudError, Connection, DswClient, NotFound, NotSent, Uncertain
from paidsw.cloud.clock import EmulatorClock
from paidsw.cloud.emulated import Address, EmulatorGone, ask, locate
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.core.emulator_name import is_name
from paidsw.core.record import FILE, NONCE_HEADER, Record, read
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.answering import REGION, Answers, Asked, Reply

WORKSPACE = {"WorkspaceName": "free_tier", "Description": "d", "EnvTypes": ["prod"]}


def status(emulator: Emulator) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(emulator.control("GET", "status"))
    return found


def port_of(emulator: Emulator) -> int:
    return int(emulator.url.rpartition(":")[2])


@contextmanager
def recorded(folder: Path, port: int = 0) -> Iterator[Emulator]:
    """An emulator that has left its record, as one in a process of its own does; the record outlives it."""
    folder.mkdir(exist_ok=True)
    with running_emulator(folder, port=port) as emulator:
        record = Record.of(folder, port_of(emulator), status(emulator)["nonce"])
        (folder / FILE).write_text(record.text())
        yield emulator


def on(folder: Path, work: Callable[[DswClient], Awaitable[Any]]) -> Any:
    async def body() -> Any:
        return await work(DswClient(Connection(str(folder)), REGION))

    return asyncio.run(body())


def get(folder: Path) -> Any:
    return on(folder, lambda client: client.get_instance("dsw-1"))


class TestNames:
    """What can name an emulator."""

    @pytest.mark.parametrize(
        ("name", "local"),
        [
            (".rehearsal/emulator", True),
            ("/tmp/項目 %41 #1/.rehearsal/emulator", True),
            ("http://127.0.0.1:8790", True),
            ("http://10.0.0.1:8790", False),
            ("https://127.0.0.1:8790", False),
            ("127.0.0.1:8790", False),
            ("localhost:8790", False),
            ("emulator", False),
            ("", False),
            ("/tmp/a\0b", False),
        ],
    )
    def test_a_folder_or_an_address_on_this_machine(self, name: str, local: bool) -> None:
        assert is_name(name) is local
        if not local:
            with pytest.raises(ValueError, match="not on this machine"):
                Connection(name)

    def test_an_address_is_taken_as_it_is(self) -> None:
        assert locate("http://127.0.0.1:8790/") == Address("http://127.0.0.1:8790")
        assert Address("http://127.0.0.1:8790").headers == {}

    def test_a_name_below_the_checkout(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """As a moved checkout's state has it."""
        monkeypatch.setattr("paidsw.cloud.emulated.CHECKOUT", tmp_path)
        (tmp_path / "inner").mkdir()
        (tmp_path / "inner" / FILE).write_text(Record.of(tmp_path / "inner", 5, "n").text())
        assert locate("./inner") == Address("http://127.0.0.1:5", "n")


class TestRecords:
    """The record of the folder, and of no other."""

    def test_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(EmulatorGone, match=f"no emulator runs in {tmp_path}; start it with dsw emulator"):
            locate(str(tmp_path))

    def test_only_the_checkouts_own_is_started_by_the_plain_command(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("paidsw.cloud.emulated.CHECKOUT", tmp_path)
        for name in (".rehearsal/emulator", str(tmp_path / ".rehearsal/emulator")):
            with pytest.raises(EmulatorGone) as error:
                locate(name)
            assert str(error.value.advice) == "start it with dsw emulator start"
        with pytest.raises(EmulatorGone) as error:
            locate(str(tmp_path / "elsewhere"))
        assert "or give .rehearsal/emulator and start that one" in str(error.value.advice)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "5",
            '{"pid": 1}',
            '{"pid": 1, "port": "80", "nonce": "n"}',
            '{"pid": true, "port": 80, "nonce": "n"}',
            '{"pid": 1, "port": 0, "nonce": "n"}',
            '{"pid": 1, "port": 70000, "nonce": "n"}',
            '{"pid": 1, "port": 80, "nonce": ""}',
            '{"pid": 1, "port": 80, "nonce": "n", "folder": "\\u0000"}',
            '{"pid": 1, "port": 80, "nonce": "n", "more": 1}',
        ],
    )
    def test_a_damaged_one_is_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / FILE).write_text(text)
        with pytest.raises(EmulatorGone):
            locate(str(tmp_path))

    def test_one_of_an_earlier_version_is_not_trusted(self, tmp_path: Path) -> None:
        (tmp_path / FILE).write_text('{"pid": 1, "port": 80, "nonce": "n"}')
        record = read(tmp_path)
        assert record is not None
        assert not record.is_of(tmp_path)

    def test_a_copied_folder_is_not_the_emulators(self, tmp_path: Path) -> None:
        """A copied checkout has the same ids in its state, so a destroy there would hit the original's notebook."""
        with recorded(tmp_path / "one"):
            shutil.copytree(tmp_path / "one", tmp_path / "copy")
            with pytest.raises(EmulatorGone):
                get(tmp_path / "copy")
            with pytest.raises(NotFound):
                get(tmp_path / "one")


class TestSomebodyElse:
    """Another emulator, or another program, where this one was."""

    def test_its_404_is_not_gone(self, tmp_path: Path) -> None:
        with recorded(tmp_path / "one") as one:
            port = port_of(one)
        with recorded(tmp_path / "two", port) as two:
            with pytest.raises(CloudError) as caught:
                get(tmp_path / "one")
            assert not isinstance(caught.value, NotFound)
            assert two.calls == []
            with pytest.raises(NotFound):
                get(tmp_path / "two")

    def test_one_that_comes_in_the_middle_is_refused_by_the_nonce(self, tmp_path: Path) -> None:
        async def body(client: DswClient, second: Callable[[], Emulator]) -> Emulator:
            assert await client.all_instances() == []
            found = await asyncio.to_thread(second)
            with pytest.raises(Uncertain, match="is not the emulator that was asked"):
                await client.get_instance("dsw-1")
            with pytest.raises(Uncertain, match="is not the emulator that was asked"):
                await client.create_instance({"InstanceName": "a"})
            return found

        with ExitStack() as late, ExitStack() as early:
            port = port_of(early.enter_context(recorded(tmp_path / "one")))

            def swap() -> Emulator:
                early.close()
                return late.enter_context(recorded(tmp_path / "two", port))

            two = on(tmp_path / "one", lambda client: body(client, swap))
            assert two.calls == []

    @pytest.mark.parametrize(
        "reply",
        [
            Reply({"Code": "ValidationError", "Message": "no", "RequestId": "R"}, 404),
            Reply({"Instances": [], "TotalCount": 0, "RequestId": "R"}),
            Reply({"InstanceId": "dsw-1", "Status": "Deleted", "RequestId": "R"}),
        ],
        ids=["404", "empty list", "instance"],
    )
    @pytest.mark.parametrize("late", [False, True], ids=["from the start", "in the middle"])
    def test_no_answer_of_a_program_is_believed(
        self, answers: Answers, tmp_path: Path, reply: Reply, late: bool
    ) -> None:
        """An emulator of an earlier version answers without a nonce, like any other program."""
        handshakes = []

        def script(asked: Asked) -> Reply:
            if asked.path.startswith("/_emulator/"):
                handshakes.append(asked)
                known = late and len(handshakes) == 1
                return Reply(
                    {"now_ms": 1},
                    headers={"Content-Type": "application/json"} | ({NONCE_HEADER: "n"} if known else {}),
                )
            return reply

        answers.script = script
        record = Record.of(tmp_path, int(answers.url.rpartition(":")[2]), "n")
        (tmp_path / FILE).write_text(record.text())
        for work in (
            lambda client: client.get_instance("dsw-1"),
            lambda client: client.all_instances(),
            lambda client: client.delete_instance("dsw-1"),
        ):
            handshakes.clear()
            with pytest.raises(Uncertain if late else EmulatorGone):
                on(tmp_path, work)
        assert all(asked.headers[NONCE_HEADER] == "n" for asked in answers.asked)

    def test_its_clock_is_not_moved(self, tmp_path: Path) -> None:
        with recorded(tmp_path / "one") as one:
            port = port_of(one)
        with recorded(tmp_path / "two", port) as two:
            before = two.clock.now_ms()
            with pytest.raises(CloudError):
                asyncio.run(EmulatorClock(str(tmp_path / "one")).sleep(60))
            assert two.clock.now_ms() == before

    def test_the_status_of_another_is_no_handshake(self, tmp_path: Path) -> None:
        with recorded(tmp_path / "one") as one, pytest.raises(CloudError):
            asyncio.run(ask(Address(one.url, "another"), "GET", "status"))


def test_one_that_was_started_again_elsewhere_is_followed(tmp_path: Path) -> None:
    """Mid-run, by the same client; its state stays."""

    async def body(client: WorkspaceClient, restart: Callable[[], None]) -> tuple[str, str]:
        made = await client.create_workspace(WORKSPACE)
        await asyncio.to_thread(restart)
        return made, str((await client.get_workspace(made))["WorkspaceId"])

    with ExitStack() as late, ExitStack() as early:
        first = early.enter_context(recorded(tmp_path / "one"))

        def restart() -> None:
            early.close()
            second = late.enter_context(recorded(tmp_path / "one"))
            assert second.url != first.url

        client = WorkspaceClient(Connection(str(tmp_path / "one")), REGION)
        made, found = asyncio.run(body(client, restart))
    assert made == found


class Checkouts(RuleBasedStateMachine):
    """Two checkouts that contend for one port, with emulators that stop and start in between, in any order."""

    NAMES = ("one", "two")

    def __init__(self) -> None:
        super().__init__()
        self.place = TemporaryDirectory()
        with running_emulator() as probe:
            self.port = port_of(probe)
        self.running: dict[str, ExitStack] = {}
        self.has = dict.fromkeys(self.NAMES, False)

    def folder(self, name: str) -> Path:
        return Path(self.place.name) / name

    def toggle(self, name: str) -> None:
        if name in self.running:
            self.running.pop(name).close()
            return
        stack = ExitStack()
        try:
            emulator = stack.enter_context(recorded(self.folder(name), self.port))
        except EmulatorError:
            emulator = stack.enter_context(recorded(self.folder(name)))
        emulator.settings(recycle_bin_days=0)
        self.running[name] = stack

    def ask(self, name: str, change: bool = False) -> bool:
        """Whether the checkout has its workspace, after a change of that if it is to be changed."""

        async def body() -> bool:
            client = WorkspaceClient(Connection(str(self.folder(name))), REGION)
            found = await client.find_workspaces("free_tier")
            if change and found:
                await client.delete_workspace(str(found[0]["WorkspaceId"]))
            elif change:
                await client.create_workspace(WORKSPACE)
            return bool(found) is not change

        return asyncio.run(body())

    @rule()
    def toggle_one(self) -> None:
        self.toggle("one")

    @rule()
    def toggle_two(self) -> None:
        self.toggle("two")

    @precondition(lambda self: "one" in self.running)
    @rule()
    def change_one(self) -> None:
        self.has["one"] = self.ask("one", change=True)

    @precondition(lambda self: "two" in self.running)
    @rule()
    def change_two(self) -> None:
        self.has["two"] = self.ask("two", change=True)

    @invariant()
    def each_sees_its_own(self) -> None:
        for name in self.NAMES:
            if name in self.running:
                assert self.ask(name) is self.has[name]
                continue
            with pytest.raises(CloudError) as caught:
                self.ask(name, change=True)
            assert not isinstance(caught.value, NotFound)

    def teardown(self) -> None:
        for stack in self.running.values():
            stack.close()
        self.place.cleanup()


TestCheckouts = Checkouts.TestCase
TestCheckouts.settings = settings(max_examples=12, stateful_step_count=12)


def test_an_address_without_an_emulator_says_how_to_start_one_there() -> None:
    async def body() -> None:
        await ask(Address("http://127.0.0.1:9"), "GET", "status")

    with pytest.raises(NotSent) as error:
        asyncio.run(body())
    assert str(error.value.advice) == (
        "start one there with dsw emulator start --port 9, or give the folder of one, like .rehearsal/emulator"
    )


def test_the_options_of_dsw_name_the_same_cloud(tmp_path: Path) -> None:
    assert DswClient(Connection(), REGION).options == f"--region {REGION}"
    assert DswClient(Connection(".rehearsal/emulator"), REGION).options == f"--region {REGION} --emulator"
    by_url = Connection("http://127.0.0.1:8790")
    assert DswClient(by_url, REGION).options == f"--region {REGION} --emulator-url http://127.0.0.1:8790"
    with recorded(tmp_path) as emulator:
        assert Connection(str(tmp_path)).options() == f" --emulator-url {emulator.url}"
    assert Connection(str(tmp_path / "none")).options() == ""
