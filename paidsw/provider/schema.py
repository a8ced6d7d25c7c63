"""The Pulumi package schema of `paidsw`, made from the one definition of the inputs."""

from __future__ import annotations

import json
from typing import Any

from paidsw import __version__
from paidsw.provider import config, functions
from paidsw.provider.instance import wire
from paidsw.provider.instance.inputs import REPLACING, SECRETS, InstanceInputs
from paidsw.provider.instance.resource import TOKEN

_OUTPUTS = {
    "instanceId": "Id, like dsw-….",
    "status": "Status as the API names it, like Running.",
    "instanceUrl": "Access URL.",
    "jupyterlabUrl": "JupyterLab URL.",
    "webIdeUrl": "WebIDE URL.",
    "terminalUrl": "Terminal URL.",
    "shutdownTime": "When the shutdown timer stops the instance, UTC; empty while it is stopped.",
    "diskKeptUntil": "When the cloud clears the disk of a stopped instance, UTC; empty while it runs.",
    "gmtCreateTime": "When it was created, UTC.",
    "acceleratorType": "GPU or CPU.",
    "workspaceName": "Name of the workspace.",
    "paymentType": "PayAsYouGo or Subscription.",
    "imageName": "Name of the image.",
    "origin": "declared: made by this stack; import, imported: taken over, without this stack's labels so far.",
}


def text() -> str:
    """The schema as JSON text."""
    return json.dumps(package(), indent=2)


def package() -> dict[str, Any]:
    """The schema as Pulumi's meta-schema has it."""
    definition = InstanceInputs.model_json_schema(by_alias=True)
    inputs = {name: _property(name, spec) for name, spec in definition["properties"].items()}
    outputs = {name: _output(name, text) for name, text in _OUTPUTS.items()}
    return {
        "name": "paidsw",
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
        "types": {
            f"paidsw:index:{name}": {
                "type": "object",
                "description": spec["description"],
                "properties": {key: _property("", part) for key, part in spec["properties"].items()},
                "required": spec.get("required", []),
            }
            for name, spec in definition["$defs"].items()
        },
        "functions": {functions.GET_ACCESS: _get_access()},
        "language": {},
    }


def _property(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    found = {**_type(spec), "description": spec.get("description", "")}
    if name in SECRETS | (wire.SECRET_OUTPUTS - set(wire.URLS)):
        found["secret"] = True
    if name in REPLACING:
        found["replaceOnChanges"] = True
    return found


def _type(spec: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema type as a Pulumi type: optional is not being required, enumerations are strings."""
    if "anyOf" in spec:
        return _type(next(part for part in spec["anyOf"] if part.get("type") != "null"))
    if "$ref" in spec:
        return {"$ref": f"#/types/paidsw:index:{spec['$ref'].rsplit('/', 1)[-1]}"}
    if spec["type"] == "array":
        return {"type": "array", "items": _type(spec["items"])}
    if spec["type"] == "object":
        return {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": spec["type"]}


def _output(name: str, text: str) -> dict[str, Any]:
    return {"type": "string", "description": text, **({"secret": True} if name in wire.URLS else {})}


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
