"""Models as parts of a Pulumi package schema, by way of their JSON schema."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]


def property_of(spec: Spec, package: str) -> Spec:
    """A property with its type and description."""
    return {**type_of(spec, package), "description": spec.get("description", "")}


def type_of(spec: Spec, package: str) -> Spec:
    """A type: what is optional is just not required, and an enumeration is a string."""
    if "anyOf" in spec:
        some = next(part for part in spec["anyOf"] if part.get("type") != "null")
        return type_of(some, package)
    if "$ref" in spec:
        return {"$ref": f"#/types/{package}:index:{spec['$ref'].rsplit('/', 1)[-1]}"}
    if spec["type"] == "array":
        return {"type": "array", "items": type_of(spec["items"], package)}
    if spec["type"] == "object":
        return {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": spec["type"]}


def types_of(definition: Spec, package: str) -> Spec:
    """The types that the properties of a model refer to, under their names in the package."""
    return {
        f"{package}:index:{name}": {
            "type": "object",
            "description": spec["description"],
            "properties": {key: property_of(part, package) for key, part in spec["properties"].items()},
            "required": spec.get("required", []),
        }
        for name, spec in definition["$defs"].items()
    }
