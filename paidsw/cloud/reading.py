"""The cloud's answers as models."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from paidsw.cloud.errors import Uncertain
from paidsw.cloud.models import Wire
from paidsw.cloud.pages import unreadable

W = TypeVar("W", bound=Wire)


def read(operation: str, body: Any, model: type[W]) -> W:
    """An answer, or a part of one. Raises Uncertain, which names the member that can't be read."""
    if not isinstance(body, dict):
        raise unreadable(operation, model.__name__)
    try:
        return model.from_wire(body)
    except ValidationError as error:
        parts = error.errors(include_input=False)
        where = ", ".join(str(part["loc"][0]) for part in parts if part["loc"])
        raise Uncertain(operation, f"the cloud's answer has no readable {where}") from None
