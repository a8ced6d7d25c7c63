"""Which properties of an answer are secret: what came as one, and what tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from paidsw.core.problems import Problem
from paidsw.provider.errors import PartialFailure
from paidsw.provider.messages import Text
from paidsw.provider.resource_type import ResourceType
from paidsw.provider.values import NOTHING, Properties


def of_inputs(kind: ResourceType, given: Properties) -> frozenset[str]:
    """The secret ones among a resource's inputs, by the inputs that the engine gave."""
    return given.secrets | kind.secret_inputs


def of_properties(kind: ResourceType, given: Properties, state: Properties = NOTHING) -> frozenset[str]:
    """The secret ones among a resource's properties, by its inputs now and its properties so far.

    What the inputs don't decide stays as it is in the state; an input that is given in plain is plain from now on.
    """
    derived = {name for name, sources in kind.derived.items() if sources & given.secrets}
    kept = {name for name in state.secrets if not _decided(kind, name, given)}
    return kind.secret_outputs | given.secrets | derived | kept


def problems(kind: ResourceType, given: Properties) -> list[Problem]:
    """The inputs that can't be kept secret."""
    return [Problem(name, Text.IN_THE_ID(name=name)) for name in sorted(kind.in_the_id & given.secrets)]


def _decided(kind: ResourceType, name: str, given: Properties) -> bool:
    """Whether the inputs say what a property is."""
    if name in {field.alias for field in kind.inputs.model_fields.values()}:
        return name in given.values
    return bool(kind.derived.get(name, frozenset()) & given.values.keys())


@contextmanager
def kept(names: frozenset[str]) -> Iterator[None]:
    """Keep these properties secret in the state of a failure, too."""
    try:
        yield
    except PartialFailure as failure:
        failure.secrets |= names
        raise
