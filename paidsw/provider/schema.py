"""The Pulumi package schema of `paidsw`, made from the one definition of inputs and outputs."""

from __future__ import annotations

import json
from typing import Any

from paidsw import __version__
from paidsw.core.schema import property_of, types_of
from paidsw.provider import config, functions
from paidsw.provider.property_model import PropertyModel
from paidsw.provider.resource_type import ResourceType
from paidsw.provider.resource_types import TYPES

PACKAGE = "paidsw"


def text() -> str:
    """The schema as JSON text."""
    return json.dumps(package(), indent=2)


def package() -> dict[str, Any]:
    """The schema as Pulumi's meta-schema has it."""
    definitions = {one.token: one.inputs.model_json_schema(by_alias=True) for one in TYPES}
    return {
        "name": PACKAGE,
        "version": __version__,
        "description": "PAI-DSW instances that can't run without a guard.",
        "config": {"variables": _configuration()},
        "provider": {"inputProperties": _configuration()},
        "resources": {one.token: _resource(one, definitions[one.token]) for one in TYPES},
        "types": {
            token: described
            for definition in definitions.values()
            for token, described in types_of({"$defs": {}, **definition}, PACKAGE).items()
        },
        "functions": {
            functions.GET_ACCESS: _get_access(),
            functions.CHECK_IMPORT: _check_import(),
            functions.CHECK_NAME: _check_name(),
            functions.GET_WORKSPACE: _get_workspace(),
            functions.GET_OWNED_INSTANCE: _get_owned_instance(),
        },
        "language": {},
    }


def _resource(kind: ResourceType, definition: dict[str, Any]) -> dict[str, Any]:
    inputs = {name: _property(kind, name, spec) for name, spec in definition["properties"].items()}
    outputs = {
        field.alias or name: _output(kind, field.alias or name, field.description or "")
        for name, field in kind.outputs.model_fields.items()
    }
    return {
        "description": kind.inputs.__doc__,
        "inputProperties": inputs,
        "requiredInputs": definition["required"],
        "properties": {**inputs, **outputs},
        "required": [*definition["required"], *outputs],
    }


def _property(kind: ResourceType, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    found = property_of(spec, PACKAGE)
    if name in kind.secret_inputs:
        found["secret"] = True
    if name in kind.replacing:
        found["replaceOnChanges"] = True
    return found


def _output(kind: ResourceType, name: str, text: str) -> dict[str, Any]:
    secret = {"secret": True} if name in kind.secret_outputs else {}
    return {"type": "string", "description": text, **secret}


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
    check = _check(functions.ImportCheck, "What keeps an instance from being imported as it is declared.")
    check["inputs"]["properties"]["inputs"]["additionalProperties"] = {"$ref": "pulumi.json#/Any"}
    return check


def _check_name() -> dict[str, Any]:
    return _check(functions.NameCheck, "What keeps a component from having the name that it is given.")


def _check(arguments: type[PropertyModel], description: str) -> dict[str, Any]:
    """A function that answers with problems, a sentence each."""
    problems = {"type": "array", "items": {"type": "string"}}
    return _function(arguments, description, {"problems": problems})


def _get_workspace() -> dict[str, Any]:
    description = "The workspace that has a name now; an empty id if there is none."
    return _get(functions.WorkspaceQuery, description, "workspaceId", "description")


def _get_owned_instance() -> dict[str, Any]:
    description = "An instance of an owner that lives and isn't to be replaced; an empty id if there is none."
    outputs = ("instanceId", "instanceName", "workspaceId")
    return _get(functions.OwnedInstanceQuery, description, *outputs)


def _get(arguments: type[PropertyModel], description: str, *outputs: str) -> dict[str, Any]:
    """A function that answers with texts."""
    return _function(arguments, description, {name: {"type": "string"} for name in outputs})


def _function(
    arguments: type[PropertyModel], description: str, outputs: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """A function with these arguments, whose outputs are all there."""
    definition = arguments.model_json_schema(by_alias=True)
    properties = {name: property_of(spec, PACKAGE) for name, spec in definition["properties"].items()}
    return {
        "description": description,
        "inputs": {"type": "object", "properties": properties, "required": definition["required"]},
        "outputs": {"type": "object", "properties": outputs, "required": list(outputs)},
    }
