"""Numbers where a text is wanted, as programs in YAML have them: accepted where they are whole, else refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest

from paidsw.core.wanted_texts import wants_text
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.owner.inputs import CleanupInputs, OwnerInputs
from paidsw.provider.property_model import PropertyModel, validated
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, differences

Location = tuple[str | int, ...]
MODELS = (InstanceInputs, OwnerInputs, CleanupInputs)


def texts(kind: object, location: Location = ()) -> Iterator[Location]:
    """Every place where a type has a text, by its fields and not by the code under test."""
    if get_origin(kind) is Annotated:
        yield from texts(get_args(kind)[0], location)
    elif get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from texts(one, location)
    elif get_origin(kind) is list:
        yield from texts(get_args(kind)[0], (*location, 0))
    elif get_origin(kind) is dict:
        yield from texts(get_args(kind)[1], (*location, "key"))
    elif isinstance(kind, type) and issubclass(kind, PropertyModel):
        for name, field in kind.model_fields.items():
            yield from texts(field.annotation, (*location, field.alias or name))
    elif kind not in (int, float, bool, NoneType):
        yield location


PLACES = [(model, location) for model in MODELS for location in texts(model)]


def at(location: Location, value: object) -> Any:
    """A value with another one in it, at a place."""
    for part in reversed(location):
        value = [value] if isinstance(part, int) else {part: value}
    return value


def found(values: Any, location: Location) -> object:
    for part in location:
        values = values[part]
    return values


def problems(model: type[PropertyModel], values: Mapping[str, Any]) -> list[str]:
    """What is wrong, but what is missing."""
    _, wrong = validated(model, values, of="an input")
    return [str(one.message) for one in wrong if "is missing" not in str(one.message)]


def test_there_are_texts_everywhere() -> None:
    assert len(PLACES) > 40
    assert (InstanceInputs, ("datasets", 0, "datasetId")) in PLACES
    assert (InstanceInputs, ("userVpc", "forwardInfos", 0, "accessType", 0)) in PLACES


@pytest.mark.parametrize(("model", "location"), PLACES)
def test_a_whole_number_is_the_text_that_it_is_meant_as(
    model: type[PropertyModel], location: Location
) -> None:
    assert wants_text(model, location)
    filled, _ = validated(model, at(location, 12345), of="an input")
    assert found(filled, location) == "12345"
    assert not any("wanted" in one for one in problems(model, at(location, 12345)))


@pytest.mark.parametrize(("model", "location"), PLACES)
def test_another_number_is_one_sentence_and_in_quotes_it_is_a_text(
    model: type[PropertyModel], location: Location
) -> None:
    [sentence] = problems(model, at(location, 3.1))
    assert sentence.endswith("is 3.1, a number where a text is wanted; put it in quotes")
    assert sentence.startswith(str(location[0]))
    assert not any("wanted" in one for one in problems(model, at(location, "3.1")))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "instanceName is true, a boolean where a text is wanted; put it in quotes"),
        (2**53, "instanceName is 9007199254740992, a number where a text is wanted; put it in quotes"),
        (-(2**53), "instanceName is -9007199254740992, a number"),
        (1.5e300, "instanceName is 1.5e+300, a number"),
    ],
)
def test_what_may_have_been_written_otherwise_is_refused(value: object, said: str) -> None:
    [sentence] = problems(InstanceInputs, {"instanceName": value})
    assert sentence.startswith(said)


def test_a_hidden_one_is_not_shown() -> None:
    _, wrong = validated(
        InstanceInputs,
        {"environmentVariables": {"PIN": 12.5}},
        of="an input",
        hidden={"environmentVariables"},
    )
    [sentence] = [str(one.message) for one in wrong if one.name == "environmentVariables"]
    assert sentence == "environmentVariables.PIN is a number where a text is wanted; put it in quotes"


def test_a_number_is_checked_as_the_text_that_it_is() -> None:
    [sentence] = problems(InstanceInputs, {"replaceId": 5})
    assert "allowed: an instance's id" in sentence


def test_numbers_stay_numbers() -> None:
    filled, _ = validated(InstanceInputs, {"sessionHours": 2, "running": True}, of="an input")
    assert (filled["sessionHours"], filled["running"]) == (2, True)


def test_check_answers_with_texts_and_a_create_sends_them(world: World, direct: Direct) -> None:
    numbers = world.inputs(labels={"group": 7}, environmentVariables={"DEBUG": 1, "ZERO": 0}, driver=550)
    texts = {"labels": {"group": "7"}, "environmentVariables": {"DEBUG": "1", "ZERO": "0"}, "driver": "550"}
    checked, failures = direct.check(numbers)
    assert failures == []
    assert {name: checked[name] for name in texts} == texts
    stack = InstanceStack(direct)
    assert stack.up(checked) is None
    (instance,) = world.instances
    assert instance.labels["group"] == "7"
    assert instance.spec.EnvironmentVariables == texts["environmentVariables"]
    assert instance.spec.Driver == "550"
    assert stack.up(direct.check(numbers, old=checked)[0]) is None
    assert differences(world, checked) == []
