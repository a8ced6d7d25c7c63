"""Writes the classes for Python programs, paidsw/resources.py: `python -m paidsw.provider.python_class [--check]`.

Their types, like the schema that they are made from, come from the definitions of the inputs.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from paidsw.core.text import snake_case
from paidsw.provider import schema
from paidsw.provider.resource_type import ResourceType
from paidsw.provider.resource_types import TYPES
from paidsw.rules.rule import CLEANUP_TYPE, INSTANCE_TYPE, OWNER_TYPE

TARGET = Path(__file__).resolve().parents[1] / "resources.py"
_TOKENS = {INSTANCE_TYPE: "INSTANCE_TYPE", OWNER_TYPE: "OWNER_TYPE", CLEANUP_TYPE: "CLEANUP_TYPE"}
_HEAD = '''\
"""The typed classes of the provider's resources; their inputs have the names of the package schema.

Written by `python -m paidsw.provider.python_class` from the definitions of the inputs. Change them there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import get_annotations
from typing import NotRequired, TypedDict

import pulumi

from paidsw.core.text import camel_case, snake_case
from paidsw.rules.rule import CLEANUP_TYPE, INSTANCE_TYPE, OWNER_TYPE
'''
_BASE = '''\
class _Resource(pulumi.CustomResource):
    """A resource whose outputs are its annotated attributes."""

    @classmethod
    def outputs(cls) -> frozenset[str]:
        """The names of the attributes."""
        return frozenset(get_annotations(cls))

    def translate_output_property(self, prop: str) -> str:
        """instanceId → instance_id, for the outputs that have an attribute."""
        name = snake_case(prop)
        return name if name in self.outputs() else prop

    def translate_input_property(self, prop: str) -> str:
        """instance_id → instanceId."""
        return camel_case(prop) if prop in self.outputs() else prop
'''
_CONSTRUCTOR = """
    def __init__(
        self, resource_name: str, inputs: {name}Args, opts: pulumi.ResourceOptions | None = None
    ) -> None:
{first}        super().__init__({token}, resource_name, {{**dict.fromkeys(self.outputs()), **inputs}}, opts)
"""
_DELETES_FIRST = """\
        # A name is unique, and a create adopts what carries its labels. The provider says so in its diffs;
        # `pulumi up --replace` asks for none.
        first = pulumi.ResourceOptions(delete_before_replace=True)
        opts = pulumi.ResourceOptions.merge(first, opts)
"""
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def source() -> str:
    """The module's text."""
    package = schema.package()
    parts = [_HEAD]
    for token, spec in package["types"].items():
        name = token.rpartition(":")[2]
        parts.append("\n".join(_typed_dict(name, spec["description"], spec["properties"], spec["required"])))
    parts.append(_BASE)
    for kind in TYPES:
        parts += _class(kind, package["resources"][kind.token])
    return "\n\n".join(part.rstrip("\n") + "\n" for part in parts)


def _class(kind: ResourceType, resource: Mapping[str, Any]) -> Iterator[str]:
    name = kind.token.rpartition(":")[2]
    inputs, required = resource["inputProperties"], resource["requiredInputs"]
    yield "\n".join(_typed_dict(f"{name}Args", f"Inputs of {name}.", inputs, required))
    outputs = {key: spec for key, spec in resource["properties"].items() if _is_output(key, resource)}
    constructor = _CONSTRUCTOR.format(
        name=name, token=_TOKENS[kind.token], first=_DELETES_FIRST if kind.deletes_first else ""
    )
    yield "\n".join(_attributes(name, resource["description"], outputs)) + "\n" + constructor


def _is_output(key: str, resource: Mapping[str, Any]) -> bool:
    """Whether the provider always gives it: what is only an input may be absent."""
    return key in resource["required"] and key not in resource["requiredInputs"]


def _typed_dict(
    name: str, description: str, properties: Mapping[str, Any], required: Collection[str]
) -> Iterator[str]:
    yield f"class {name}(TypedDict):"
    yield f'    """{description}"""'
    yield ""
    for key, spec in properties.items():
        kind = _input(spec)
        yield f"    {key}: {kind if key in required else f'NotRequired[{kind}]'}"
        yield f'    """{spec["description"]}"""'


def _attributes(name: str, description: str, outputs: Mapping[str, Any]) -> Iterator[str]:
    yield f"class {name}(_Resource):"
    yield f'    """{description}"""'
    if outputs:
        yield ""
    for key, spec in outputs.items():
        secret = " Secret, since it carries a token." if spec.get("secret") else ""
        yield f"    {snake_case(key)}: pulumi.Output[str]"
        yield f'    """{spec["description"]}{secret}"""'


def _input(spec: Mapping[str, Any]) -> str:
    """A property's type, which may come from another resource, as may its parts."""
    if "$ref" in spec:
        kind = spec["$ref"].rpartition(":")[2]
    elif spec["type"] == "array":
        kind = f"Sequence[{_input(spec['items'])}]"
    elif spec["type"] == "object":
        kind = "Mapping[str, pulumi.Input[str]]"
    else:
        kind = _PLAIN[spec["type"]]
    return f"pulumi.Input[{kind}]"


def main(arguments: Collection[str]) -> int:
    """Write, or with --check compare; 1 when the module is out of date."""
    text = source()
    if TARGET.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{TARGET.name} is out of date; run python -m paidsw.provider.python_class", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
