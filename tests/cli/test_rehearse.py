"""`dsw rehearse` around `pulumi`: what it prepares, says, and how it ends. The engine has tests of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from paidsw.cli.errors import ExitCode
from paidsw.cli.rehearse import CUT_SHORT, UNFINISHED
from paidsw.cli.times import local_text
from paidsw.cloud import Connection, DswClient
from paidsw.emulator import process
from paidsw.provider.instance import labels
from tests.support.audited import OWNER_ID, URN, instance_resource, owner_resource
from tests.support.cloud import A10, HOME, image
from tests.support.command import Project

OUTPUTS = {
    "instanceId": "dsw-1",
    "jupyterlabUrl": "https://x/lab?token=t",
    "webIdeUrl": "https://x/ide?token=t",
    "terminalUrl": "https://x/tty?token=t",
    "shutdownTime": "2026-11-24T12:00:00Z",
}
# Writes down what it was called with, and prints outputs when asked for them.
SCRIPT = """
with open(os.path.join({log!r}), "a") as log:
    log.write(json.dumps([sys.argv[1:], os.environ["PULUMI_HOME"], os.getcwd()]) + "\\n")
if sys.argv[1:3] == ["stack", "output"]:
    print({outputs!r})
sys.exit({codes!r}.get(verb, 0))
"""


class Calls:
    """A `pulumi` that does nothing, and what it was asked for."""

    def __init__(self, project: Project, outputs: object = OUTPUTS, **codes: int) -> None:
        self._log = project.root / "calls"
        text = json.dumps(outputs)
        project.pulumi(SCRIPT.format(log=str(self._log), outputs=text, codes=codes))

    def made(self) -> list[tuple[list[str], str, str]]:
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [tuple(json.loads(line)) for line in lines]

    def verbs(self) -> list[str]:
        return [
            " ".join(arguments[:2]) if arguments[0] == "stack" else arguments[0]
            for arguments, *_ in self.made()
        ]


def notebook(project: Project, marks: dict[str, str], name: str = "notebook") -> str:
    """One that runs in the rehearsal's emulator; its id."""
    project.dsw("emulator", "start")
    request = {
        "WorkspaceId": project.control().default_workspace(HOME),
        "InstanceName": name,
        "EcsSpec": A10,
        "ImageUrl": image(),
        "Accessibility": "PRIVATE",
        "Labels": [{"Key": key, "Value": value} for key, value in marks.items()],
    }
    client = DswClient(Connection(str(project.emulator.resolve())), HOME)
    return asyncio.run(client.create_instance(request))


def stack_exists(project: Project, *resources: object) -> Path:
    path = project.state / ".pulumi" / "stacks" / "dsw-free-tier" / "dev.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}))
    return path


