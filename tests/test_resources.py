"""The typed resource class against the provider's own schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pulumi
import pytest
from pydantic.alias_generators import to_camel

from paidsw import resources
from paidsw.provider import python_class, schema
from paidsw.resources import Cleanup, Instance, InstanceArgs, Owner
from paidsw.rules.rule import INSTANCE_TYPE, OWNER_TYPE
from tests.support.declarations import INSTANCE, OWNER_ID, run


def described() -> dict[str, Any]:
    resource: dict[str, Any] = schema.package()["resources"][INSTANCE_TYPE]
    return resource


def test_the_provider_serves_a_type_for_each_class() -> None:
    names = [f"paidsw:index:{one.__name__}" for one in (Owner, Cleanup, Instance)]
    assert list(schema.package()["resources"]) == names


@pytest.mark.parametrize("attribute", sorted(Instance.outputs()))
def test_every_attribute_is_an_output_of_the_schema(attribute: str) -> None:
    resource = described()
    name = to_camel(attribute)
    assert resource["properties"][name]["type"] == "string"
    assert name not in resource["inputProperties"]


@pytest.mark.parametrize("attribute", ["jupyterlab_url", "web_ide_url", "terminal_url"])
def test_the_schema_calls_access_urls_secret(attribute: str) -> None:
    assert described()["properties"][to_camel(attribute)]["secret"] is True


def test_inputs_arrive_under_their_own_names() -> None:
    inputs: InstanceArgs = {
        "region": "cn-beijing",
        "workspaceId": "w",
        "instanceName": "n",
        "ecsSpec": "e",
        "idleInstanceCuller": {"maxIdleTimeInMinutes": 30},
    }
    declared = run(lambda: Instance("i", inputs).instance_id)

    assert declared.inputs(INSTANCE) == inputs


def test_outputs_arrive_as_attributes() -> None:
    seen: list[str] = []
    run(lambda: Instance("i", cast("InstanceArgs", {"region": "cn-beijing"})).web_ide_url.apply(seen.append))
    assert seen == ["https://webIdeUrl/?token=t"]


def test_the_class_is_as_its_definition_makes_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert python_class.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_a_class_that_is_out_of_date_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "resources.py"
    target.write_text("old")
    monkeypatch.setattr(python_class, "TARGET", target)
    assert python_class.main(["--check"]) == 1
    assert (
        "resources.py is out of date; run python -m paidsw.provider.python_class" in capsys.readouterr().err
    )
    assert python_class.main([]) == 0
    assert target.read_text() == python_class.source()


def test_an_output_with_an_inputs_name_is_the_output() -> None:
    seen: list[str] = []

    def program() -> pulumi.Output[None]:
        owner = Owner("o", {"region": "cn-beijing", "workspaceName": "mine"})
        return pulumi.Output.all(owner.workspace_name, owner.owner_id).apply(seen.extend)

    declared = run(program)
    assert declared.inputs(OWNER_TYPE) == {"region": "cn-beijing", "workspaceName": "mine"}
    assert seen == ["mine", OWNER_ID]


@pytest.mark.parametrize(
    "name", ["OwnerArgs", "CleanupArgs", "InstanceArgs", "CloudDisk", "UserVpc", "IdleInstanceCuller"]
)
def test_arguments_are_the_schemas_properties(name: str) -> None:
    package = schema.package()
    resource = package["resources"].get(f"paidsw:index:{name.removesuffix('Args')}", {})
    kind = package["types"].get(f"paidsw:index:{name}") or {
        "properties": resource["inputProperties"],
        "required": resource["requiredInputs"],
    }
    hints = {key: hint.__forward_arg__ for key, hint in getattr(resources, name).__annotations__.items()}
    required = {key for key, hint in hints.items() if not hint.startswith("NotRequired[")}
    assert hints.keys() == kind["properties"].keys()
    assert required == set(kind["required"])
