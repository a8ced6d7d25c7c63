"""The component package: its schema has every setting, and what can't be judged is refused before anything is made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pulumi
import pytest
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2

from components import NotebookArgs
from components.arguments import SettingsError
from components.package import TOKEN, NotebookPackage, ServedPackage, schema
from paidsw import __version__
from paidsw.core.values import UNKNOWN
from paidsw.provider.values import decode, encode
from tests.support.declarations import INSTANCE, Recorder, run

RESOURCE: dict[str, Any] = schema()["resources"][TOKEN]


def test_every_setting_is_an_input_with_its_meaning_that_may_be_a_secret() -> None:
    inputs = RESOURCE["inputProperties"]
    assert inputs.keys() == {"region", *NotebookArgs.names()}
    assert all(spec["description"] for spec in inputs.values())
    assert {name for name, spec in inputs.items() if spec.get("plain")} == {"region"}
    assert {name for name, spec in inputs.items() if spec.get("secret")} == {
        "imageAuth",
        "environmentVariables",
    }
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


def constructed(
    inputs: dict[str, Any],
    secret: Iterable[str] = (),
    dependent: Iterable[str] = (),
    *,
    preview: bool = False,
) -> Recorder:
    """What the package declares for inputs as the engine hands them over; `dependent` come from another resource."""
    urns = provider_pb2.ConstructRequest.PropertyDependencies(urns=["urn:pulumi:dev::lab::a:b:C::c"])

    async def program() -> Any:
        received = await ProviderServicer._construct_inputs(
            encode({"region": "cn-beijing", **inputs}, secret), dict.fromkeys(dependent, urns)
        )
        return NotebookPackage().construct("notebook", TOKEN, received).state["status"]

    return run(program, preview=preview)


def test_whole_numbers_of_a_program_in_yaml_are_texts_where_texts_are_wanted() -> None:
    numbers = {
        "workspaceId": 12345,
        "driver": 550,
        "labels": {"group": 7},
        "idleMinutes": 37,
        "sessionHours": 2,
    }
    declared = constructed(numbers, ["labels", "driver"])
    instance = decode(declared.request(INSTANCE).object)
    assert instance.values["workspaceId"] == "12345"
    assert instance.values["driver"] == "550"
    assert instance.values["labels"] == {"group": "7"}
    assert instance.values["sessionHours"] == 2
    assert {"labels", "driver"} <= instance.secrets


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"driver": 535.1}, "driver is 535.1, a number where a text is wanted; put it in quotes"),
        (
            {"labels": {"version": 3.1}},
            "labels.version is 3.1, a number where a text is wanted; put it in quotes",
        ),
        ({"workspaceId": 2.0**60}, "workspaceId is 1152921504606846976, a number where a text is wanted"),
        ({"labels": {"on": True}}, "labels.on is true, a boolean where a text is wanted; put it in quotes"),
        ({"environmentVariables": {"V": 3.1}}, "environmentVariables.V is a number where a text is wanted"),
    ],
)
def test_other_numbers_for_a_text_are_one_sentence(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        NotebookPackage().construct("notebook", TOKEN, {"region": "cn-beijing", **inputs})
    (problem,) = caught.value.problems
    assert words in str(problem.message)


def test_a_secret_setting_stays_one() -> None:
    declared = constructed({"labels": {"team": "planted"}, "idleMinutes": 37}, ["labels", "idleMinutes"])
    instance = decode(declared.request(INSTANCE).object)
    assert instance.secrets == {"labels", "idleInstanceCuller"}
    assert instance.values["labels"] == {"team": "planted"}
    assert instance.values["idleInstanceCuller"]["maxIdleTimeInMinutes"] == 37


@pytest.mark.parametrize(
    ("inputs", "dependent"), [({"imageAuth": UNKNOWN}, []), ({"imageAuth": "cGxhbnRlZA=="}, ["imageAuth"])]
)
def test_what_isnt_known_before_is_refused_and_not_shown(
    inputs: dict[str, Any], dependent: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        constructed(inputs, ["imageAuth"], dependent, preview=True)
    assert str(caught.value) == (
        "imageAuth comes from another resource, or isn't known yet; give a value that is known before"
    )


def test_the_region_is_no_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        constructed({}, ["region"])
    assert str(caught.value) == (
        "region is a secret, or isn't known yet, and it is part of names and ids; give it as a plain value"
    )


def test_another_resource_is_refused() -> None:
    with pytest.raises(
        pulumi.RunError, match=f"lab:index:Other is not a resource of dsw-free-tier; use {TOKEN}"
    ):
        NotebookPackage().construct("notebook", "lab:index:Other", {"region": "cn-beijing"})


def test_what_is_refused_is_the_text_of_the_reply() -> None:
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        ServedPackage().construct("notebook", TOKEN, {})
    assert (caught.value.message, caught.value.errors) == ("region is missing, it is required; set it", [])
