"""The examples beside each rule, passing and failing, as resources; for tests and the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from paidsw.rules.registry import RULES_FOLDER
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Resource, Scope

# Of a failing example: what every place must print for it.
_MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Example:
    """One example: the resources in it, and the sentences that the rule must find (none: it passes)."""

    rule: str
    name: str
    resources: tuple[Resource, ...]
    messages: tuple[str, ...]
    changed: Mapping[str, Any]


def urn(name: str, kind: str = INSTANCE_TYPE) -> str:
    """The URN of an example's resource."""
    return f"urn:pulumi:dev::project::{kind}::{name}"


def valid_instance() -> dict[str, Any]:
    """Inputs of a notebook instance that every rule accepts."""
    return dict(yaml.safe_load((RULES_FOLDER / "instance.yaml").read_text(encoding="utf-8")))


def examples(rule: AnyRule) -> list[Example]:
    """All examples of a rule, the passing ones first."""
    path = RULES_FOLDER / rule.id.replace("-", "_") / "examples.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_example(rule, one) for one in (*written["pass"], *written["fail"])]


def _example(rule: AnyRule, one: Mapping[str, Any]) -> Example:
    described = one["resources"] if rule.scope is Scope.STACK else [one]
    kinds = {item.get("name", ""): item.get("type", INSTANCE_TYPE) for item in described}
    resources = tuple(_resource(item, kinds) for item in described)
    return Example(rule.id, one["name"], resources, tuple(one.get(_MESSAGES, ())), one)


def _resource(one: Mapping[str, Any], kinds: Mapping[str, str]) -> Resource:
    kind, sources = one.get("type", INSTANCE_TYPE), one.get("from", {})
    inputs = valid_instance() if kind == INSTANCE_TYPE else {}
    changed = {**inputs, **one.get("set", {})}
    return Resource(
        type=kind,
        props={key: value for key, value in changed.items() if key not in one.get("drop", ())},
        name=one["name"],
        urn=urn(one["name"], kind),
        custom=one.get("custom", True),
        protect=one.get("protect", False),
        property_dependencies={
            key: tuple(urn(name, kinds[name]) for name in names) for key, names in sources.items()
        },
    )
