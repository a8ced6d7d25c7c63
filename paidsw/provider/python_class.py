"""Writes the typed class for Python programs, paidsw/resources.py: `python -m paidsw.provider.python_class [--check]`.

Its types, like the schema that they are made from, come from the one definition of the inputs.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from paidsw.core.text import snake_case
from paidsw.provider import schema
from paidsw.rules.rule import INSTANCE_TYPE

TARGET = Path(__file__).resolve().parents[1] / "resources.py"
_HEAD = '''\
"""The typed resource class of `paidsw:index:Instance`; its inputs have the names of the package schema.

Written by `python -m paidsw.provider.python_class` from the definition of the inputs. Change it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from paidsw.core.text import camel_case, snake_case
from paidsw.rules.rule import INSTANCE_TYPE
'''
_METHODS = '''
    def __init__(
        self, resource_name: str, inputs: InstanceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        # A name is unique, and a create adopts what carries its labels. The provider says so in its diffs;
        # `pulumi up --replace` asks for none.
        first = pulumi.ResourceOptions(delete_before_replace=True)
        opts = pulumi.ResourceOptions.merge(first, opts)
        super().__init__(INSTANCE_TYPE, resource_name, {**dict.fromkeys(OUTPUTS), **inputs}, opts)

    def translate_output_property(self, prop: str) -> str:
        """instanceId → instance_id, for the outputs that have an attribute."""
        name = snake_case(prop)
        return name if name in OUTPUTS else prop

    def translate_input_property(self, prop: str) -> str:
        """instance_id → instanceId."""
        return camel_case(prop) if prop in OUTPUTS else prop


OUTPUTS = frozenset(Instance.__annotations__)
'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def source() -> str:
    """The module's text."""
    package = schema.package()
    resource = package["resources"][INSTANCE_TYPE]
    inputs = resource["inputProperties"]
    parts = [_HEAD]
    for token, spec in package["types"].items():
        name = token.rpartition(":")[2]
        parts.append("\n".join(_typed_dict(name, spec["description"], spec["properties"], spec["required"])))
    arguments = _typed_dict("InstanceArgs", "Inputs of an instance.", inputs, resource["requiredInputs"])
    parts.append("\n".join(arguments))
    outputs = {name: spec for name, spec in resource["properties"].items() if name not in inputs}
    parts.append("\n".join(_resource(resource["description"], outputs)) + "\n" + _METHODS)
    return "\n\n".join(part.rstrip("\n") + "\n" for part in parts)


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


def _resource(description: str, outputs: Mapping[str, Any]) -> Iterator[str]:
    yield "class Instance(pulumi.CustomResource):"
    yield f'    """{description}"""'
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
