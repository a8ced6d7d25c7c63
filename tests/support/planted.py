"""Inputs of which every text, number and name is a secret, made from the schema: a new input is covered by itself."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote

from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict

from paidsw.core.forms import IMAGE_AUTH
from paidsw.core.properties import decode
from paidsw.core.values import SecretValue
from paidsw.provider.property_model import PropertyModel

# The forms that a text may have to have, as the patterns of the inputs ask for them.
_SHAPES = (
    "planted_{n}_s3cr3t",
    "planted{n}",
    "/planted/{n}-s3cr3t",
    "oss://planted-{n}.oss.example.com/s3cr3t/",
    "registry.example.com/planted/n{n}-s3cr3t",
    "dsw-planted{n}",
    "7{n}Gi",
    "535.7{n}",
)


@dataclass
class Planted:
    """Values for the inputs of a model, and what of them nobody may see."""

    values: dict[str, Any] = field(default_factory=dict)
    # By the name of the input.
    texts: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, model: type[PropertyModel]) -> Planted:
        schema = model.model_json_schema(by_alias=True)
        planter = _Planter(schema.get("$defs", {}))
        made = cls()
        for name, one in schema["properties"].items():
            planter.texts = []
            value = planter.value(one)
            if planter.texts:
                made.values[name], made.texts[name] = value, planter.texts
        return made

    def quoted(self, names: Iterable[str]) -> str:
        """A server's message that quotes these inputs, each text in every form."""
        return " ".join(f"'{form}'" for name in names for text in self.texts[name] for form in forms(text))

    def seen(self, answer: str) -> list[str]:
        """What of it an answer shows, in whatever form."""
        every = [form for texts in self.texts.values() for text in texts for form in forms(text)]
        words = [word for word in ("planted", "s3cr3t") if word in answer.lower()]
        return [form for form in every if form in answer] + words


def in_clear(struct: struct_pb2.Struct) -> str:
    """What an answer of the provider says that isn't marked as a secret."""

    def shown(value: object) -> object:
        if isinstance(value, SecretValue):
            return None
        if isinstance(value, dict):
            return {name: shown(item) for name, item in value.items()}
        return [shown(item) for item in value] if isinstance(value, list) else value

    return str(shown(decode(MessageToDict(struct))))


def forms(text: str) -> list[str]:
    """A text as servers quote it."""
    code = base64.b64encode(text.encode()).decode()
    return [
        text,
        json.dumps({"Value": text}),
        quote(text, safe=""),
        html.escape(text),
        code,
        f"{text[:-3]}...",
    ]


class _Planter:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._numbers = count(10_001)
        self.texts: list[str] = []

    def value(self, schema: Mapping[str, Any]) -> Any:
        """A value that is a secret; None where there are so few that none can be one."""
        if "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
            return self.value(schema)
        if "enum" in schema or "const" in schema:
            return schema.get("const") or schema["enum"][0]
        match schema["type"]:
            case "string":
                return self._text(schema.get("pattern", ""))
            case "array":
                return [self.value(schema["items"])]
            case "object":
                return dict(self._members(schema))
            case "integer":
                return int(schema.get("minimum", 1))
            case "number":
                number = 3 + next(self._numbers) / 1e6
                self.texts.append(f"{number:.6f}")
                return float(self.texts[-1])
        return None

    def _members(self, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, one in schema.get("properties", {}).items():
            yield name, self.value(one)
        for pattern, one in schema.get("patternProperties", {}).items():
            # One that can't be taken for a mere name.
            self.texts[-1:] = [key := self._text(pattern).replace("_", "-")]
            yield key, self.value(one)
        if isinstance(one := schema.get("additionalProperties"), Mapping):
            yield f"NAME_{next(self._numbers)}", self.value(one)

    def _text(self, pattern: str) -> str:
        number = next(self._numbers)
        secret = base64.b64encode(f"planted:s3cr3t-{number}-".encode()).decode()
        shapes = [secret] if pattern == IMAGE_AUTH else [shape.format(n=number) for shape in _SHAPES]
        found = next((text for text in shapes if re.search(pattern, text)), None)
        assert found is not None, f"no planted text has the form {pattern}: add one"
        self.texts.append(found)
        if found == secret:
            self.texts.append(f"s3cr3t-{number}-")
        return found