class TestUp:
    """Provision."""

    def test_it_starts_a_cloud_makes_the_stack_and_provisions_with_the_pack(self, project: Project) -> None:
        calls = Calls(project)
        result = project.dsw("rehearse", "up")

        assert result.code == 0, result.err
        assert calls.verbs() == ["stack init", "up", "stack output"]
        arguments, home, folder = calls.made()[1]
        assert arguments[arguments.index("--policy-pack") + 1] == "../policies"
        assert "--yes" in arguments
        assert Path(home) == project.root / ".rehearsal" / "home"
        assert Path(folder) == project.root / "rehearsal"
        assert process.status(project.emulator) is not None

    def test_the_summary(self, project: Project) -> None:
        Calls(project)
        out = project.dsw("rehearse", "up").out
        for line in (
            "Notebook    dsw-1",
            "JupyterLab  https://x/lab?token=t",
            "WebIDE      https://x/ide?token=t",
            "Terminal    https://x/tty?token=t",
            "Left        32.4 h on A10 or 13.4 h on V100, after 3 h 20 min of safety",
            "Billed      0.00 yuan",
        ):
            assert line in out.splitlines()
        assert f"Stops       at {local_text(OUTPUTS['shutdownTime'])} by its timer" in out
        assert out.rstrip().endswith("Release it: make down")

    def test_a_program_with_other_outputs_has_a_shorter_summary(self, project: Project) -> None:
        Calls(project, {"instanceId": "dsw-1"})
        result = project.dsw("rehearse", "up")
        assert result.code == 0
        assert "Notebook    dsw-1" in result.out
        assert "JupyterLab" not in result.out
        assert "Stops" not in result.out

    def test_an_existing_stack_is_not_made_again(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project)
        project.dsw("rehearse", "up")
        assert calls.verbs() == ["up", "stack output"]

    def test_the_configuration_is_the_projects_own(self, project: Project) -> None:
        Calls(project)
        project.dsw("rehearse", "up")
        own = yaml.safe_load((project.root / "Pulumi.dev.yaml").read_text())["config"]
        made = yaml.safe_load((project.root / ".rehearsal" / "Pulumi.dev.yaml").read_text())["config"]
        assert own.items() <= made.items()
        assert made["paidsw:emulator"] == ".rehearsal/emulator"

    def test_a_failure_says_how_to_continue(self, project: Project) -> None:
        Calls(project, up=255)
        result = project.dsw("rehearse", "up")
        assert result.code == ExitCode.FAILED
        assert UNFINISHED in result.out
        assert "In the emulator: nothing." in result.out
        assert "Notebook" not in result.out

    @pytest.mark.parametrize("code", [-9, -2])
    def test_a_pulumi_that_was_killed_has_said_nothing(self, project: Project, code: int) -> None:
        Calls(project)
        project.pulumi(f"os.kill(os.getpid(), {-code}) if verb == 'up' else None")
        result = project.dsw("rehearse", "up")
        assert result.code == ExitCode.FAILED
        assert CUT_SHORT in result.out
        assert UNFINISHED not in result.out

    @pytest.mark.parametrize("verb", ["up", "down"])
    def test_a_killed_runs_pending_creates_are_cleared_and_told(self, project: Project, verb: str) -> None:
        Calls(project)
        path = stack_exists(project, {"type": "pulumi:pulumi:Stack", "urn": URN})
        document = json.loads(path.read_text())
        pending = [{"type": kind, "resource": {"urn": URN}} for kind in ("creating", "updating")]
        document["checkpoint"]["latest"]["pending_operations"] = pending
        path.write_text(json.dumps(document))
        result = project.dsw("rehearse", verb)
        assert result.code == 0
        assert "Cleared the pending create of notebook, which a killed run left." in result.out
        latest = json.loads(path.read_text())["checkpoint"]["latest"]
        assert [one["type"] for one in latest["pending_operations"]] == ["updating"]

    def test_under_a_pulumi_at_work_no_pending_create_is_cleared(self, project: Project) -> None:
        Calls(project)
        path = stack_exists(project, {"type": "pulumi:pulumi:Stack", "urn": URN})
        text = path.read_text().replace(
            '"resources"', '"pending_operations": [{"type": "creating"}], "resources"'
        )
        path.write_text(text)
        folder = project.state / ".pulumi" / "locks" / "dev"
        folder.mkdir(parents=True)
        with subprocess.Popen(["/bin/sleep", "60"]) as other:
            try:
                (folder / "1.json").write_text(json.dumps({"pid": "?", "hostname": socket.gethostname()}))
                project.dsw("rehearse", "up")
            finally:
                other.kill()
        assert path.read_text() == text

    def test_a_lost_stack_output_is_one_sentence(self, project: Project) -> None:
        Calls(project, stack=1)
        stack_exists(project)
        result = project.dsw("rehearse", "up")
        assert result.code == ExitCode.FAILED
        assert result.err.splitlines() == ["error: `pulumi stack output` failed: no output"]

    @pytest.mark.parametrize("verb", ["up", "down"])
    def test_a_killed_runs_lock_is_removed_and_told(self, project: Project, verb: str) -> None:
        Calls(project)
        stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        folder = project.state / ".pulumi" / "locks" / "dev"
        folder.mkdir(parents=True)
        (folder / "1.json").write_text(json.dumps({"pid": 2**30, "hostname": "old-box"}))
        result = project.dsw("rehearse", verb)
        assert f"Removed the lock of pulumi process {2**30} on old-box, which" in result.out
        assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
class TestModes:
    """Everything in `.rehearsal` is its owner's alone: it has passphrase, links and state."""

    @pytest.fixture(autouse=True)
    def open_to_all(self) -> Iterator[None]:
        before = os.umask(0)
        yield
        assert os.umask(before) == 0, "the caller's umask is as it was"

    def open_ones(self, project: Project) -> list[Path]:
        folder = project.root / ".rehearsal"
        return [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]

    def test_what_is_written(self, project: Project) -> None:
        Calls(project)
        project.dsw("rehearse", "up")
        assert self.open_ones(project) == []
        names = {path.name for path in (project.root / ".rehearsal").rglob("*")}
        assert {"Pulumi.dev.yaml", "emulator.log", "emulator.json", "rehearsal.lock"} <= names

    @pytest.mark.parametrize("command", ["rehearse down", "rehearse up", "emulator start"])
    def test_what_was_there_already(self, project: Project, command: str) -> None:
        Calls(project)
        stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        tool = project.root / ".rehearsal" / "tool"
        tool.write_text("")
        tool.chmod(0o777)
        outside = project.root / "outside"
        outside.mkdir(0o755)
        (project.root / ".rehearsal" / "elsewhere").symlink_to(outside)
        project.dsw(*command.split())
        assert [path.name for path in self.open_ones(project)] == ["elsewhere"]
        assert outside.stat().st_mode & 0o777 == 0o755
        assert tool.stat().st_mode & 0o777 == 0o700


