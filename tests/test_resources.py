"""The typed resource class against the provider's own schema."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from paidsw.provider import schema
from paidsw.resources import OUTPUTS, Instance
from paidsw.rules.rule import INSTANCE_TYPE
from tests.support.declarations import INSTANCE, run


def described() -> dict[str, Any]:
    resource: dict[str, Any] = schema.package()["resources"][INSTANCE_TYPE]
    return resource


def test_the_provider_serves_this_token() -> None:
    assert list(schema.package()["resources"]) == [INSTANCE_TYPE]


@pytest.mark.parametrize("attribute", sorted(OUTPUTS))
def test_every_attribute_is_an_output_of_the_schema(attribute: str) -> None:
    resource = described()
    name = to_camel(attribute)
    assert resource["properties"][name]["type"] == "string"
    assert name not in resource["inputProperties"]


@pytest.mark.parametrize("attribute", ["jupyterlab_url", "web_ide_url", "terminal_url"])
def test_the_schema_calls_access_urls_secret(attribute: str) -> None:
    assert described()["properties"][to_camel(attribute)]["secret"] is True


def test_inputs_arrive_under_their_own_names() -> None:
    inputs = {"region": "cn-beijing", "workspaceId": "w", "idleInstanceCuller": {"maxIdleTimeInMinutes": 30}}
    declared = run(lambda: Instance("i", inputs).instance_id)

    assert declared.inputs(INSTANCE) == inputs


def test_outputs_arrive_as_attributes() -> None:
    seen: list[str] = []
    run(lambda: Instance("i", {"region": "cn-beijing"}).web_ide_url.apply(seen.append))
    assert seen == ["https://webIdeUrl/?token=t"]
