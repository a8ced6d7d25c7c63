"""What `dsw backup` shows without saving: the images there are, and the way to download results."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from paidsw.cli import guide, images
from paidsw.cli.errors import ExitCode
from paidsw.cli.times import local
from paidsw.cloud.models import Image
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.core.times import parsed
from paidsw.emulator.aiworkspace.models import Image as Saved
from paidsw.emulator.testing import Emulator
from tests.support.command import Project
from tests.support.notebooks import HOSTILE, ask, is_harmless
from tests.support.samples import REGION


def put(cloud: Emulator, number: int, region: str = REGION, uri: str = "") -> str:
    """An image that was saved so many minutes after the beginning."""
    made = f"image-{number:018x}"

    def add(found: Any) -> None:
        at = found.now() + 60_000 * number
        found.state.images[made] = Saved(made, region, "1", f"llm-{number}", uri or f"r/me/n:{number}", at)

    cloud.do(add)
    return made


def test_images_newest_last(project: Project, cloud: Emulator) -> None:
    third, first, second = put(cloud, 3), put(cloud, 1), put(cloud, 2)
    put(cloud, 4, region="cn-beijing")
    found = ask(project, cloud, "backup", "--list")
    assert (found.code, found.err) == (0, "")
    head, *lines = found.out.splitlines()
    assert head.split() == ["Saved", "Size", "Id", "Image"]
    assert [one in line for one, line in zip((first, second, third), lines, strict=True)] == [True] * 3
    assert lines[0].startswith(local(parsed("2026-01-05T02:01:00Z")))
    assert lines[0].endswith("  r/me/n:1")
    assert [call.operation for call in cloud.calls] == ["ListImages"]


def test_images_as_json(project: Project, cloud: Emulator) -> None:
    made = put(cloud, 1)
    image = {
        "image": "r/me/n:1",
        "imageId": made,
        "name": "llm-1",
        "time": "2026-01-05T02:01:00Z",
        "size": 21,
    }
    found = ask(project, cloud, "backup", "--list", "--json")
    assert json.loads(found.out) == {"region": REGION, "images": [image]}


def test_no_image(project: Project, cloud: Emulator) -> None:
    assert ask(project, cloud, "backup", "--list").out == f"No image is saved in {REGION}\n"
    found = ask(project, cloud, "backup", "--list", "--json", "--region", "cn-beijing")
    assert json.loads(found.out) == {"region": "cn-beijing", "images": []}


def test_more_images_than_a_page(project: Project, cloud: Emulator) -> None:
    made = [put(cloud, number) for number in range(205)]
    found = json.loads(ask(project, cloud, "backup", "--list", "--json").out)
    assert [one["imageId"] for one in found["images"]] == made
    assert len(cloud.calls) == 3


def test_official_images_are_not_among_them_whatever_the_filter_does(
    project: Project, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = put(cloud, 1), WorkspaceClient.call

    async def unfiltered(client: WorkspaceClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return await real(client, operation, request | {"Accessibility": None})

    monkeypatch.setattr(WorkspaceClient, "call", unfiltered)
    found = json.loads(ask(project, cloud, "backup", "--list", "--json").out)
    assert [one["imageId"] for one in found["images"]] == [made]


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "unknown"), (21, "unknown"), (2.5, "unknown"), (22_548_578_304, "21.0 GiB"), (2**20, "0.0 GiB")],
)
def test_a_size(size: float, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    image = Image(image_id="image-1", image_uri="r/me/n:1", gmt_create_time="2026-01-05T02:00:00Z", size=size)
    images.show(REGION, [image])
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["Saved", "Size", "Id", "Image"]
    assert row.split("  ")[1:] == [said, "image-1", "r/me/n:1"]
    assert images.document(REGION, [image])["images"][0]["size"] == (size or None)


def test_a_time_that_is_none_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    images.show(REGION, [Image(image_id="image-1", gmt_create_time="soon")])
    assert capsys.readouterr().out.splitlines()[1].startswith("soon  ")


def test_hostile_images_reach_no_terminal(project: Project, cloud: Emulator) -> None:
    put(cloud, 1, uri=HOSTILE)
    found = ask(project, cloud, "backup", "--list")
    assert found.code == 0
    assert is_harmless(found.out)


@pytest.mark.parametrize("kind", ["permission", "http-500", "cut-after", "bad-body"])
def test_a_cloud_that_fails_is_one_sentence(project: Project, cloud: Emulator, kind: str) -> None:
    cloud.faults.add(kind, "ListImages", times=0)
    found = ask(project, cloud, "backup", "--list")
    assert (found.code, found.out) == (ExitCode.FAILED, "")
    assert found.err.startswith("error: ListImages: ")
    assert found.err.count("\n") == 1


def test_an_image_that_cannot_be_read_is_one_sentence(
    project: Project, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(_client: WorkspaceClient, _operation: str, _request: dict[str, Any]) -> dict[str, Any]:
        return {"Images": [{"ImageId": "image-1", "Size": "large"}], "TotalCount": 1}

    monkeypatch.setattr(WorkspaceClient, "call", odd)
    found = ask(project, cloud, "backup", "--list")
    assert found.code == ExitCode.FAILED
    assert found.err == "error: ListImages: the cloud's answer has no readable Size\n"


def test_the_guide_calls_nothing_and_needs_nothing(project: Project, cloud: Emulator) -> None:
    (project.root / "Pulumi.dev.yaml").unlink()
    found = ask(project, cloud, "backup", "--guide")
    assert (found.code, found.err, cloud.calls) == (0, "", [])
    assert all(f"    {line}\n" in found.out for line in guide.COMMANDS.splitlines())
    assert "dsw open" in found.out
    assert "Download" in found.out


@pytest.mark.skipif(sys.platform == "win32", reason="the notebook's terminal is a Linux one")
def test_the_commands_of_the_guide_pack_the_results(tmp_path: Path) -> None:
    workspace, scratch, home = tmp_path / "workspace", tmp_path / "scratch", tmp_path / "home"
    for folder in (workspace / "output", workspace / ".cache", workspace / ".config", scratch, home):
        folder.mkdir(parents=True)
    for name in ("output/lora weights.bin", ".cache/base.bin", ".config/x", "results.tar.gz", "-odd"):
        (workspace / name).write_text(name)
    commands = guide.COMMANDS.replace("/tmp/results", f"{scratch}/results")
    commands = commands.replace("/mnt/workspace", str(workspace))
    done = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=home, capture_output=True, text=True, check=True
    )
    packed = workspace / "results.tar.gz"
    with tarfile.open(packed) as archive:
        found = {item.name for item in archive if item.isfile()}
    assert found == {"./output/lora weights.bin", "./.config/x", "./-odd"}
    assert done.stdout.endswith(f"{hashlib.sha256(packed.read_bytes()).hexdigest()}  results.tar.gz\n")
    assert list(scratch.iterdir()) == []
    assert "./output" not in done.stdout
    assert "\toutput\n" in done.stdout
    assert "\t.cache\n" in done.stdout
