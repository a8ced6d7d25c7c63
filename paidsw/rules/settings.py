"""Typed settings of the rules, in the shape of Pulumi's policy configuration file.

A rule's settings are a NamedTuple whose bounds stand in its annotations. They may only narrow what the trial's
terms allow. Pydantic reads them, but is imported only once somebody sets something, and a NamedTuple is made ten
times faster than a dataclass: every run of Pulumi waits for the policy pack to start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar, cast, get_type_hints

S = TypeVar("S")
_JSON_TYPES = {float: "number", str: "string", bool: "boolean"}


class Range(NamedTuple):
    """The smallest and largest value of a number among the settings, for use in `Annotated`."""

    minimum: float
    maximum: float


class SettingsError(ValueError):
    """The settings of a rule are not usable; the text is one sentence: what is wrong, where, what is allowed."""


class NoSettings(NamedTuple):
    """The settings of a rule that has none."""


def camel(name: str) -> str:
    """`max_gib` as it stands in a configuration file: `maxGib`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def parse(rule_id: str, kind: type[S], raw: Mapping[str, object]) -> S:
    """The settings of a rule from its part of a configuration file; raises SettingsError."""
    if not raw:
        return kind()
    from pydantic import ValidationError

    try:
        found = _model(kind).model_validate(dict(raw))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in (rule_id, *first["loc"]))
        allowed = ", ".join(schema(kind)) or "no settings at all"
        raise SettingsError(
            f"{first['msg']}, at {where}; allowed: {allowed}; correct or remove it [{rule_id}]"
        ) from None
    return kind(**dict(found))


def schema(kind: type) -> dict[str, dict[str, Any]]:
    """The JSON schema of each setting, as a policy pack declares it to the engine."""
    return {camel(name): _schema(hint, default) for name, (hint, default) in _fields(kind).items()}


def _fields(kind: type) -> dict[str, tuple[Any, Any]]:
    defaults = cast("Any", kind)._field_defaults
    if not defaults:
        return {}
    return {name: (hint, defaults[name]) for name, hint in get_type_hints(kind, include_extras=True).items()}


def _model(kind: type) -> Any:
    from pydantic import ConfigDict, Field, create_model

    declared: dict[str, Any] = {}
    for name, (hint, default) in _fields(kind).items():
        bounds = _range(hint)
        limits: dict[str, Any] = {"ge": bounds.minimum, "le": bounds.maximum} if bounds else {}
        declared[name] = (hint.__origin__ if bounds else hint, Field(default, **limits))
    config = ConfigDict(extra="forbid", alias_generator=camel, hide_input_in_errors=True)
    return create_model(kind.__name__, __config__=config, **declared)


def _range(hint: Any) -> Range | None:
    return next((item for item in getattr(hint, "__metadata__", ()) if isinstance(item, Range)), None)


def _schema(hint: Any, default: object) -> dict[str, Any]:
    if hint == tuple[str, ...]:
        return {
            "type": "array",
            "items": {"type": "string"},
            "default": list(cast("tuple[str, ...]", default)),
        }
    bounds = _range(hint)
    kind = getattr(hint, "__origin__", hint) if bounds else hint
    return {"type": _JSON_TYPES[kind], "default": default, **(bounds._asdict() if bounds else {})}
