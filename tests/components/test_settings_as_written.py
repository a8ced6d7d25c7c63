"""What a stack's file says and what Pulumi makes of it: the same, or refused with what to type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import settings as runtime
from pulumi.runtime.config import set_all_config

from components import NotebookArgs, NotebookSettings
from components.arguments import SettingsError
from components.as_written import in_files
from components.settings import parse
from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.wanted_texts import wants_text
from tests.support.declarations import PROJECT, STACK, run
from tests.support.readings import MISLEADING

REGION = "alicloud:region: cn-wulanchabu"
# Written without quotes; a text of each isn't what was written.
CHANGED = [
    "3.10",
    "012345",
    "12.0",
    "1_000",
    "0x1F",
    "0o17",
    "2024-05-01",
    "1e3",
    "+5",
    "5.",
    "True",
    "99999999999999999999",
]
# As texts they are what was written.
KEPT = ["yes", "no", "1:30", "5", "535.54.03", "1e400", "nULL", "2024-02-30"]
# Where in a setting a text can be: every place there is, with what else belongs there.
TEXTS = {
    **{
        name: "{}"
        for name in NotebookArgs.names()
        if wants_text(NotebookArgs.kind(name)) and name != "imageAuth"
    },
    "environmentVariables": "{{A: b, VER: {}}}",
    "labels": "{{course: llm, version: {}}}",
    "datasets": "[{{mountPath: /a, datasetId: d}}, {{mountPath: /mnt, datasetId: {}}}]",
    "datasets ": "[{{mountPath: {}, datasetId: d}}]",
    "datasets  ": "[{{mountPath: /mnt, uri: {}}}]",
    "datasets   ": "[{{mountPath: /mnt, datasetId: d, datasetVersion: {}}}]",
    "datasets    ": "[{{mountPath: /mnt, datasetId: d, options: {}}}]",
    "datasets     ": "[{{mountPath: /mnt, datasetId: d, mountAccess: {}}}]",
    "backup": "{{snapshot: {}, repository: r.cn-wulanchabu.aliyuncs.com/me/nb}}",
    "backup ": "{{snapshot: s, repository: {}}}",
}


def write(folder: Path, *lines: str, project: str = "") -> Path:
    (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n{project}", encoding="utf-8")
    text = "config:\n" + "".join(f"  {line}\n" for line in (REGION, *lines))
    (folder / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
    return folder


def given(folder: Path) -> dict[str, Any]:
    """What the engine hands to the program: texts, structures as JSON."""
    found = {key: one.arrives() for key, one in in_files(folder, STACK).items()}
    return {key: one if isinstance(one, str) else json.dumps(one) for key, one in found.items()}


def read(folder: Path) -> NotebookSettings:
    return parse(given(folder), PROJECT, written=in_files(folder, STACK))


def refusals(folder: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(folder)
    return [str(one.message) for one in caught.value.problems]


def shown(folder: Path, key: str) -> str:
    """A setting as it has arrived, or what its form doesn't allow."""
    try:
        return str(getattr(read(folder).args, NotebookArgs.names()[key]))
    except SettingsError as error:
        return str(error).replace("Pulumi reads", "")


@pytest.mark.parametrize(
    ("place", "value"),
    [*((place, "3.10") for place in TEXTS), *(("driver", value) for value in CHANGED[1:]), ("labels", "012")],
)
def test_a_text_that_would_change_is_refused_and_the_advice_ends_it(
    tmp_path: Path, place: str, value: str
) -> None:
    key = place.strip()
    [sentence] = refusals(write(tmp_path, f"{PROJECT}:{key}: {TEXTS[place].format(value)}"))
    assert sentence.startswith(f"{PROJECT}:{key}")
    assert f"is written {value}, which Pulumi reads as " in sentence
    advised = re.search(r'put it in quotes: (".*")$', sentence)
    assert advised, sentence
    # In quotes it is the text that was written, which a form may still refuse as such.
    write(tmp_path, f"{PROJECT}:{key}: {TEXTS[place].format(advised[1])}")
    assert value in shown(tmp_path, key) or key == "ecsSpec"  # whose value no sentence shows


