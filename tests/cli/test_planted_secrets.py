"""Commands on a notebook with secrets, in a cloud that quotes them: no output shows one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from paidsw.cloud.credentials import REHEARSAL_ACCESS_KEY_SECRET
from paidsw.core.properties import SECRET, SIGNATURE
from paidsw.core.redaction import MASK
from paidsw.emulator.testing import Emulator
from paidsw.rules.rule import WORKSPACE_TYPE
from tests.support.audited import instance_resource, state
from tests.support.command import Project
from tests.support.notebooks import ask, change, create
from tests.support.planted import forms
from tests.support.plugin import Plugin
from tests.support.samples import REGION

TOKEN, WORD = "planted-t0k3n-of-a-link", "planted-w0rd/of the+environment"
ALL = (TOKEN, WORD, REHEARSAL_ACCESS_KEY_SECRET)
QUOTED = " ".join(f"'{form}'" for text in ALL for form in forms(text))
COMMANDS: list[tuple[str, ...]] = [
    ("status",),
    ("status", "--json"),
    ("events",),
    ("events", "--json"),
    ("lifecycle",),
    ("lifecycle", "--json"),
    ("audit", "--region", REGION),
    ("audit", "--region", REGION, "--json"),
    ("audit", "--region", REGION, "--format", "html"),
    ("audit", "--region", REGION, "--format", "markdown"),
    ("extend", "2h"),
    ("extend", "1h", "--json"),
    ("backup", "--list"),
    ("backup", "--list", "--json"),
    ("backup", "--snapshot", "llm", "--repository", "registry.example.com/me/notebooks"),
    ("doctor",),
    ("doctor", "--json"),
    ("open",),
]


@pytest.fixture
def notebook(cloud: Emulator, plugin: Plugin) -> str:
    made = create(plugin, cloud, environmentVariables={"WORD": WORD, "SHORT": "1"})
    change(cloud, made, token=TOKEN)
    return made


def shown(found: Any) -> list[str]:
    text = found.out + found.err
    return [form for one in ALL for form in forms(one) if form in text]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_shows_a_secret_of_a_notebook(
    project: Project, cloud: Emulator, notebook: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    # Its reason, its history and its events quote what it was made with.
    change(cloud, notebook, reason_code="ImagePullBackOff", reason_message=QUOTED)
    assert shown(ask(project, cloud, *arguments)) == []


# They ask for something else before, or instead of, a notebook, whose secrets they don't know then.
BLIND = [one for one in COMMANDS if one[0] == "status" or one[:2] == ("backup", "--list")]


@pytest.mark.parametrize("arguments", [one for one in COMMANDS if one not in BLIND], ids=" ".join)
def test_no_command_shows_a_secret_that_a_refusal_quotes(
    project: Project, cloud: Emulator, notebook: str, arguments: tuple[str, ...]
) -> None:
    # The first list is answered, so that the secrets are known.
    cloud.faults.add("error", "ListInstances", nth=2, times=0, code="Invalid", message=QUOTED)
    for operation in (
        "Get*",
        "Create*",
        "Delete*",
        "ListI*Snapshot",
        "ListImages",
        "Query*",
        "ListEcs*",
        "Update*",
    ):
        cloud.faults.add("error", operation, times=0, code="Invalid", message=QUOTED)
    found = ask(project, cloud, *arguments)
    assert shown(found) == []
    assert found.out + found.err


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_shows_the_key_that_it_signs_with(
    project: Project, cloud: Emulator, notebook: str, arguments: tuple[str, ...]
) -> None:
    quoted = " ".join(f"'{form}'" for form in forms(REHEARSAL_ACCESS_KEY_SECRET))
    cloud.faults.add("error", "*", times=0, code="Invalid", message=f"{quoted} SecurityToken={TOKEN}")
    assert shown(ask(project, cloud, *arguments)) == []


def test_the_cloud_is_quoted_all_the_same(project: Project, cloud: Emulator, notebook: str) -> None:
    cloud.faults.add("error", "GetInstanceEvents", times=0, code="Invalid", message=f"no events for '{WORD}'")
    assert f"no events for '{MASK}'" in ask(project, cloud, "events").err


@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_a_report_doesnt_show_what_the_state_keeps_as_a_secret(
    project: Project, cloud: Emulator, plugin: Plugin, tmp_path: Path, form: str
) -> None:
    made = create(plugin, cloud, instanceName="plantedname", labels={"team": "plantedteam"})
    secret = {SIGNATURE: SECRET, "ciphertext": "v1:a:b"}
    resource = instance_resource(f"{REGION}/{made}")
    resource["inputs"] |= {"instanceName": secret, "labels": secret}
    place = instance_resource(cloud.default_workspace(REGION)) | {"type": WORKSPACE_TYPE}
    place["inputs"] = {"workspaceName": secret}
    file = tmp_path / "state.json"
    file.write_text(state(resource, place, emulator=cloud.url))
    arguments = ("audit", "--region", REGION, "--format", form)
    before = ask(project, cloud, *arguments).out
    assert "plantedname" in before
    assert "default_cn_wulanchabu" in before
    found = ask(project, cloud, *arguments, "--state", str(file))
    assert MASK in found.out
    assert not [word for word in ("planted", "default_cn_wulanchabu") if word in found.out + found.err]
