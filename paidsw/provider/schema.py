"""The Pulumi package schema of `paidsw`, made from the one definition of the inputs."""

from __future__ import annotations

import json
from typing import Any

from paidsw import __version__
from paidsw.core.schema import property_of, types_of
from paidsw.provider import config, functions
from paidsw.provider.instance.inputs import REPLACING, InstanceInputs
from paidsw.provider.instance.resource import TOKEN
from paidsw.provider.instance.state import SECRET_INPUTS, URLS, Outputs

PACKAGE = "paidsw"


def text() -> str:
    """The schema as JSON text."""
    return json.dumps(package(), indent=2)


def package() -> dict[str, Any]:
    """The schema as Pulumi's meta-schema has it."""
    definition = InstanceInputs.model_json_schema(by_alias=True)
    inputs = {name: _property(name, spec) for name, spec in definition["properties"].items()}
    outputs = {
        field.alias or name: _output(field.alias or name, field.description or "")
        for name, field in Outputs.model_fields.items()
    }
    return {
        "name": PACKAGE,
        "version": __version__,
        "description": "PAI-DSW instances that can't run without a guard.",
        "config": {"variables": _configuration()},
        "provider": {"inputProperties": _configuration()},
        "resources": {
            TOKEN: {
                "description": InstanceInputs.__doc__,
                "inputProperties": inputs,
                "requiredInputs": definition["required"],
                "properties": {**inputs, **outputs},
                "required": [*definition["required"], *outputs],
            }
        },
        "types": types_of(definition, PACKAGE),
        "functions": {
            functions.GET_ACCESS: _get_access(),
            functions.CHECK_IMPORT: _check_import(),
            functions.GET_WORKSPACE: _get_workspace(),
        },
        "language": {},
    }


def _property(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    found = property_of(spec, PACKAGE)
    if name in SECRET_INPUTS:
        found["secret"] = True
    if name in REPLACING:
        found["replaceOnChanges"] = True
    return found


def _output(name: str, text: str) -> dict[str, Any]:
    return {"type": "string", "description": text, **({"secret": True} if name in URLS else {})}


def _configuration() -> dict[str, Any]:
    return {
        config.EMULATOR: {
            "type": "string",
            "description": "Folder or loopback URL of a local emulator; the real cloud if absent.",
        },
        config.CA_BUNDLE: {
            "type": "string",
            "description": "PEM file of a private CA to trust beside those of the machine.",
        },
    }


def _get_access() -> dict[str, Any]:
    return {
        "description": "Whether there are credentials, and which link of the official chain has them.",
        "outputs": {
            "type": "object",
            "properties": {"source": {"type": "string"}, "emulator": {"type": "string"}},
            "required": ["source"],
        },
    }


def _check_import() -> dict[str, Any]:
    arguments = functions.ImportCheck.model_json_schema(by_alias=True)
    properties = {name: property_of(spec, PACKAGE) for name, spec in arguments["properties"].items()}
    properties["inputs"]["additionalProperties"] = {"$ref": "pulumi.json#/Any"}
    return {
        "description": "What keeps an instance from being imported as it is declared, a sentence each.",
        "inputs": {"type": "object", "properties": properties, "required": arguments["required"]},
        "outputs": {
            "type": "object",
            "properties": {"problems": {"type": "array", "items": {"type": "string"}}},
            "required": ["problems"],
        },
    }


def _get_workspace() -> dict[str, Any]:
    arguments = functions.WorkspaceQuery.model_json_schema(by_alias=True)
    properties = {name: property_of(spec, PACKAGE) for name, spec in arguments["properties"].items()}
    return {
        "description": "The workspace that has a name now; an empty id if there is none.",
        "inputs": {"type": "object", "properties": properties, "required": arguments["required"]},
        "outputs": {
            "type": "object",
            "properties": {"workspaceId": {"type": "string"}},
            "required": ["workspaceId"],
        },
    }
