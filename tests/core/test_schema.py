from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from paidsw.core.schema import property_of, types_of


class Disk(BaseModel):
    """A disk."""

    size: int = Field(description="GiB.")
    kind: Literal["a", "b"] = "a"


class Machine(BaseModel):
    name: str = Field(description="Its name.")
    hours: float | None = None
    tags: dict[str, str] = {}
    disks: list[Disk] = []
    system: Disk | None = None


DEFINITION = Machine.model_json_schema()
DISK = {"$ref": "#/types/lab:index:Disk"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("name", {"type": "string", "description": "Its name."}),
        ("hours", {"type": "number", "description": ""}),
        ("tags", {"type": "object", "additionalProperties": {"type": "string"}, "description": ""}),
        ("disks", {"type": "array", "items": DISK, "description": ""}),
        ("system", {**DISK, "description": ""}),
    ],
)
def test_a_property(name: str, expected: dict[str, Any]) -> None:
    assert property_of(DEFINITION["properties"][name], "lab") == expected


def test_the_types_of_a_model() -> None:
    assert types_of(DEFINITION, "lab") == {
        "lab:index:Disk": {
            "type": "object",
            "description": "A disk.",
            "properties": {
                "size": {"type": "integer", "description": "GiB."},
                "kind": {"type": "string", "description": ""},
            },
            "required": ["size"],
        }
    }
