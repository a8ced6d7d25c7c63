"""Settings as the real Pulumi reads them, and as we do."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from paidsw.core.stack_file import ConfigFile
from paidsw.setup import layout
from tests.support.engine import Stack
from tests.support.readings import MISLEADING, REFUSED, VALUES, all_in_one

PROJECT = "dsw-free-tier"


class Config:
    """`pulumi config` on a stack that has no program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
        for name in ("home", "state"):
            (folder / name).mkdir()
        self.environment = layout.engine_environment(layout.ROOT) | {
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        }
        assert self.run("stack", "init", "dev").returncode == 0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        pulumi = layout.find_pulumi(layout.ROOT)
        assert pulumi
        return subprocess.run(
            [os.fspath(pulumi), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def write(self, text: str) -> Path:
        path = self.folder / "Pulumi.dev.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def read(self, text: str) -> dict[str, Any]:
        """What `pulumi config` says of a stack's file with this text."""
        self.write(text)
        done = self.run("config", "--json", "--show-secrets", "--stack", "dev")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def reads(self, number: int, text: str) -> bool:
        """Whether `pulumi config` reads a file with this text."""
        path = self.folder / f"other{number}.yaml"
        path.write_text(text, encoding="utf-8")
        return self.run("config", "--json", "--stack", "dev", "--config-file", str(path)).returncode == 0


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return Config(tmp_path_factory.mktemp("config"))


def test_every_value_is_read_as_pulumi_reads_it(config: Config) -> None:
    text = all_in_one()
    theirs = config.read(text)
    ours = ConfigFile.stack(config.write(text), PROJECT).settings
    assert len(ours) > len(VALUES)
    assert set(ours) == set(theirs)
    for key, setting in ours.items():
        arrives, text = setting.arrives(), theirs[key]["value"]
        assert arrives == (text if isinstance(arrives, str) else json.loads(text)), (key, setting.value)


def test_files_that_pulumi_refuses_and_those_that_only_mislead(config: Config) -> None:
    # A third of them, which a second is enough for; with all of them the outcome is the same.
    refused, misleading = list(REFUSED)[::3], list(MISLEADING)[::3]
    with ThreadPoolExecutor(4) as at_once:
        read = list(at_once.map(config.reads, range(100), [*refused, *misleading]))
    assert read == [False] * len(refused) + [True] * len(misleading)


def test_nothing_is_made_before_a_text_is_in_quotes_and_then_it_arrives(stack: Stack) -> None:
    variables = "  environmentVariables: {VER: 3.10, BUILD: 012345, DEBUG: 1, ASK: yes}\n"
    head, _, rest = stack.config_file.read_text("utf-8").partition("config:\n")
    stack.config_file.write_text(f"{head}config:\n{variables}{rest}", encoding="utf-8")
    text = stack.up(fails=True)
    for place, written, read in (("VER", "3.10", "3.1"), ("BUILD", "012345", "5349")):
        said = f"{PROJECT}:environmentVariables.{place} is written {written}, which Pulumi reads as {read}"
        assert f'Pulumi.dev.yaml: {said}; put it in quotes: "{written}"' in text
    assert stack.live() == []
    quoted = variables.replace("3.10", '"3.10"').replace("012345", '"012345"')
    stack.config_file.write_text(f"{head}config:\n{quoted}{rest}", encoding="utf-8")
    stack.up()
    (instance,) = stack.emulator.instances
    assert instance.spec.EnvironmentVariables == {
        "VER": "3.10",
        "BUILD": "012345",
        "DEBUG": "1",
        "ASK": "yes",
    }
    assert stack.nothing_billed()
