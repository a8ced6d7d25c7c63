"""The `dsw` command on a project of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from paidsw.cli.__main__ import main
from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.setup.layout import ROOT


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Project:
    """A folder with what the command needs of a project, and a port that is free."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.port = free_port()
        self._capsys = capsys
        (root / "rehearsal").mkdir()
        for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
            shutil.copy(ROOT / name, root)

    @property
    def state(self) -> Path:
        return self.root / ".rehearsal" / "state"

    @property
    def emulator(self) -> Path:
        return self.root / ".rehearsal" / "emulator"

    def control(self) -> Control:
        """The control interface of the emulator that runs here."""
        running = process.status(self.emulator)
        assert running is not None
        return running.control()

    def dsw(self, *arguments: str) -> Result:
        """Run it in this process."""
        self._capsys.readouterr()
        code = main(arguments, self.root)
        printed = self._capsys.readouterr()
        return Result(code, printed.out, printed.err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Run it in a process of its own."""
        code = "import sys; from pathlib import Path; from paidsw.cli.__main__ import main; "
        code += f"sys.exit(main({arguments!r}, Path({str(self.root)!r})))"
        return subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"DSW_EMULATOR_PORT": str(self.port)},
        )

    def pulumi(self, script: str) -> None:
        """Let a Python script stand for the CLI; it sees the arguments in sys.argv."""
        path = self.root / "pulumi"
        path.write_text(f"#!{sys.executable}\nimport json, os, sys\nverb = sys.argv[1]\n{script}\n")
        path.chmod(0o755)
        tools = self.root / ".tools"
        tools.mkdir(exist_ok=True)
        (tools / "pulumi.json").write_text(json.dumps({"pulumi": str(path)}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
