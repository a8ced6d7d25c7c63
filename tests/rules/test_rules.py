"""Every rule: its words, its examples, what it does with values of any kind, its remediation."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import example, given, settings

from paidsw.core.values import UNKNOWN, SecretValue, UndecidedError
from paidsw.rules.examples import Example, examples, valid_instance
from paidsw.rules.registry import RULES_FOLDER, evaluate, examine, findings, rules
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Level, Resource, Scope, sentence
from paidsw.trial.terms import TERMS
from tests.support.strategies import inputs, known_inputs

ALL = list(rules().values())
OF_INSTANCE = [rule for rule in ALL if rule.scope is Scope.INSTANCE]
EXAMPLES = [one for rule in ALL for one in examples(rule)]
FIXING = [rule for rule in ALL if rule.remediate]
MANDATORY = {
    "trial-region", "trial-instance-type", "system-disk-size", "no-data-disk", "no-spot", "public-resources-only",
    "idle-shutdown", "shutdown-timer", "private-instance", "no-paid-network", "session-in-quota", "planned-cu",
    "free-resources-only", "guards-present", "live-instance-in-tier", "instance-name", "unique-instance-names",
    "image-reference", "label-form", "environment-names", "provider-settings",
}  # fmt: skip


def _sentences(rule: AnyRule, *resources: Resource) -> list[str]:
    return [str(sentence(rule.id, found)) for found in findings(rule, resources, rule.settings(), TERMS)]


def _id(one: object) -> str:
    return f"{one.rule}: {one.name}" if isinstance(one, Example) else getattr(one, "id", str(one))


def test_the_mandatory_rules_are_the_ones_that_keep_money() -> None:
    assert {rule.id for rule in ALL if rule.level is Level.MANDATORY} == MANDATORY


@pytest.mark.parametrize("rule", ALL, ids=_id)
def test_a_rule_lies_in_the_folder_of_its_name_with_all_of_its_words(rule: AnyRule) -> None:
    folder = RULES_FOLDER / rule.id.replace("-", "_")
    assert {"__init__.py", "examples.yaml", "zh.yaml"} <= {path.name for path in folder.iterdir()}
    for words in (rule.title, rule.description, rule.why, rule.steps):
        assert len(words) > 10 or words is rule.title
    assert rule.description.endswith(".")
    assert rule.reference.startswith("https://")


@pytest.mark.parametrize("rule", ALL, ids=_id)
def test_a_rule_has_examples_of_both_kinds(rule: AnyRule) -> None:
    verdicts = {bool(one.messages) for one in examples(rule)}
    assert verdicts == {True, False}


@pytest.mark.parametrize("one", EXAMPLES, ids=_id)
def test_an_example_finds_exactly_its_sentences(one: Example) -> None:
    assert _sentences(rules()[one.rule], *one.resources) == list(one.messages)


@pytest.mark.parametrize("one", [one for one in EXAMPLES if one.messages], ids=_id)
def test_a_sentence_says_where_what_is_allowed_and_what_to_do(one: Example) -> None:
    for message in one.messages:
        assert ", at " in message
        assert "; allowed: " in message
        assert message.endswith(f" [{one.rule}]")
        assert "\n" not in message


@pytest.mark.parametrize("one", EXAMPLES, ids=_id)
def test_whole_numbers_and_floats_are_the_same_to_a_rule(one: Example) -> None:
    floats = [replace(resource, props=_as_floats(resource.props)) for resource in one.resources]
    assert _sentences(rules()[one.rule], *floats) == list(one.messages)


def _translated(text: str) -> str:
    """A text in a language that puts everything but the values into «»."""
    return "".join(
        (f"«{words}»" if words else "") + ("" if name is None else f"{{{name}}}")
        for words, name, *_ in Formatter().parse(text)
    )


@pytest.mark.parametrize("one", [one for one in EXAMPLES if one.messages], ids=_id)
def test_every_word_of_a_sentence_can_be_translated(one: Example) -> None:
    rule = rules()[one.rule]
    for found in findings(rule, one.resources, rule.settings(), TERMS):
        rendered = sentence(rule.id, found).render(_translated)
        values = re.sub("«[^»]*»", "|", rendered)
        assert not re.search("[a-z]{2,} [a-z]{2,}", values), values
        assert rendered.replace("«", "").replace("»", "") == str(sentence(rule.id, found))


def _as_floats(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_the_valid_instance_breaks_no_rule() -> None:
    report = examine(Resource(INSTANCE_TYPE, valid_instance()))
    assert (report.violations, report.undecided) == ((), ())


@pytest.mark.parametrize("rule", OF_INSTANCE, ids=_id)
def test_an_unknown_value_hides_only_the_rules_that_read_it(rule: AnyRule) -> None:
    for name in rule.properties:
        report = examine(Resource(INSTANCE_TYPE, {**valid_instance(), name: UNKNOWN}))
        readers = {other.id for other in OF_INSTANCE if name in other.properties}
        assert {item.rule for item in report.undecided} <= readers
        assert report.violations == ()


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("region", UNKNOWN, "trial-region"),
        ("ecsSpec", UNKNOWN, "trial-instance-type"),
        ("cloudDisks", [{"subType": "rootfs", "capacity": UNKNOWN}], "system-disk-size"),
        ("cloudDisks", [{"subType": UNKNOWN, "capacity": "20Gi"}], "no-data-disk"),
        ("spotSpec", UNKNOWN, "no-spot"),
        ("resourceId", UNKNOWN, "public-resources-only"),
        ("accessibility", UNKNOWN, "private-instance"),
        ("userVpc", {"forwardInfos": UNKNOWN}, "no-paid-network"),
        ("sessionHours", UNKNOWN, "shutdown-timer"),
        ("sessionHours", UNKNOWN, "session-in-quota"),
        ("idleInstanceCuller", {"maxIdleTimeInMinutes": UNKNOWN}, "idle-shutdown"),
        ("instanceName", UNKNOWN, "instance-name"),
    ],
)
def test_an_unknown_guarded_input_is_left_open_by_its_rule(name: str, value: object, rule: str) -> None:
    report = examine(Resource(INSTANCE_TYPE, {**valid_instance(), name: value}))
    assert report.violations == ()
    assert {one.rule: one.path.startswith(name) for one in report.undecided}[rule]


@given(inputs)
@settings(max_examples=300)
def test_any_inputs_get_sentences_and_never_an_exception(instance: dict[str, Any]) -> None:
    report = examine(Resource(INSTANCE_TYPE, instance))
    for violation in report.violations:
        text = str(violation.message)
        assert text.endswith(f"[{violation.rule}]")
        assert "\n" not in text
    assert {one.rule for one in report.undecided} <= rules().keys()


@pytest.mark.parametrize("rule", FIXING, ids=_id)
@given(instance=known_inputs)
@example(instance={})
@example(instance={"sessionHours": 23.99, "ecsSpec": "ecs.gn6v-c8g1.2xlarge"})
@settings(max_examples=100)
def test_a_remediated_instance_passes_the_rule(rule: AnyRule, instance: dict[str, Any]) -> None:
    fixed = _fixed(rule, Resource(INSTANCE_TYPE, instance))
    assert _sentences(rule, fixed) == []


@pytest.mark.parametrize("rule", FIXING, ids=_id)
def test_a_remediation_touches_only_what_its_rule_reads(rule: AnyRule) -> None:
    for one in examples(rule):
        if one.messages and rule.remediate:
            changes = rule.remediate(one.resources[0], rule.settings(), TERMS)
            assert set(changes) <= set(rule.properties)


def _fixed(rule: AnyRule, resource: Resource) -> Resource:
    if not _sentences(rule, resource) or rule.remediate is None:
        return resource
    changes = rule.remediate(resource, rule.settings(), TERMS)
    props = {**resource.props, **changes}
    return replace(resource, props={key: value for key, value in props.items() if value is not None})


def test_all_remediations_together_leave_only_what_nobody_can_fix() -> None:
    resource = Resource(INSTANCE_TYPE, {"region": "cn-beijing", "ecsSpec": "ecs.gn7i-c8g1.2xlarge"})
    worst = {
        "cloudDisks": "200Gi",
        "spotSpec": {},
        "accessibility": "PUBLIC",
        "userVpc": 5,
        "resourceId": "q",
    }
    resource = replace(resource, props={**resource.props, **worst, "instanceName": "a b"})
    for rule in FIXING:
        resource = _fixed(rule, resource)
    assert [found.rule for found in evaluate(resource.props)] == []
    assert resource.props["sessionHours"] == int(TERMS.session_hours.default)
    assert resource.props["instanceName"] == "a_b"


@pytest.mark.parametrize("length", [1, 5, 26])
def test_the_disk_limit_can_be_narrowed(length: int) -> None:
    rule = rules()["system-disk-size"]
    narrow = rule.settings(max_gib=float(length))
    disk = Resource(INSTANCE_TYPE, {"cloudDisks": [{"subType": "rootfs", "capacity": f"{length + 1}Gi"}]})
    assert [found.path for found in findings(rule, (disk,), narrow, TERMS)] == ["cloudDisks[0].capacity"]


def test_other_terms_reach_the_rules() -> None:
    small = replace(TERMS, quota_cu_per_month=replace(TERMS.quota_cu_per_month, value=Decimal(20)))
    assert [found.rule for found in evaluate(valid_instance(), terms=small)] == ["session-in-quota"]


@pytest.mark.parametrize("hours", [24.1, 35.8, 36, 999_999])
def test_a_session_that_is_too_long_for_the_timer_is_one_violation(hours: float) -> None:
    assert [found.rule for found in evaluate({**valid_instance(), "sessionHours": hours})] == [
        "shutdown-timer"
    ]


@pytest.mark.parametrize("rule", ALL, ids=_id)
def test_no_sentence_shows_a_secret(rule: AnyRule) -> None:
    planted = "LTAI5tPlantedSecret9876"
    secret: Any = SecretValue(planted)
    for value in (secret, [secret, {"uri": secret}], {"MY_TOKEN": secret, "capacity": secret}):
        resource = Resource(INSTANCE_TYPE, dict.fromkeys(rule.properties, value), name="n")
        assert not any(planted in text for text in _sentences(rule, resource))


@pytest.mark.parametrize(
    "name", ["imageUrl", "imageAuth", "environmentVariables", "datasets", "labels", "userVpc"]
)
def test_even_a_plain_value_of_these_is_never_shown(name: str) -> None:
    planted = "planted-9876"
    shapes = (planted, [planted, {"uri": planted}], {"TOKEN": planted, "natGatewayId": planted})
    for value in shapes:
        assert not any(planted in str(found.message) for found in evaluate({**valid_instance(), name: value}))


def test_the_rule_about_live_instances_reads_all_that_the_rules_it_applies_read() -> None:
    applied = [rule for rule in OF_INSTANCE if rule.level is Level.MANDATORY]
    read = {name for rule in applied for name in rule.properties} - {"idleInstanceCuller"}
    assert read <= set(rules()["live-instance-in-tier"].properties)


@pytest.mark.parametrize("rule", ALL, ids=_id)
@given(instance=inputs)
@settings(max_examples=50)
def test_a_rule_reads_only_the_properties_that_it_declares(rule: AnyRule, instance: dict[str, Any]) -> None:
    whole = Resource(INSTANCE_TYPE, {**valid_instance(), "instanceId": "dsw-1", **instance})
    part = replace(whole, props={key: value for key, value in whole.props.items() if key in rule.properties})
    assert _outcome(rule, whole) == _outcome(rule, part)


def _outcome(rule: AnyRule, resource: Resource) -> tuple[list[str], str]:
    sentences: list[str] = []
    try:
        for found in findings(rule, (resource,), rule.settings(), TERMS):
            sentences.append(str(sentence(rule.id, found)))
    except UndecidedError as error:
        return sentences, error.path
    return sentences, ""
