"""Where `dsw backup` saves: by its options, by the stack, and what is wrong with it in one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from paidsw.cli.errors import ExitCode
from paidsw.emulator.testing import Emulator
from tests.cli.test_backup import REPOSITORY, images, names
from tests.support.command import Project
from tests.support.notebooks import ask, create
from tests.support.plugin import Plugin
from tests.support.samples import REGION


@pytest.fixture
def notebook(cloud: Emulator, plugin: Plugin) -> str:
    made = create(plugin, cloud)
    cloud.do(lambda found: found.calls.clear())
    return made


def configure(project: Project, value: Any) -> None:
    """Set `backup` in the stack's configuration."""
    path = project.root / "Pulumi.dev.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    document["config"]["dsw-free-tier:backup"] = value
    path.write_text(yaml.safe_dump(document), "utf-8")


@pytest.mark.parametrize(
    "declared",
    [
        {"snapshot": "llm", "repository": REPOSITORY},
        json.dumps({"snapshot": "llm", "repository": REPOSITORY}),
    ],
    ids=["map", "text"],
)
def test_the_place_of_the_stack(project: Project, cloud: Emulator, notebook: str, declared: Any) -> None:
    configure(project, declared)
    assert ask(project, cloud, "backup").code == 0
    assert images(cloud)[0].startswith(f"{REPOSITORY}:llm-")


def test_an_option_wins_over_the_stack(project: Project, cloud: Emulator, notebook: str) -> None:
    configure(project, {"snapshot": "llm", "repository": REPOSITORY})
    assert ask(project, cloud, "backup", "--snapshot", "before-exam").code == 0
    assert images(cloud)[0].startswith(f"{REPOSITORY}:before-exam-")


@pytest.mark.parametrize(
    ("declared", "arguments", "said"),
    [
        (None, (), "backup.snapshot and backup.repository are not set"),
        (None, ("--snapshot", "llm"), "backup.repository is not set"),
        ({"repository": REPOSITORY}, (), "backup.snapshot is not set"),
        (None, ("--snapshot", "LLM", "--repository", REPOSITORY), "backup.snapshot is 'LLM'"),
        (None, ("--snapshot", "", "--repository", REPOSITORY), "backup.snapshot is ''"),
        (None, ("--snapshot", "llm", "--repository", f"{REPOSITORY}:v1"), "backup.repository is"),
        (
            {"snapshot": 7.5, "repository": REPOSITORY},
            (),
            "backup.snapshot is written 7.5, which Pulumi reads as a number",
        ),
        ({"snapshot": "a", "repository": REPOSITORY, "tag": "b"}, (), "backup.tag is not"),
        ({"snapshot": "a", "repository": {"secure": "v1:x"}}, (), "is encrypted"),
        ({"secure": "v1:x"}, (), "is encrypted"),
        ("llm", (), "is not a map of snapshot and repository"),
        (["llm"], (), "is not a map of snapshot and repository"),
    ],
)
def test_no_place_or_a_wrong_one_is_one_sentence(
    project: Project, cloud: Emulator, notebook: str, declared: Any, arguments: tuple[str, ...], said: str
) -> None:
    configure(project, declared)
    found = ask(project, cloud, "backup", *arguments)
    assert (found.code, found.out) == (ExitCode.USAGE, "")
    assert said in found.err
    assert found.err.count("\n") == 1
    assert names(cloud) == []


def test_a_missing_place_says_how_to_set_it(project: Project, cloud: Emulator) -> None:
    said = ask(project, cloud, "backup").err
    for words in ("pulumi config set --path backup.snapshot llm", "https://cr.console.aliyun.com/", "个人版"):
        assert words in said


@pytest.mark.parametrize(
    ("repository", "said"),
    [
        (f"mine-registry.{REGION}.cr.aliyuncs.com/me/notebooks", "goes to a registry that may bill"),
        ("registry-vpc.cn-beijing.aliyuncs.com/me/notebooks", "goes to another region, which may bill"),
        (REPOSITORY, ""),
    ],
)
def test_storage_that_may_bill_is_a_warning(
    project: Project, cloud: Emulator, notebook: str, repository: str, said: str
) -> None:
    found = ask(project, cloud, "backup", "--snapshot", "llm", "--repository", repository)
    assert found.code == 0
    warned = [line for line in found.err.splitlines() if line.startswith("warning: ")]
    assert len(warned) == bool(said)
    assert all(said in line and line.endswith("[free-backup-storage]") for line in warned)
