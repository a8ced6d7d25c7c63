"""The free-tier rules in check(): what a rule forbids is refused here too, in its words, without any call."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from components.arguments import NotebookArgs
from paidsw.core.values import SecretValue
from paidsw.emulator.testing import Emulator
from paidsw.provider.instance import inputs as declaring
from paidsw.provider.instance import resource
from paidsw.provider.values import decode, encode
from paidsw.rules.examples import Example, examples, valid_instance
from paidsw.rules.registry import evaluate, rules
from paidsw.rules.rule import Level, Scope
from tests.support.plugin import URN, Plugin
from tests.support.samples import REGION, inputs
from tests.support.strategies import known_inputs

REFUSALS = [
    one
    for rule in rules().values()
    if rule.scope is Scope.INSTANCE and rule.level is Level.MANDATORY
    for one in examples(rule)
    if one.messages
]


def bare(value: Any) -> Any:
    """A value as the wire has it: without our marks of secrecy."""
    if isinstance(value, SecretValue):
        return bare(value.value)
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("one", REFUSALS, ids=lambda one: f"{one.rule}: {one.name}")
def test_what_a_rule_forbids_check_refuses(plugin: Plugin, cloud: Emulator, one: Example) -> None:
    values = {key: bare(value) for key, value in one.resources[0].props.items()}
    shape = {name for name, _ in declaring.check(decode(encode(values)).values)[1]}
    forbidden = {v.top_level for v in evaluate(values) if v.rule == one.rule}

    _, failures = plugin.check(values)

    named = {name for name, _ in failures}
    assert forbidden | shape <= named
    for name in forbidden - shape:
        # Where the shape is right, the sentence is the rule's own.
        assert any(reason.endswith(f"[{one.rule}]") for failed, reason in failures if failed == name)
    assert cloud.calls == []


@pytest.mark.parametrize("rule", sorted({one.rule for one in REFUSALS}))
def test_every_mandatory_rule_has_a_refusal_in_its_own_words(rule: str) -> None:
    said = [
        str(reason)
        for one in REFUSALS
        if one.rule == rule
        for _, reason in resource.check({k: bare(v) for k, v in one.resources[0].props.items()}).failures
    ]
    assert any(reason.endswith(f"[{rule}]") for reason in said)


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"instance_name": "LLM-Finetune-01"}, "instance-name"),
    ({"ecs_spec": "ecs.gn7i-c16g1.4xlarge"}, "trial-instance-type"),
    ({"system_disk_gib": 200}, "system-disk-size"),
    ({"session_hours": 100}, "shutdown-timer"),
    ({"idle_minutes": 6000}, "idle-shutdown"),
    ({"accessibility": "PUBLIC"}, "private-instance"),
]


@pytest.mark.parametrize(("changes", "rule"), SETTINGS)
def test_component_and_check_say_the_same(changes: dict[str, Any], rule: str) -> None:
    args = NotebookArgs(**changes)
    of_component = {str(problem.message) for problem in args.violations(REGION)}
    of_check = {str(reason) for _, reason in resource.check(args.instance_inputs(REGION, "w1")).failures}
    assert any(sentence.endswith(f"[{rule}]") for sentence in of_component)
    # The component names its setting as the place; the rest of the sentence is the rule's.
    ends = {sentence.partition("; allowed:")[2] for sentence in of_component}
    assert ends == {reason.partition("; allowed:")[2] for reason in of_check}


@given(st.one_of(known_inputs, known_inputs.map(lambda changes: {**valid_instance(), **changes})))
def test_check_accepts_exactly_what_the_mandatory_rules_accept(described: dict[str, Any]) -> None:
    values = decode(encode({key: finite(bare(value)) for key, value in described.items()})).values
    filled, shape = declaring.check(values)
    forbidden = [v for v in evaluate(filled) if v.level is not Level.ADVISORY]

    accepted = resource.check(values).failures == []

    assert accepted is (not shape and not forbidden)


def finite(value: Any) -> Any:
    """Numbers that JSON has: the wire of the engine carries no other."""
    if isinstance(value, float) and math.isnan(value):
        return 0.5
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list) else value


def test_a_secret_shaped_like_a_legal_value_is_not_shown(plugin: Plugin) -> None:
    news = encode(
        inputs(region="cn-plantedsecret", instanceName="planted-secret", ecsSpec="ecs.planted.secret")
    )
    for name in ("region", "instanceName", "ecsSpec"):
        news.fields[name].CopyFrom(encode({name: decode(news).values[name]}, {name}).fields[name])
    assert isinstance(news, struct_pb2.Struct)
    answer = plugin.call("Check", provider_pb2.CheckRequest(urn=URN, news=news))
    assert len(answer.failures) >= 3
    assert "planted" not in "".join(failure.reason for failure in answer.failures)
