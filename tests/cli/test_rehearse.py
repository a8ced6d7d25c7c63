"""`dsw rehearse` around `pulumi`: what it prepares, says, and how it ends. The engine has tests of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from paidsw.cli.errors import ExitCode
from paidsw.cli.rehearse import CUT_SHORT, UNFINISHED
from paidsw.cli.times import local_text
from paidsw.emulator import process
from tests.support.audited import URN
from tests.support.command import Project
from tests.support.rehearsed import OUTPUTS, Calls, stack_exists


class TestPulumi:
    """What an error advises beside `pulumi up` and `pulumi destroy`, typed in a rehearsal."""

    def test_it_gets_the_arguments_and_the_rehearsals_environment(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project)
        wanted = ["state", "delete", "urn:pulumi:dev::x::a$b::notebook", "--yes", "--stack", "dev"]
        result = project.dsw("rehearse", "pulumi", *wanted)
        assert (result.code, result.out) == (0, "")
        [(arguments, home, folder)] = calls.made()
        assert arguments == wanted
        assert Path(home) == project.root / ".rehearsal" / "home"
        assert Path(folder) == project.root / "rehearsal"
        assert process.status(project.emulator) is not None

    def test_its_failure_is_one(self, project: Project) -> None:
        Calls(project, refresh=255)
        stack_exists(project)
        assert project.dsw("rehearse", "pulumi", "refresh", "--yes").code == ExitCode.FAILED

    def test_an_import_is_refused_before_our_language_host_lacks_its_code(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project)
        imported = ["import", "paidsw:index:Instance", "one", "cn-wulanchabu/dsw-1", "--yes"]
        assert project.dsw("rehearse", "pulumi", *imported).code == 0
        calls.beside_our_host()
        result = project.dsw("rehearse", "pulumi", *imported)
        assert result.code == ExitCode.USAGE
        assert result.err.startswith(
            "error: printing the code of an import needs Pulumi's own Python language host"
        )
        assert result.err.endswith("; to import without it: --generate-code=false\n")
        assert project.dsw("rehearse", "pulumi", *imported, "--generate-code=false").code == 0
        assert calls.verbs() == ["import", "import"]

    def test_without_a_rehearsal_nothing_is_started(self, project: Project) -> None:
        calls = Calls(project)
        result = project.dsw("rehearse", "pulumi", "refresh")
        assert result.code == ExitCode.FAILED
        assert result.err == "error: there is no rehearsal here yet; run make up first\n"
        assert calls.made() == []
        assert process.status(project.emulator) is None


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

    def test_the_settings_are_as_written_although_pulumi_writes_its_file_again(
        self, project: Project
    ) -> None:
        config = project.root / "Pulumi.dev.yaml"
        config.write_text(config.read_text("utf-8") + "  driver: 535.10\n", encoding="utf-8")
        written = project.root / ".rehearsal" / "Pulumi.dev.yaml"
        again = "config: {driver: '535.1'}\nencryptionsalt: v1:new\n"
        project.pulumi(
            f"""
if sys.argv[1:3] == ["stack", "init"]:
    with open({str(written)!r}, "w") as file:
        file.write({again!r})
if sys.argv[1:3] == ["stack", "output"]:
    print("{{}}")
"""
        )
        assert project.dsw("rehearse", "up").code == 0
        text = written.read_text("utf-8")
        assert "driver: 535.10\n" in text
        assert text.startswith("encryptionsalt: v1:new\n")

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

    def test_of_a_stopped_notebook_it_says_how_long_the_disk_is_kept(self, project: Project) -> None:
        addresses = dict.fromkeys(("jupyterlabUrl", "webIdeUrl", "terminalUrl", "shutdownTime"), "")
        until = "2026-01-20T02:00:00Z"
        Calls(project, {"instanceId": "dsw-1", **addresses, "diskKeptUntil": until})
        out = project.dsw("rehearse", "up").out
        assert f"Stopped     its disk is kept until {local_text(until)}\n" in out
        assert "WebIDE" not in out
        assert out.rstrip().endswith("All of it is on this machine. Release it: make down")

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
