"""Settings that a stack or a program gives as secrets: what is made of them is one, too, wherever Pulumi keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import pulumi
from pulumi.runtime.sync_await import _sync_await

from components.messages import Text
from paidsw.core.problems import Problem
from paidsw.core.settings import settings_behind
from paidsw.provider.instance.state import DERIVED

# Pulumi keeps the id of what it imports in plain.
IN_PLAIN = frozenset({"importId"})


class Settled(NamedTuple):
    """Settings as plain values, the names of those that are secret, and what is wrong."""

    values: dict[str, Any]
    secret: frozenset[str]
    problems: list[Problem]


def settled(values: Mapping[str, Any]) -> Settled:
    """The values of outputs, as a program gets them for the secrets of its configuration.

    A setting is judged before anything is declared, so what another resource gives, or isn't known, is a problem.
    """
    found, secret, problems = dict(values), set[str](), list[Problem]()
    for name, value in values.items():
        if not _has_output(value):
            continue
        output = pulumi.Output.from_input(value)
        if not _sync_await(output.is_known()) or _sync_await(output.resources()):
            problems.append(Problem(name, Text.NOT_KNOWN_YET(key=name)))
            del found[name]
            continue
        found[name] = _sync_await(output.future())
        if _sync_await(output.is_secret()):
            secret.add(name)
    return Settled(found, frozenset(secret), problems)


def _has_output(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_output, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_output, value))
    return isinstance(value, pulumi.Output)


def secret_inputs(inputs: Collection[str], secret: Collection[str]) -> frozenset[str]:
    """Those of a resource's inputs that are made of secret settings."""
    return frozenset(name for name in inputs if settings_behind(name) & {*secret})


def with_secrets(inputs: Mapping[str, Any], secret: Collection[str]) -> dict[str, Any]:
    """The inputs of a resource as a program declares them."""
    hidden = secret_inputs(inputs, secret)
    return {name: pulumi.Output.secret(value) if name in hidden else value for name, value in inputs.items()}


def derived_outputs(inputs: Collection[str], secret: Collection[str]) -> list[str]:
    """The outputs of an instance by which one can tell secret settings.

    The provider knows them, too; but where nothing changes the engine asks no provider.
    """
    hidden = secret_inputs(inputs, secret)
    return [name for name, sources in DERIVED.items() if sources & hidden]
