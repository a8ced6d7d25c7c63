"""Properties of a resource as a typed model: validated where the user gives them, read as they are everywhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from paidsw.core import validation
from paidsw.core.problems import Problem
from paidsw.core.wanted_texts import with_texts
from paidsw.provider.values import contains_unknown


class PropertyModel(BaseModel):
    """Properties as the engine has them, under the camel-case names of the schema."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        strict=True,
        frozen=True,
        defer_build=True,
    )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Values without validation: what the cloud or an earlier version wrote may not pass today's check.

        What isn't a property is left out. Only what is given counts as set; the rest reads as its default, a required
        one as empty.
        """
        found: dict[str, Any] = {}
        absent: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            value = values.get(field.alias or name)
            if value is not None:
                found[name] = _nested(field.annotation, value)
            elif field.is_required():
                absent[name] = field.annotation() if isinstance(field.annotation, type) else None
        construct: Any = cls.model_construct
        made: Self = construct(set(found), **absent, **found)
        return made

    def plain(self) -> dict[str, Any]:
        """What is set, as plain values under the schema's names."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, warnings=False)


def _nested(annotation: Any, value: Any) -> Any:
    """A value with maps as models where the property is one, or a list of them."""
    model = _model(annotation)
    if model is None:
        return value
    if isinstance(value, list):
        return [_nested(model, item) for item in value]
    return model.of(value) if isinstance(value, Mapping) else value


@cache
def _model(annotation: Any) -> type[PropertyModel] | None:
    """The first model in an annotation: Disk in `list[Disk] | None`."""
    return next(_models(annotation), None)


def _models(annotation: Any) -> Iterator[type[PropertyModel]]:
    if isinstance(annotation, type) and issubclass(annotation, PropertyModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def validated(
    model: type[PropertyModel], values: Mapping[str, Any], *, of: str, hidden: Collection[str] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Values with defaults filled in, and what is wrong with them; values of the `hidden` ones are never shown.

    Where a text is wanted, a whole number is the text that it is meant as: a program in YAML has numbers even for what
    it declares as texts. A property that holds an unknown is left as it is: it is checked when it is known.
    """
    unknown = {key: value for key, value in values.items() if contains_unknown(value)}
    known = {key: value for key, value in values.items() if key not in unknown and value is not None}
    known, problems = with_texts(model, known, hidden)
    try:
        filled = model.model_validate(known).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        filled = dict(known)
        names = [field.alias or name for name, field in model.model_fields.items()]
        numbers = {name for name, _ in problems}
        found = validation.problems(error, of=of, names=names, hidden=hidden)
        problems += [problem for problem in found if problem.name not in numbers]
    return {**filled, **unknown}, [problem for problem in problems if problem.name not in unknown]