@pytest.mark.parametrize("place", ["instanceName", "environmentVariables", "labels", "datasets"])
@pytest.mark.parametrize("value", KEPT)
def test_a_text_that_arrives_as_written_is_accepted(tmp_path: Path, place: str, value: str) -> None:
    write(tmp_path, f"{PROJECT}:{place}: {TEXTS[place].format(value)}")
    assert value in shown(tmp_path, place)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("true", 'is written true, which Pulumi reads as a boolean, not as a text; put it in quotes: "true"'),
        ("3.1", 'is written 3.1, which Pulumi reads as a number, not as a text; put it in quotes: "3.1"'),
        ("9007199254740993", "is written 9007199254740993, which Pulumi reads as a number, not as a text"),
        ("~", "has no value; give it one, or remove it"),
        ("", "has no value; give it one, or remove it"),
    ],
)
def test_within_a_map_only_whole_numbers_stand_for_texts(tmp_path: Path, value: str, said: str) -> None:
    # Pulumi writes 3.10 as 3.1 when it sets another setting.
    [sentence] = refusals(write(tmp_path, f"labels: {{a: {value} }}"))
    assert sentence.startswith(f"{PROJECT}:labels.a {said}")


@pytest.mark.parametrize(
    ("line", "attribute", "meant"),
    [
        ("sessionHours: 4.50", "session_hours", 4.5),
        ("sessionHours: 1e1", "session_hours", 10),
        ("systemDiskGib: 0x64", "system_disk_gib", 100),
        ("systemDiskGib: 1_00", "system_disk_gib", 100),
        ("systemDiskGib: 100.0", "system_disk_gib", 100),
        ("idleMinutes: 0o36", "idle_minutes", 30),
        ("running: no", "running", False),
        ("running: off", "running", False),
        ("running: False", "running", False),
        ('idleMinutes: "030"', "idle_minutes", 30),
    ],
)
def test_numbers_and_switches_are_read_as_pulumi_reads_them(
    tmp_path: Path, line: str, attribute: str, meant: object
) -> None:
    assert getattr(read(write(tmp_path, line)).args, attribute) == meant


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("idleMinutes: 030", 'idleMinutes is written 030, which Pulumi reads as 24; put it in quotes: "030"'),
        ("sessionHours: 1:30", "sessionHours is '1:30'; allowed: a number; correct it"),
        ("sessionHours: 35.8", "sessionHours: the length of a session (its shutdown timer) is 35.8"),
        ("sessionHours: 24.5", "sessionHours: the length of a session (its shutdown timer) is 24.5"),
        ("sessionHours: 36", "sessionHours: the length of a session (its shutdown timer) is 36"),
        ("sessionHours: 2024-05-01", "sessionHours is '2024-05-01 00:00:00 +0000 UTC'; allowed: a number"),
        ("sessionHours:", "sessionHours has no value; give it one, or remove it"),
        ("running:", "running has no value; give it one, or remove it"),
        ("labels:", "labels has no value; give it one, or remove it"),
        (
            "environmentVariables: # HF_ENDPOINT: x",
            "environmentVariables has no value; give it one, or remove it",
        ),
        ("datasets: null", "datasets has no value; give it one, or remove it"),
        ("backup: ~", "backup has no value; give it one, or remove it"),
        ("imageAuth:", "imageAuth has no value; give it one, or remove it"),
        ("driver:", "driver has no value; give it one, or remove it"),
        ("image: ~", "image has no value; give it one, or remove it"),
        ("instanceName:", "instanceName has no value; give it one, or remove it"),
        ("labels: text", "labels is 'text'; allowed: a map"),
        ('labels: "null"', "labels is 'null'; allowed: a map"),
        ('driver: ""', "driver is ''; allowed: a version"),
        (
            "alicloud:profile: 012345",
            'alicloud:profile is written 012345, which Pulumi reads as 5349; put it in quotes: "012345"',
        ),
        (
            "alicloud:clientReadTimeout: 010",
            "clientReadTimeout is written 010, which Pulumi reads as 8; put it in quotes",
        ),
        (
            "alicloud:profile: 1_0",
            'alicloud:profile is written 1_0, which Pulumi reads as 10; put it in quotes: "1_0"',
        ),
        ('labels: \'{"a": "b", "a": "c"}\'', "labels sets a twice; remove one of the two"),
        (
            "environmentVariables: '{\"V\": 3.10}'",
            "environmentVariables.V is a number where a text is wanted; put it in quotes",
        ),
    ],
)
def test_other_wrong_values_are_one_sentence(tmp_path: Path, line: str, said: str) -> None:
    [sentence] = refusals(write(tmp_path, line))
    assert said in sentence


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("session_hours", "in a stack's configuration write sessionHours instead"),
        ("workspace_id", "workspace_id is the name in a Python program; in a stack's configuration write workspaceId"),
        ("backup.snapshot", "rm backup.snapshot, then pulumi config set --path backup.snapshot VALUE"),
        ("labels.team", "labels.team is a key of its own and not a part of labels; run pulumi config rm labels.team"),
        ('"datasets[0].uri"', "rm datasets[0].uri, then pulumi config set --path datasets[0].uri VALUE"),
        ("colour", "colour is not a setting of the notebook; remove or correct it"),
    ],
)  # fmt: skip
def test_a_key_that_means_a_setting_says_which(tmp_path: Path, key: str, said: str) -> None:
    [sentence] = refusals(write(tmp_path, f"{key}: 012345"))
    assert said in sentence


