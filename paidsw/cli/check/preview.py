"""One preview of the stack under the policy pack, on an emulator and with a state that nobody else uses."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from paidsw.cli import stack
from paidsw.cli.check.places import Document
from paidsw.cli.rehearsal import Rehearsal
from paidsw.setup import layout

INTERRUPT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Preview:
    """The engine's events, its exit code and what it wrote to standard error."""

    events: tuple[Mapping[str, Any], ...]
    code: int
    errors: str

    def of(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """The events of one kind, such as policyEvent."""
        return (event[kind] for event in self.events if kind in event)


def preview(root: Path, name: str, policy_config: Path | None) -> Preview:
    """Preview the stack `name` of the project in `root` as a new stack; CliError when that can't be begun.

    The emulator lives in this process and the state in a folder that goes with it.
    """
    from paidsw.emulator.testing import (
        running_emulator,
    )  # a web server, which no other command needs in this process

    rehearsal = Rehearsal(root)
    with ExitStack() as outer:
        outer.enter_context(rehearsal.private())
        place = TemporaryDirectory(prefix="check-", dir=rehearsal.folder, ignore_cleanup_errors=True)
        folder = Path(outer.enter_context(place))
        environment = _prepare(root, folder)
        pulumi = rehearsal.pulumi()
        init = [pulumi, "stack", "init", name, "--non-interactive"]
        with ThreadPoolExecutor(1) as beside:
            made = beside.submit(stack.ask, init, environment, folder)
            cloud = outer.enter_context(running_emulator(any_reference=True))
            made.result()
        config = f"Pulumi.{name}.yaml"
        stack.write_config(root / config, folder / config, cloud.url, keep_salt=True, import_real=False)
        flags = ["--stack", name, "--json", "--non-interactive", "--policy-pack", str(root / "policies")]
        flags += ["--policy-pack-config", str(policy_config.resolve())] if policy_config else []
        return _run([pulumi, "preview", *flags], environment, folder)


def _prepare(root: Path, folder: Path) -> dict[str, str]:
    """The project file and the environment of a `pulumi` in `folder`."""
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(_project(root, folder)), encoding="utf-8")
    for name in ("home", "state"):
        (folder / name).mkdir()
    return layout.engine_environment(root) | {
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
    }


def _project(root: Path, folder: Path) -> dict[str, Any]:
    """The project's own file, with the rehearsal's providers instead of the real ones."""
    document = dict(Document.read(root / "Pulumi.yaml").values)
    rehearsal = Document.read(root / "rehearsal" / "Pulumi.yaml").values
    providers = [
        {**one, "path": str((root / "rehearsal" / one["path"]).resolve())}
        for one in rehearsal["plugins"]["providers"]
    ]
    options = {**rehearsal["runtime"]["options"], "virtualenv": str(layout.environment(root))}
    return document | {
        "main": os.path.relpath(program_folder(root, document), folder),
        "stackConfigDir": ".",
        "runtime": {"name": "python", "options": options},
        "plugins": {"providers": providers},
    }


def program_folder(root: Path, project: Mapping[str, Any]) -> Path:
    """Where the program of a project file is."""
    return root / str(project.get("main") or ".")


def _run(command: list[str], environment: Mapping[str, str], folder: Path) -> Preview:
    process = subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        output, errors = process.communicate()
    except KeyboardInterrupt:
        # The same Ctrl-C has reached pulumi, which ends what it started.
        process.wait(INTERRUPT_SECONDS)
        raise
    return Preview(tuple(_events(output)), process.returncode, errors)


def _events(output: str) -> Iterator[Mapping[str, Any]]:
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