class TestDown:
    """Release."""

    def test_it_destroys_shows_that_nothing_is_left_and_stops_the_cloud(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        result = project.dsw("rehearse", "down")
        assert result.code == 0
        assert calls.verbs() == ["destroy"]
        assert result.out.rstrip().endswith("In the emulator: nothing.\nBill: 0.00 yuan")
        assert process.status(project.emulator) is None

    def test_what_others_have_is_named_with_what_ends_it_and_is_no_failure(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project, {"type": "pulumi:pulumi:Stack", "urn": URN})
        project.dsw("emulator", "start")
        control = project.control()
        control.default_workspace("cn-beijing")
        control.other("eas-service", "eas-1", HOME)
        result = project.dsw("rehearse", "down")
        assert (result.code, result.err) == (ExitCode.OK, "")
        assert calls.verbs() == ["destroy"]
        _, listed = result.out.split("Not of this stack, so it stays:\n")
        assert re.search(
            r" cn-beijing +ENABLED +dsw emulator reset, which empties the emulator$", listed, re.M
        )
        assert re.search(r" eas-1 +cn-wulanchabu +Running +dsw emulator reset, which", listed)
        assert "Of this stack" not in result.out
        assert "nothing" not in result.out
        assert process.status(project.emulator) is None
        assert project.dsw("emulator", "reset").code == ExitCode.OK
        assert "In the emulator: nothing." in project.dsw("rehearse", "down").out

    @pytest.mark.parametrize("has_a_state", [True, False])
    def test_somebody_elses_notebook_stays_up_for_its_own_release(
        self, project: Project, has_a_state: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Calls(project)
        if has_a_state:
            stack_exists(project, {"type": "pulumi:pulumi:Stack", "urn": URN})
        made = notebook(project, {labels.OWNER: "a" * 12})
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.OK
        command = f"dsw release {made} --region {HOME} --emulator"
        assert command in result.out
        assert "The emulator keeps running for that (its page: http://127.0.0.1:" in result.out
        monkeypatch.setattr("builtins.input", lambda _: made)
        assert project.dsw(*command.split()[1:]).code == ExitCode.OK
        assert "dsw-" not in project.dsw("rehearse", "down").out

    def test_what_the_stack_has_and_destroy_leaves_is_a_failure(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A `pulumi` that says it is done, with a notebook of the stack's owner and one that the state declared."""
        Calls(project)
        owned, known = notebook(project, {labels.OWNER: OWNER_ID}), notebook(project, {}, name="known")
        stack_exists(project, owner_resource(), instance_resource(known))
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FOUND
        _, listed = result.out.split("Of this stack, and still there:\n")
        for made in (owned, known):
            command = f"dsw release {made} --region {HOME} --emulator"
            assert f"  {command}\n" in listed
            monkeypatch.setattr("builtins.input", lambda _, made=made: made)
            assert project.dsw(*command.split()[1:]).code == ExitCode.OK
        assert "didn't finish" not in result.out
        assert "Not of this stack, so it stays:" in project.dsw("rehearse", "down").out  # their workspace

    def test_a_failed_destroy_is_not_done(self, project: Project) -> None:
        Calls(project, destroy=255)
        stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FAILED
        assert "`pulumi destroy` didn't finish. Do what its error above says" in result.out
        assert process.status(project.emulator) is not None


class TestNothingToRelease:
    """No port, no cloud, no `pulumi`."""

    @pytest.fixture
    def taken(self, project: Project) -> Iterator[None]:
        """The port that the variable names is somebody else's."""
        with socket.create_server(("127.0.0.1", project.port)):
            yield

    def nothing(self, project: Project) -> None:
        calls = Calls(project)
        result = project.dsw("rehearse", "down")
        assert (result.code, result.err) == (0, "")
        assert result.out == "Nothing to release.\n\nIn the emulator: nothing.\nBill: 0.00 yuan\n"
        assert calls.verbs() == []
        assert process.status(project.emulator) is None

    def test_a_checkout_that_never_was_up(self, project: Project, taken: None) -> None:
        self.nothing(project)

    def test_an_empty_stack_and_an_empty_cloud(self, project: Project) -> None:
        stack_exists(project)
        project.dsw("emulator", "start")
        project.dsw("emulator", "stop")
        with socket.create_server(("127.0.0.1", project.port)):
            self.nothing(project)

    def test_a_cloud_that_runs_is_stopped(self, project: Project) -> None:
        project.dsw("emulator", "start")
        self.nothing(project)

    def test_a_machine_without_pulumi(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(project.root))
        assert project.dsw("rehearse", "down").code == 0

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            '{"checkpoint": 5}',
            '{"checkpoint": {"latest": []}}'.replace("[]", "[1]"),
            '{"checkpoint": {"latest": {"pending_operations": [{}]}}}',
        ],
    )
    def test_a_state_that_may_hold_something_is_left_to_pulumi(self, project: Project, text: str) -> None:
        calls = Calls(project)
        stack_exists(project).write_text(text)
        project.dsw("rehearse", "down")
        assert "destroy" in calls.verbs()

    def test_a_stopped_cloud_that_holds_what_others_have_stays_stopped(self, project: Project) -> None:
        calls = Calls(project)
        project.dsw("emulator", "start")
        project.control().default_workspace("cn-beijing")
        project.dsw("emulator", "stop")
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.OK
        assert "Not of this stack, so it stays:\n" in result.out
        assert calls.verbs() == []
        assert process.status(project.emulator) is None

    def test_a_damaged_account_is_one_sentence(self, project: Project) -> None:
        Calls(project)
        project.emulator.mkdir(parents=True)
        (project.emulator / "state.json").write_text("{")
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FAILED
        assert "is damaged; delete it, or run `dsw emulator reset`" in result.err
        assert len(result.err.splitlines()) == 1


def provider(package: str, name: str = "default", **values: str) -> dict[str, object]:
    return {
        "type": f"pulumi:providers:{package}",
        "urn": f"urn:pulumi:dev::dsw-free-tier::pulumi:providers:{package}::{name}",
        "inputs": dict(values),
        "outputs": dict(values),
    }


class TestTheEmulatorThatTheStateNames:
    """A destroy asks the providers of the state."""

    def test_an_address_becomes_this_rehearsals_own(self, project: Project) -> None:
        Calls(project)
        own = provider("paidsw", "mine", emulator="http://127.0.0.1:1")
        path = stack_exists(
            project,
            provider("paidsw", emulator="http://127.0.0.1:8790"),
            provider("alicloud", "default_4_0_0", endpoints='[{"aiworkspace":"127.0.0.1:8790"}]', region="r"),
            own,
            provider("random", version="1"),
        )
        project.dsw("rehearse", "down")
        paidsw, alicloud, mine, other = json.loads(path.read_text())["checkpoint"]["latest"]["resources"]
        assert paidsw == provider("paidsw", emulator=".rehearsal/emulator")
        assert alicloud["inputs"] == alicloud["outputs"]
        assert alicloud["inputs"] == {"endpoints": '[{"aiworkspace":".rehearsal/emulator"}]', "region": "r"}
        assert mine == own
        assert other == provider("random", version="1")

    def test_a_state_that_names_it_already_is_not_touched(self, project: Project) -> None:
        Calls(project)
        path = stack_exists(project, provider("paidsw", emulator=".rehearsal/emulator"))
        before = path.stat()
        project.dsw("rehearse", "up")
        assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("verb", ["up", "down"])
class TestUnpreparedWorld:
    """One sentence each, and nothing started that would have to be tidied up."""

    def sentence(self, project: Project, verb: str) -> str:
        if not (project.root / ".rehearsal").exists():
            stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        result = project.dsw("rehearse", verb)
        assert result.code == ExitCode.FAILED
        lines = result.err.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("error: ")
        return lines[0]

    def test_no_pulumi(self, project: Project, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(project.root))
        assert self.sentence(project, verb) == "error: there is no pulumi on this machine yet; run make setup"

    def test_no_configuration(self, project: Project, verb: str) -> None:
        Calls(project)
        (project.root / "Pulumi.dev.yaml").unlink()
        assert f"there is no Pulumi.dev.yaml in {project.root}; " in self.sentence(project, verb)

    def test_broken_configuration(self, project: Project, verb: str) -> None:
        Calls(project)
        (project.root / "Pulumi.dev.yaml").write_text("config: [")
        assert "is not YAML" in self.sentence(project, verb)

    def test_a_strangers_port(self, project: Project, verb: str) -> None:
        Calls(project)
        with socket.create_server(("127.0.0.1", project.port)):
            assert str(project.port) in self.sentence(project, verb)

    def test_a_folder_in_the_way(self, project: Project, verb: str) -> None:
        Calls(project)
        (project.root / ".rehearsal").write_text("")
        assert ".rehearsal" in self.sentence(project, verb)
        (project.root / ".rehearsal").unlink()