@pytest.mark.parametrize("namespace", ["dsw_free_tier", "dsw-free-teir", "DSW-free-tier"])
def test_a_namespace_that_is_almost_the_projects_is_not_passed_over(tmp_path: Path, namespace: str) -> None:
    [sentence] = refusals(write(tmp_path, f"{namespace}:systemDiskGib: 20", f"{namespace}:region: x"))
    assert sentence == (
        f"{namespace}:systemDiskGib is not read, as this project's settings begin with {PROJECT}:; "
        f"write {PROJECT}:systemDiskGib instead"
    )
    # Another package may have a setting of the same name.
    read(write(tmp_path, "docker:image: python", "random:labels: {a: b}"))


def test_the_region_is_one_sentence_too(tmp_path: Path) -> None:
    path = write(tmp_path) / f"Pulumi.{STACK}.yaml"
    path.write_text("config:\n  alicloud:region: 3.10\n", encoding="utf-8")
    [sentence] = refusals(tmp_path)
    assert sentence == 'alicloud:region is written 3.10, which Pulumi reads as 3.1; put it in quotes: "3.10"'


def test_an_encrypted_part_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path, "environmentVariables: {PASSWORD: {secure: v1:abc}, BUILD: 012345}")
    values = given(tmp_path) | {f"{PROJECT}:environmentVariables": '{"PASSWORD": "hunter2", "BUILD": 5349}'}
    with pytest.raises(SettingsError, match=r"environmentVariables\.BUILD is not what") as caught:
        parse(values, PROJECT, list(values), in_files(tmp_path, STACK))
    assert "hunter2" not in str(caught.value)
    assert "012345" not in str(caught.value)


def test_a_secret_setting_is_not_shown(tmp_path: Path) -> None:
    [sentence] = refusals(write(tmp_path, "imageAuth: 012345"))
    assert (
        sentence == f"{PROJECT}:imageAuth is not what was written once Pulumi has read it; put it in quotes"
    )


