"""The settings of one rule, typed: read from its part of a policy configuration, and declared to the engine.

Pydantic reads them, but is imported only once somebody sets something: every run of Pulumi waits for the policy pack to
start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast, get_type_hints

from paidsw.core.problems import Problem
from paidsw.core.text import camel_case
from paidsw.rules.messages import Text
from paidsw.rules.rule import Range

S = TypeVar("S")
_JSON_TYPES = {float: "number", str: "string", bool: "boolean"}
LEVEL_KEY = "enforcementLevel"


class SettingsError(ValueError):
    """The settings of a rule are not usable; each problem has the name of its setting."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem.message) for problem in problems))
        self.problems = problems


def parse(rule_id: str, kind: type[S], raw: Mapping[str, object]) -> S:
    """The settings of a rule from its part of a configuration file, without its level; raises SettingsError."""
    if not raw:
        return kind()
    from pydantic import ValidationError

    from paidsw.core.validation import problems

    try:
        found = _model(kind).model_validate(dict(raw))
    except ValidationError as error:
        names = [*schema(kind), LEVEL_KEY]
        of = Text.A_SETTING(names=", ".join(names))
        wrong = problems(error, of=str(of), names=names, hidden=raw)
        raise SettingsError([_of_rule(rule_id, one) for one in wrong]) from None
    return kind(**dict(found))


def _of_rule(rule_id: str, problem: Problem) -> Problem:
    return Problem(problem.name, Text.OF_RULE(rule=rule_id, problem=problem.message))


def schema(kind: type) -> dict[str, dict[str, Any]]:
    """The JSON schema of each setting, as a policy pack declares it to the engine."""
    return {camel_case(name): _schema(hint, default) for name, (hint, default) in _fields(kind).items()}


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
    config = ConfigDict(extra="forbid", alias_generator=camel_case, hide_input_in_errors=True)
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
