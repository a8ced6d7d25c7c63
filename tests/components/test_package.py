"""The component package: its schema has every setting, and what can't be judged is refused before anything is made."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components import NotebookArgs
from components.arguments import SettingsError
from components.package import TOKEN, NotebookPackage, schema
from paidsw import __version__

RESOURCE: dict[str, Any] = schema()["resources"][TOKEN]


def test_every_setting_is_a_plain_input_with_its_meaning() -> None:
    inputs = RESOURCE["inputProperties"]
    assert inputs.keys() == {"region", *NotebookArgs.names()}
    assert all(spec["plain"] and spec["description"] for spec in inputs.values())
    assert RESOURCE["requiredInputs"] == ["region"]


def test_the_outputs_are_those_of_the_instance_and_two_figures() -> None:
    outputs = RESOURCE["properties"]
    assert list(outputs)[-2:] == ["cuPerHour", "quotaHours"]
    assert all(spec["type"] == "string" and spec["description"] for spec in outputs.values())
    assert {name for name, spec in outputs.items() if spec.get("secret")} == {
        "jupyterlabUrl",
        "webIdeUrl",
        "terminalUrl",
    }


def test_the_types_that_settings_refer_to_are_there() -> None:
    types = schema()["types"]
    referred = {text.partition('"')[0] for text in json.dumps(schema()).split("#/types/")[1:]}
    assert referred == types.keys()
    assert types["dsw-free-tier:index:Backup"]["required"] == ["snapshot", "repository"]


def test_the_provider_serves_that_schema() -> None:
    package = NotebookPackage()
    assert package.version == __version__
    assert package.schema is not None
    assert json.loads(package.schema) == schema()


@pytest.mark.parametrize(
    ("inputs", "name", "words"),
    [
        ({}, "region", "region is missing, it is required; set it"),
        ({"region": 5}, "region", "region is missing"),
        ({"region": "cn-beijing", "colour": "red"}, "colour", "colour is not a setting of the notebook"),
        ({"region": "cn-beijing", "idleMinutes": "long"}, "idleMinutes", "allowed: a whole number"),
    ],
)
def test_a_wrong_setting_is_one_sentence(inputs: dict[str, Any], name: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        NotebookPackage().construct("notebook", TOKEN, inputs)
    (problem,) = caught.value.problems
    assert problem.name == name
    assert words in str(problem.message)


def test_a_value_that_is_not_plain_is_refused_and_not_shown() -> None:
    secret = object.__new__(pulumi.Output)
    with pytest.raises(SettingsError, match="imageAuth is a secret or not known yet; give a plain value"):
        NotebookPackage().construct("notebook", TOKEN, {"region": "cn-beijing", "imageAuth": secret})


def test_another_resource_is_refused() -> None:
    with pytest.raises(
        pulumi.RunError, match=f"lab:index:Other is not a resource of dsw-free-tier; use {TOKEN}"
    ):
        NotebookPackage().construct("notebook", "lab:index:Other", {"region": "cn-beijing"})
