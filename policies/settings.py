"""Typed settings of the rules, in the shape of Pulumi's policy configuration file.

A rule's settings are a frozen dataclass whose bounds stand in its annotations. They may only narrow what the
trial's terms allow. Pydantic reads them, but is imported only once somebody sets something: a policy pack starts
in the time that its import takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast, get_type_hints

from annotated_types import Ge, Le

S = TypeVar("S")
_JSON_TYPES = {float: "number", str: "string", bool: "boolean"}


class SettingsError(ValueError):
    """The settings of a rule are not usable; the text is one sentence: what is wrong, where, what is allowed."""


@dataclass(frozen=True)
class NoSettings:
    """The settings of a rule that has none."""


def camel(name: str) -> str:
    """`max_gib` as it stands in a configuration file: `maxGib`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def parse(rule_id: str, kind: type[S], raw: Mapping[str, object]) -> S:
    """The settings of a rule from its part of a configuration file; raises SettingsError."""
    if not raw:
        return kind()
    from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

    config = ConfigDict(extra="forbid", alias_generator=camel, hide_input_in_errors=True)
    try:
        adapter: TypeAdapter[S] = TypeAdapter(with_config(config)(kind))
        return adapter.validate_python(dict(raw))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in (rule_id, *first["loc"]))
        allowed = ", ".join(schema(kind)) or "no settings at all"
        raise SettingsError(
            f"{first['msg']}, at {where}; allowed: {allowed}; correct or remove it [{rule_id}]"
        ) from None


def schema(kind: type) -> dict[str, dict[str, Any]]:
    """The JSON schema of each setting, as a policy pack declares it to the engine."""
    hints = get_type_hints(kind, include_extras=True)
    return {camel(item.name): _schema(hints[item.name], item.default) for item in fields(kind)}


def _schema(hint: Any, default: object) -> dict[str, Any]:
    if hint == tuple[str, ...]:
        return {
            "type": "array",
            "items": {"type": "string"},
            "default": list(cast("tuple[str, ...]", default)),
        }
    declared: dict[str, Any] = {"type": _JSON_TYPES[getattr(hint, "__origin__", hint)], "default": default}
    for bound in getattr(hint, "__metadata__", ()):
        if isinstance(bound, Ge):
            declared["minimum"] = bound.ge
        if isinstance(bound, Le):
            declared["maximum"] = bound.le
    return declared
