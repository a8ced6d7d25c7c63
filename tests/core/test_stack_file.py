"""The files of a project: settings under their full keys, with lines, defaults and what is encrypted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.stack_file import ConfigFile, Setting, stack_path
from tests.support.readings import MISLEADING, REFUSED

PROJECT = "dsw-free-tier"
STACK = """\
# a comment
encryptionsalt: v1:abc

config:
  alicloud:region: cn-beijing
  "dsw-free-tier:image": >-
    a long
    text
  labels:
    dsw-free-tier:image: not this one
  dsw-free-tier:config:sessionHours: 4
  dsw-free-tier:imageAuth: {secure: v1:x}
  dsw-free-tier:datasets:
    - uri:
        secure: v1:y
  dsw-free-tier:driver:
"""


def write(folder: Path, text: str, name: str = "Pulumi.dev.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def stack(folder: Path, text: str) -> ConfigFile:
    return ConfigFile.stack(write(folder, text), PROJECT)


def test_settings_have_their_full_keys_and_lines(tmp_path: Path) -> None:
    found = stack(tmp_path, STACK)
    assert {key.partition(":")[2]: found.line(key) for key in found.settings} == {
        "region": 5,
        "image": 6,
        "labels": 9,
        "sessionHours": 11,
        "imageAuth": 12,
        "datasets": 13,
        "driver": 16,
    }
    assert found.line("encryptionsalt") == 2
    assert found.line("dsw-free-tier:missing") == 4
    assert found.key_lines == {"encryptionsalt": 2, "config": 4}


def test_values_arrive_as_the_program_has_them(tmp_path: Path) -> None:
    found = {key.partition(":")[2]: one.arrives() for key, one in stack(tmp_path, STACK).settings.items()}
    assert found["image"] == "a long text"
    assert found["sessionHours"] == "4"
    assert found["driver"] == ""
    assert found["labels"] == {"dsw-free-tier:image": "not this one"}


def test_what_is_encrypted_is_known(tmp_path: Path) -> None:
    found = stack(tmp_path, STACK).settings
    assert {key.partition(":")[2] for key, one in found.items() if one.encrypted} == {"imageAuth", "datasets"}


@pytest.mark.parametrize(
    "value", ["{secure: 12}", "{secure: }", "{secure: [v1:x]}", "{secure: v1:x, more: 1}"]
)
def test_what_pulumi_does_not_decrypt_is_not_encrypted(tmp_path: Path, value: str) -> None:
    found = stack(tmp_path, f"config:\n  dsw-free-tier:labels: {value}\n").settings["dsw-free-tier:labels"]
    assert not found.encrypted
    assert isinstance(found.arrives(), dict)


@pytest.mark.parametrize("text", ["", "# nothing\n", "config:\n", "encryptionsalt: v1\n", "config: {}\n"])
def test_a_file_without_settings_points_at_its_head(tmp_path: Path, text: str) -> None:
    found = stack(tmp_path, text)
    assert found.settings == {}
    assert found.line("alicloud:region") == 1


@pytest.mark.parametrize(("text", "said"), [*REFUSED.items(), *MISLEADING.items()])
def test_what_pulumi_refuses_or_reads_otherwise_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MalformedError, match=said) as caught:
        stack(tmp_path, text)
    assert str(caught.value).startswith("Pulumi.dev.yaml")
    assert "\n" not in str(caught.value)


class TestProject:
    """A project's file."""

    def read(self, folder: Path, config: str, name: str = PROJECT) -> dict[str, Setting]:
        text = f"name: {name}\nruntime: python\nconfig:\n{config}"
        return dict(ConfigFile.project(write(folder, text, "Pulumi.yaml")).settings)

    def test_its_defaults_are_settings(self, tmp_path: Path) -> None:
        found = self.read(
            tmp_path,
            """\
  instanceName: x
  driver: {default: 535.10}
  dsw-free-tier:idleMinutes: {type: integer, description: required}
  alicloud:region: {value: cn-beijing}
  dsw-free-tier:labels:
    default: {a: 012}
""",
        )
        assert {key: (one.line, one.arrives()) for key, one in found.items()} == {
            "dsw-free-tier:instanceName": (4, "x"),
            "dsw-free-tier:driver": (5, "535.1"),
            "alicloud:region": (7, "cn-beijing"),
            "dsw-free-tier:labels": (8, {"a": 10}),
        }

    @pytest.mark.parametrize(
        ("default", "said"),
        [
            ("535.10", 'p:driver is written 535.10, which Pulumi reads as 535.1; put it in quotes: "535.10"'),
            (
                "5",
                'p:driver is written 5, which Pulumi reads as a number, not as a text; put it in quotes: "5"',
            ),
        ],
    )
    def test_the_default_of_a_text_is_one(self, tmp_path: Path, default: str, said: str) -> None:
        config = f"  driver:\n    type: string\n    default: {default}\n"
        with pytest.raises(MalformedError, match=re.escape(f"Pulumi.yaml line 6: {said}")) as caught:
            self.read(tmp_path, config, "p")
        assert caught.value.line == 6
        self.read(tmp_path, config.replace(default, f'"{default}"'), "p")

    @pytest.mark.parametrize(
        ("config", "said"),
        [
            ("a: 5.5", 'is written 5.5, and of numbers a project\'s file may have only whole ones; put it in'),
            ("a: 1e3", 'put it in quotes: "1e3"'),
            ("a: 2024-05-01", 'put it in quotes: "2024-05-01"'),
            ("o:a: 3.10", 'o:a is written 3.10, and of numbers'),
            ("a:", "p:a has no value; give it one, or remove it"),
            ("a: {b: 1}", "p:a has b, but a setting in a project's file has only default, description, items, secret"),
            ("a: {type: integer, default: 5.5}", "the default of p:a is not of the type integer"),
            ("a: {type: integer, default: x}", "the default of p:a is not of the type integer"),
            ("a: {type: boolean, default: yes}", "the default of p:a is not of the type boolean"),
            ("a: {type: object, default: [1]}", "the default of p:a is not of the type object"),
            ("a: {type: number, default: 5}", "the type number, which Pulumi doesn't know: string, integer, boolean"),
            ("a: {type: array, default: [1]}", "p:a has the type array, but no items with a type"),
            ("a: {type: array, items: {type: string}, default: [1]}", "the default of p:a is not of the type array"),
            ("a: {type: array, items: {type: integer}, default: [1, 2.5]}", "is not of the type array"),
            ("a: {default: x, value: y}", "p:a has a default and a value; remove one of the two"),
            ("a: {default: x, secret: yes}", "secret of p:a is not true or false"),
            ("o:a: {default: x}", "o:a is not a setting of p, so in this file it has a value and neither a type"),
            ("o:a: {type: string, default: x}", "write it as {value: VALUE}"),
            ("o:a: {description: x}", "write it as {value: VALUE}"),
        ],
    )  # fmt: skip
    def test_what_pulumi_refuses_in_it_is_one_sentence(self, tmp_path: Path, config: str, said: str) -> None:
        with pytest.raises(MalformedError) as caught:
            self.read(tmp_path, f"  {config}\n", "p")
        assert caught.value.line == 4
        assert str(caught.value).startswith("Pulumi.yaml line 4: ")
        assert said in str(caught.value)

    @pytest.mark.parametrize(
        ("config", "arrives"),
        [
            ("a: 5", "5"),
            ("a: yes", "yes"),
            ("a: true", "true"),
            ('a: "5.5"', "5.5"),
            ("a: [1]", [1]),
            ("a: {value: 5.5}", "5.5"),
            ("a: {value: {x: 1}}", {"x": 1}),
            ("a: {type: string, value: 5}", "5"),
            ("a: {type: integer, default: 5.0}", "5"),
            ("a: {type: integer, default: '5'}", "5"),
            ("a: {type: boolean, default: 'true'}", "true"),
            ("a: {type: object, default: {x: 1}}", {"x": 1}),
            ("a: {type: array, items: {type: array, items: {type: string}}, default: [[x]]}", [["x"]]),
            ("a: {secret: true, default: x}", "x"),
            ("o:a: {value: 5.5, description: d}", "5.5"),
            ("a: {type: string, default: }", None),
            ("a: {}", None),
        ],
    )
    def test_what_pulumi_takes_in_it_is_taken(self, tmp_path: Path, config: str, arrives: object) -> None:
        found = self.read(tmp_path, f"  {config}\n", "p")
        assert [one.arrives() for one in found.values()] == ([] if arrives is None else [arrives])

    def test_the_name_is_a_text_or_none(self, tmp_path: Path) -> None:
        path = write(tmp_path, "name: 5\n", "Pulumi.yaml")
        assert ConfigFile.project(path).project_name == ""
        path = write(tmp_path, "name: '5'\n", "Pulumi.yaml")
        assert ConfigFile.project(path).project_name == "5"

    @pytest.mark.parametrize(
        ("text", "folder"),
        [
            ("", "."),
            ("stackConfigDir: stacks\n", "stacks"),
            ("config: stacks\n", "stacks"),
            ("stackConfigDir:\n", "."),
        ],
    )
    def test_the_stacks_files_are_where_it_says(self, tmp_path: Path, text: str, folder: str) -> None:
        project = ConfigFile.project(write(tmp_path, f"name: p\n{text}", "Pulumi.yaml"))
        assert stack_path(tmp_path, project, "dev") == tmp_path / folder / "Pulumi.dev.yaml"

    def test_a_list_below_config_is_no_map_of_settings(self, tmp_path: Path) -> None:
        with pytest.raises(MalformedError, match="no map of settings below config"):
            ConfigFile.project(write(tmp_path, "name: p\nconfig: [1]\n", "Pulumi.yaml"))
