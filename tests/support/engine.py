"""A stack under the real `pulumi`, on an emulator of the test's own, in a folder of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from paidsw.cli.stack import write_config
from paidsw.core.provider_settings import rehearsal
from paidsw.emulator.testing import Emulator
from paidsw.setup.layout import ROOT, engine_environment
from tests.support import vault
from tests.support.waiting import PATIENCE

INSTANCE = "paidsw:index:Instance"
WORKSPACE = "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"

# Stack, component, owner, the region's provider, workspace, cleanup, instance.
UNCHANGED = "7 unchanged"
# The same in a workspace that isn't the stack's.
UNCHANGED_ELSEWHERE = "5 unchanged"


@dataclass(frozen=True)
class Outcome:
    """What one command of `pulumi` printed, and its exit code."""

    code: int
    text: str


class Stack:
    """The project as a rehearsal has it, or with another program of the tests."""

    def __init__(
        self, folder: Path, emulator: Emulator, program: Path = ROOT, *, launch_folder: Path = ROOT
    ) -> None:
        self.folder = folder
        self.launch_folder = launch_folder
        self.emulator = emulator
        for name in ("project", "state", "home"):
            (folder / name).mkdir()
        self.project = folder / "project"
        document = yaml.safe_load((ROOT / "rehearsal" / "Pulumi.yaml").read_text())
        document |= {"main": os.path.relpath(program, self.project), "stackConfigDir": "."}
        document["runtime"]["options"]["virtualenv"] = str(launch_folder / ".venv")
        for provider in document["plugins"]["providers"]:
            provider["path"] = os.path.abspath(launch_folder / "rehearsal" / provider["path"])
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(document))
        write_config(ROOT / "Pulumi.dev.yaml", self.config_file, emulator.url, keep_salt=False)
        self.environment = engine_environment(ROOT) | {
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        }
        self.environment["PATH"] = f"{launch_folder / 'bin'}{os.pathsep}{self.environment['PATH']}"
        # Most of the memory that a short run takes would be freed by its end; collecting it is a tenth of its time.
        self.environment["GOGC"] = "400"
        if launch_folder == ROOT:
            assert self.run("stack", "init", "dev").code == 0
        else:
            self.environment |= vault.variables()
            self._init()

    @property
    def config_file(self) -> Path:
        return self.project / "Pulumi.dev.yaml"

    def _init(self) -> None:
        """`pulumi stack init`: once in a process, then what it made is copied."""
        kept = Path(_kept().name)
        if not (kept / "state").exists():
            assert self.run("stack", "init", "dev", "--secrets-provider", vault.PROVIDER).code == 0
            (kept / "key.yaml").write_text(_key(self.config_file))
            shutil.copytree(self.folder / "state", kept / "state")
            return
        shutil.copytree(kept / "state", self.folder / "state", dirs_exist_ok=True)
        with self.config_file.open("a") as config:
            config.write((kept / "key.yaml").read_text())

    def configure(self, **settings: Any) -> None:
        """Set settings of the notebook; None removes one. `region` is the alicloud provider's."""
        document = yaml.safe_load(self.config_file.read_text())
        for name, value in settings.items():
            key = "alicloud:region" if name == "region" else f"dsw-free-tier:{name}"
            document["config"].pop(key, None)
            if value is not None:
                document["config"][key] = value
        self.config_file.write_text(yaml.safe_dump(document))

    def leave_emulator(self) -> None:
        """Remove what sends the stack to the emulator, as in the real stack's configuration."""
        document = yaml.safe_load(self.config_file.read_text())
        kept = {key: value for key, value in document["config"].items() if key not in rehearsal("")}
        self.config_file.write_text(yaml.safe_dump({**document, "config": kept}))

    def command(self, *arguments: str) -> list[str]:
        pulumi = shutil.which("pulumi", path=self.environment["PATH"])
        assert pulumi is not None, "no pulumi: run make setup"
        return [pulumi, *arguments, "--non-interactive", "--color", "never"]

    def run(self, *arguments: str) -> Outcome:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command in a process group of its own, to be interrupted or killed."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def do(self, verb: str, *flags: str, fails: bool = False) -> str:
        """A command on the stack that must succeed, or with `fails` must not; what it printed."""
        outcome = self.run(verb, "--stack", "dev", *flags)
        assert (outcome.code != 0) is fails, f"pulumi {verb} ended with {outcome.code}:\n{outcome.text}"
        return outcome.text

    def up(self, *, pack: bool = True, fails: bool = False) -> str:
        return self.do("up", "--yes", "--skip-preview", *self._pack(pack), fails=fails)

    def preview(self, *, pack: bool = True, fails: bool = False) -> str:
        return self.do("preview", *self._pack(pack), fails=fails)

    def refresh(self) -> str:
        return self.do("refresh", "--yes", "--skip-preview")

    def destroy(self, *, fails: bool = False) -> str:
        return self.do("destroy", "--yes", "--skip-preview", fails=fails)

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state by resource type."""
        (kept,) = (self.folder / "state").glob(".pulumi/stacks/*/dev.json")
        latest = json.loads(kept.read_text())["checkpoint"]["latest"]
        return {item["type"]: item for item in latest.get("resources") or []}

    def instance(self) -> Mapping[str, Any]:
        return self.resources()[INSTANCE]

    def instance_id(self) -> str:
        """The instance that the state declares; its resource's id is REGION/INSTANCE_ID."""
        found = self.instance()
        instance_id: str = found["outputs"]["instanceId"]
        assert found["id"] == f"{found['inputs']['region']}/{instance_id}"
        return instance_id

    def live(self) -> list[tuple[str, str]]:
        """What lives in the cloud, as kind and status."""
        return [(thing.kind, thing.status) for thing in self.emulator.live()]

    def nothing_billed(self) -> bool:
        return self.emulator.billed() == [] and self.emulator.bill().total == 0

    def _pack(self, wanted: bool) -> list[str]:
        return ["--policy-pack", str(self.launch_folder / "policies")] if wanted else []


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="stack-", ignore_cleanup_errors=True)


def _key(config: Path) -> str:
    """The lines by which a stack's configuration belongs to its state."""
    lines = config.read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith(("secretsprovider:", "encryptedkey:")))


def is_quiet(text: str) -> bool:
    """Whether a failure shows its reason, no wall of tracebacks, and no second error that only says that it failed."""
    noise = ("Traceback", "KeyboardInterrupt", "non-zero exit code")
    return not any(one in text for one in noise)


def kill(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """A signal to a command and all that it started."""
    os.killpg(process.pid, number)
