"""The project that is previewed, as data; its launcher as a process, without an engine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from paidsw.cli.check.generated import Generated
from paidsw.cli.check.levels import IN_EVERY_CHECK, written
from paidsw.cli.check.source import Source
from paidsw.setup import layout
from paidsw.setup.layout import ROOT
from tests.support.waiting import PATIENCE

# Says where its modules come from.
PROGRAM = """\
import json, os, sys
import components, paidsw, pulumi, yaml
import rooms
modules = (components, paidsw, pulumi, yaml, rooms)
places = {one.__name__: os.path.dirname(os.path.abspath(one.__file__)) for one in modules}
print(json.dumps({"places": places, "cwd": os.getcwd(), "name": __name__, "started": "evil" in sys.modules}))
"""
EVIL = "raise SystemExit('this must not run')\n"


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    folder = tmp_path / "a branch's"
    for name in ("components", "paidsw"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(EVIL)
    for name in ("yaml", "pulumi", "json", "sitecustomize", "usercustomize", "runpy", "sysconfig", "grpc"):
        (folder / f"{name}.py").write_text(EVIL)
    (folder / "rooms.py").write_text("")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "Pulumi.yaml").write_text(PROJECT)
    return folder


PROJECT = """\
name: my-project
description: something
main: elsewhere
stackConfigDir: elsewhere
backend: {url: https://a.example}
runtime: {name: nodejs, options: {nodeargs: x}}
plugins: {providers: [{name: paidsw, path: evil}], languages: [{name: python, path: evil}]}
packages: {x: a.example/x}
config:
  sessionHours: 2
  alicloud:region: cn-beijing
  alicloud:insecure: {value: true}
  dsw-free-tier:imageAuth: {secret: true, value: x}
  my-project:imageAuth: {type: string, secret: true, default: x}
"""


def generated(folder: Path, branch: Path) -> Generated:
    made = Generated(folder / "made", ROOT, branch)
    made.folder.mkdir()
    made.write(Source(branch).project(), "my-project")
    return made


def test_of_the_judged_project_only_name_and_accepted_settings_are_left(tmp_path: Path, branch: Path) -> None:
    made = generated(tmp_path, branch)
    project = yaml.safe_load((made.folder / "Pulumi.yaml").read_text())
    assert set(project) == {"name", "config", "main", "stackConfigDir", "runtime", "plugins"}
    assert (project["name"], project["main"], project["stackConfigDir"]) == ("my-project", "program", ".")
    assert project["runtime"]["options"]["virtualenv"] == str(layout.environment(ROOT))
    paths = {one["name"]: one["path"] for one in project["plugins"]["providers"]}
    assert paths == {"paidsw": str(ROOT / "provider"), "alicloud": str(ROOT / "rehearsal" / "alicloud")}
    assert set(project["plugins"]) == {"providers"}
    assert project["config"] == {
        "sessionHours": 2,
        "alicloud:region": "cn-beijing",
        "my-project:imageAuth": {"type": "string", "default": "x"},
    }


def test_nothing_beside_the_program_stands_for_a_package(tmp_path: Path, branch: Path) -> None:
    made = generated(tmp_path, branch)
    done = subprocess.run(
        [layout.python(ROOT), "."],
        cwd=made.folder / "program",
        env={**made.environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["cwd"] == str(branch)
    assert said["name"] == "__main__"
    places = said["places"]
    assert (places["components"], places["paidsw"]) == (str(ROOT / "components"), str(ROOT / "paidsw"))
    assert places["rooms"] == str(branch)
    for name in ("yaml", "pulumi"):
        assert Path(places[name]).is_relative_to(layout.environment(ROOT).resolve())


def test_variables_of_the_user_do_not_bring_other_modules(
    tmp_path: Path, branch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "PULUMI_CONFIG", "PULUMI_STACK", "ALICLOUD_ACCESS_KEY"):
        monkeypatch.setenv(name, str(branch))
    environment = generated(tmp_path, branch).environment()
    assert str(branch) not in environment.values()
    assert environment["PYTHONNOUSERSITE"] == "1"
    home = Path(environment["PULUMI_HOME"])
    assert home.is_relative_to(tmp_path / "made")
    assert os.listdir(home) == []


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (None, "mandatory"),
        ({}, "mandatory"),
        ({"all": "disabled"}, "mandatory"),
        ({"no-billing-override": "advisory"}, "advisory"),
        ({"no-billing-override": {}}, {"enforcementLevel": "mandatory"}),
        ({"no-billing-override": {"enforcementLevel": "disabled"}}, {"enforcementLevel": "disabled"}),
    ],
)
def test_permission_to_bill_needs_an_entry_of_its_own(tmp_path: Path, given: object, level: object) -> None:
    file = tmp_path / "levels.json"
    file.write_text(json.dumps(given))
    entries = json.loads(written(None if given is None else file))
    assert entries == {**(given or {}), "no-billing-override": level}  # type: ignore[dict-item]
    assert set(IN_EVERY_CHECK) == {"no-billing-override"}
