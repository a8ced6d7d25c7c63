"""The folders that the engine starts plugins, pack and programs from, with a fork server for their Python."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paidsw.setup.layout import ROOT, find_pulumi, python

HERE = Path(__file__).parent
COMPILED = shutil.ignore_patterns("__pycache__")


@contextmanager
def preloaded_folder() -> Iterator[Path]:
    """A folder that stands for the project's own, whose `.venv` forks instead of starting; Linux only."""
    if not hasattr(os, "pidfd_open"):
        yield ROOT
        return
    with tempfile.TemporaryDirectory(prefix="launch-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "tests.support.forkserver", str(folder / "socket")]
        server = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == b"ready\n", "the fork server has not started"
            _furnish(folder)
            yield folder
        finally:
            server.kill()
            server.communicate()


def _furnish(folder: Path) -> None:
    for part in ("components", "policies", "provider", "rehearsal"):
        # Folders, for the way from a linked one to `../.venv` would lead to the project's own.
        shutil.copytree(ROOT / part, folder / part, copy_function=os.symlink, ignore=COMPILED)
    environment = folder / ".venv"
    (environment / "bin").mkdir(parents=True)
    for part in ("lib", "pyvenv.cfg"):
        (environment / part).symlink_to(ROOT / ".venv" / part)
    launcher = [
        str(python(ROOT)),
        "-IS",
        str(HERE / "launcher.py"),
        str(python(ROOT)),
        str(folder / "socket"),
    ]
    _write_command(environment / "bin" / "python", launcher)
    pulumi = find_pulumi(ROOT)
    assert pulumi is not None, "no pulumi: run make setup"
    (folder / "bin").mkdir()
    host = pulumi.with_name("pulumi-language-python")
    # Pulumi's own host is a compiled program, only ours is a script.
    if host.is_file() and host.read_bytes()[:2] == b"#!":
        # The engine wants its host beside itself, and resolves links.
        _duplicate(pulumi, folder / "bin" / "pulumi")
        _write_command(folder / "bin" / host.name, [*launcher, str(host)])
    else:
        (folder / "bin" / "pulumi").symlink_to(pulumi)
    (folder / ".tools").mkdir()
    (folder / ".tools" / "pulumi.json").write_text(json.dumps({"pulumi": str(folder / "bin" / "pulumi")}))


def _duplicate(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy(source, target)


def _write_command(path: Path, command: list[str]) -> None:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o755)
