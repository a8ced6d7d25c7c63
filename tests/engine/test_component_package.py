"""The components folder as a package: another program gets the notebook without importing it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from paidsw import __version__
from paidsw.emulator.testing import Emulator
from paidsw.setup.layout import ROOT
from tests.support.engine import INSTANCE, WORKSPACE, Stack, is_quiet

pytestmark = pytest.mark.engine
PROGRAM = Path(__file__).parent / "programs" / "component_package"
TOKEN = "dsw-free-tier:index:FreeTierNotebook"


@pytest.fixture
def stack(tmp_path: Path, cloud: Emulator, launch_folder: Path) -> Stack:
    made = Stack(tmp_path, cloud, PROGRAM, launch_folder=launch_folder)
    project = made.project / "Pulumi.yaml"
    document = yaml.safe_load(project.read_text())
    document["plugins"]["providers"].append(
        {"name": "dsw-free-tier", "path": str(launch_folder / "components")}
    )
    project.write_text(yaml.safe_dump(document))
    return made


def test_a_notebook_comes_from_the_package_and_goes(stack: Stack) -> None:
    stack.up()
    resources = stack.resources()
    assert {TOKEN, WORKSPACE, INSTANCE} <= resources.keys()
    assert resources[INSTANCE]["parent"] == resources[TOKEN]["urn"]
    assert resources[INSTANCE]["inputs"]["instanceName"] == "from_a_package"
    assert resources[INSTANCE]["inputs"]["idleInstanceCuller"]["maxIdleTimeInMinutes"] == 20
    outputs = resources["pulumi:pulumi:Stack"]["outputs"]
    assert outputs["status"] == "Running"
    assert outputs["quotaHours"] == "35.75"
    assert "lab" not in json.dumps(outputs["jupyterlabUrl"]), "the address is a secret"
    assert stack.emulator.instances[0].labels["team"] == "planted"
    assert "planted" not in json.dumps(resources)
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


def test_a_wrong_setting_is_one_sentence_and_makes_nothing(stack: Stack) -> None:
    assert stack.run("config", "set", "lab:name", "bad-name", "--stack", "dev").code == 0
    text = stack.up(fails=True)
    assert 'instance name "bad-name" is not one that DSW accepts' in text
    assert is_quiet(text)
    assert stack.live() == []


def test_the_schema_has_every_setting(stack: Stack) -> None:
    done = stack.run("package", "get-schema", str(ROOT / "components" / "pulumi-resource-dsw-free-tier"))
    assert done.code == 0, done.text
    schema = json.loads(done.text[done.text.index("{") :])
    resource = schema["resources"][TOKEN]
    assert (schema["version"], resource["isComponent"]) == (__version__, True)
    assert resource["requiredInputs"] == ["region"]
    assert resource["inputProperties"]["datasets"]["items"]["$ref"] == "#/types/dsw-free-tier:index:Dataset"