@pytest.mark.parametrize("value", ["535.10", "535.54", "5"])
def test_what_comes_from_elsewhere_is_as_it_was_given(tmp_path: Path, value: str) -> None:
    write(tmp_path, "driver: 535.100", "labels: {a: 012}")
    values = given(tmp_path) | {f"{PROJECT}:driver": value, f"{PROJECT}:labels": '{"a": "012"}'}
    settings = parse(values, PROJECT, written=in_files(tmp_path, STACK))
    assert (settings.args.driver, settings.args.labels) == (value, {"a": "012"})


def test_a_time_is_recognised_in_the_zone_of_any_machine(tmp_path: Path) -> None:
    write(tmp_path, "instanceName: 2024-05-01T10:00:00+08:00")
    values = given(tmp_path) | {f"{PROJECT}:instanceName": "2024-05-01 10:00:00 +0800 CST"}
    with pytest.raises(SettingsError, match="is written 2024-05-01T10:00:00"):
        parse(values, PROJECT, written=in_files(tmp_path, STACK))


class TestInAProgram:
    """What a program reads of its own project."""

    @pytest.fixture(autouse=True)
    def clean(self) -> Iterator[None]:
        yield
        set_all_config({}, [])

    def read(self, folder: Path | None, values: dict[str, str] | None = None) -> str:
        """What `from_config` says; empty where it says nothing."""
        said: list[str] = []

        def program() -> None:
            set_all_config(given(folder) if folder and values is None else values or {}, [])
            runtime.SETTINGS.root_directory = str(folder) if folder else None
            try:
                NotebookSettings.from_config()
            except pulumi.RunError as error:
                said.append(str(error))

        run(program)
        return "\n".join(said)

    def test_the_file_is_named(self, tmp_path: Path) -> None:
        said = self.read(write(tmp_path, "driver: 535.10"))
        assert said.startswith(f"Pulumi.{STACK}.yaml: {PROJECT}:driver is written 535.10")

    def test_defaults_of_the_project_are_in_its_own_file(self, tmp_path: Path) -> None:
        write(tmp_path, project="config:\n  driver: {default: 2024-05-01}\n")
        said = self.read(tmp_path)
        assert said.startswith(f"Pulumi.yaml: {PROJECT}:driver is written 2024-05-01")

    def test_the_files_may_be_in_a_folder_of_their_own(self, tmp_path: Path) -> None:
        write(tmp_path, "driver: 535.10", project="stackConfigDir: stacks\n")
        values = {"alicloud:region": "cn-wulanchabu", f"{PROJECT}:driver": "535.1"}
        assert self.read(tmp_path, values) == ""
        (tmp_path / "stacks").mkdir()
        (tmp_path / f"Pulumi.{STACK}.yaml").rename(tmp_path / "stacks" / f"Pulumi.{STACK}.yaml")
        assert "driver is written 535.10" in self.read(tmp_path, values)

    @pytest.mark.parametrize("text", list(MISLEADING))
    def test_a_misleading_file_is_refused(self, tmp_path: Path, text: str) -> None:
        (write(tmp_path) / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
        said = self.read(tmp_path, {"alicloud:region": "cn-wulanchabu"})
        assert said.startswith(f"Pulumi.{STACK}.yaml")
        assert "\n" not in said

    def test_without_files_the_configuration_counts(self, tmp_path: Path) -> None:
        values = {"alicloud:region": "cn-wulanchabu", f"{PROJECT}:driver": "535.1"}
        assert self.read(None, values) == "", "as an inline program of the Automation API"
        assert self.read(tmp_path, values) == ""
        (write(tmp_path) / f"Pulumi.{STACK}.yaml").unlink()
        assert self.read(tmp_path, values) == ""


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (write(tmp_path) / f"Pulumi.{STACK}.yaml").write_text("config: [", encoding="utf-8")
    with pytest.raises(MalformedError, match="is not YAML"):
        in_files(tmp_path, STACK)
