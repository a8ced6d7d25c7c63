from typing import Annotated, Any, NamedTuple

import pytest

from paidsw.rules.policy_config import PolicyConfig
from paidsw.rules.registry import evaluate, findings, rules
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Level, NoSettings, Range, Resource, Violation
from paidsw.rules.settings import SettingsError, parse, schema
from paidsw.trial.terms import TERMS
from tests.support.rules import instance

ALL = list(rules().values())
WITH_SETTINGS = [rule for rule in ALL if rule.settings is not NoSettings]


class Sample(NamedTuple):
    max_gib: Annotated[float, Range(1, 100)] = 100.0
    only: tuple[str, ...] = ()
    strict: bool = False


def _id(rule: AnyRule) -> str:
    return rule.id


def _under(config: dict[str, Any], inputs: dict[str, Any]) -> list[Violation]:
    """What the rules of an instance find under a policy configuration, as the pack applies it."""
    read, resource = PolicyConfig.of(config, rules()), Resource(INSTANCE_TYPE, inputs)
    chosen = {rule.id: read.level(rule) for rule in ALL if rule.check is not None}
    return [
        Violation(rule.id, found, chosen[rule.id], rule.severity)
        for rule in ALL
        if chosen.get(rule.id, Level.DISABLED) is not Level.DISABLED
        for found in findings(rule, (resource,), read.settings(rule), TERMS)
    ]


def test_nothing_set_is_the_defaults() -> None:
    assert parse("sample", Sample, {}) == Sample()


def test_settings_are_read_as_they_come_from_a_file() -> None:
    assert parse("sample", Sample, {"maxGib": 50, "only": ["a", "b"]}) == Sample(50.0, ("a", "b"))


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (
            {"maxGib": 101},
            "maxGib",
            "sample: maxGib can't be used; allowed: a number of at most 100; correct it",
        ),
        (
            {"maxGib": 0.5},
            "maxGib",
            "sample: maxGib can't be used; allowed: a number of at least 1; correct it",
        ),
        ({"maxGib": "much"}, "maxGib", "sample: maxGib can't be used; allowed: a number; correct it"),
        ({"only": "cn-beijing"}, "only", "sample: only can't be used; allowed: a list; correct it"),
        ({"only": ["a", 5]}, "only", "sample: only[1] can't be used; allowed: a string; correct it"),
        (
            {"onyl": []},
            "onyl",
            "sample: onyl is not a setting of the rule, which has maxGib, only, strict, enforcementLevel, did you mean "
            "only? remove or correct it",
        ),
        ({"max_gib": 5}, "max_gib", "did you mean maxGib?"),
        ({"enforcmentLevel": "advisory"}, "enforcmentLevel", "did you mean enforcementLevel?"),
        ({"zzz": 1}, "zzz", "sample: zzz is not a setting of the rule, which has maxGib, only, strict"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_is_allowed(
    raw: dict[str, Any], name: str, words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("sample", Sample, raw)
    (problem,) = caught.value.problems
    assert problem.name == name
    assert words in str(problem.message)
    assert "\n" not in str(problem.message)


def test_each_setting_has_its_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        parse("sample", Sample, {"maxGib": 0, "only": 5, "x": 1})
    assert [problem.name for problem in caught.value.problems] == ["maxGib", "only", "x"]


def test_a_rule_without_settings_says_so() -> None:
    with pytest.raises(SettingsError, match="which has enforcementLevel; remove or correct it"):
        parse("no-spot", NoSettings, {"limit": 5})


def test_a_setting_is_not_echoed() -> None:
    with pytest.raises(SettingsError) as caught:
        parse("sample", Sample, {"only": "planted-9876"})
    assert "planted-9876" not in str(caught.value)


@pytest.mark.parametrize("rule", WITH_SETTINGS, ids=_id)
def test_what_the_engine_is_told_is_what_is_read(rule: AnyRule) -> None:
    for name, declared in schema(rule.settings).items():
        good, bad = _values(declared)
        for value in good:
            assert parse(rule.id, rule.settings, {name: value})
        for value in bad:
            with pytest.raises(SettingsError, match=rf"^{rule.id}: {name}(\[0\])? can't be used; allowed: "):
                parse(rule.id, rule.settings, {name: value})


def _values(declared: dict[str, Any]) -> tuple[list[object], list[object]]:
    """Values that a declared setting takes, and some that it doesn't."""
    if declared["type"] == "number":
        low, high = declared["minimum"], declared["maximum"]
        return [low, high, declared["default"]], [low - 0.5, high + 0.5, "many", None]
    assert (declared["type"], declared["items"]) == ("array", {"type": "string"})
    return [[], ["a", "b"], declared["default"]], ["a", [5], {}, None]


@pytest.mark.parametrize("rule", WITH_SETTINGS, ids=_id)
def test_every_setting_can_be_named_in_a_file(rule: AnyRule) -> None:
    defaults = {name: declared["default"] for name, declared in schema(rule.settings).items()}
    assert parse(rule.id, rule.settings, defaults) == rule.settings()


def test_a_list_of_regions_cannot_widen_either() -> None:
    found = _under({"trial-region": {"only": ["cn-hongkong"]}}, instance(region="cn-hongkong"))
    assert [str(one.message) for one in found if one.rule == "trial-region"] == [
        'region "cn-hongkong" is not among those that the settings allow, at region; allowed: none; '
        "set region to a region of the free trial [trial-region]"
    ]


@pytest.mark.parametrize(
    ("config", "inputs", "path"),
    [
        ({"trial-region": {"only": ["cn-beijing"]}}, {}, "region"),
        ({"trial-instance-type": {"only": ["ecs.gn6v-c8g1.2xlarge"]}}, {}, "ecsSpec"),
        ({"system-disk-size": {"maxGib": 50}}, {}, "cloudDisks[0].capacity"),
        ({"shutdown-timer": {"maxHours": 2}}, {}, "sessionHours"),
        ({"idle-shutdown": {"maxMinutes": 20}}, {}, "idleInstanceCuller.maxIdleTimeInMinutes"),
        ({"session-in-quota": {"maxCu": 20}}, {}, "sessionHours"),
    ],
)
def test_settings_narrow(config: dict[str, Any], inputs: dict[str, Any], path: str) -> None:
    assert evaluate(instance(**inputs)) == []
    assert [found.path for found in _under(config, instance(**inputs))] == [path]


def test_a_variable_can_be_declared_harmless() -> None:
    inputs = instance(environmentVariables={"TOKENIZERS_PARALLELISM": "false"})
    assert [found.rule for found in evaluate(inputs)] == ["plain-credentials"]
    assert _under({"plain-credentials": {"ignore": ["TOKENIZERS_PARALLELISM"]}}, inputs) == []


def test_all_sets_the_level_and_an_entry_overrides_it() -> None:
    config = {"all": "advisory", "no-spot": "mandatory", "trial-region": "disabled"}
    inputs = instance(region="cn-hongkong", spotSpec={}, accessibility="PUBLIC")
    levels = {found.rule: found.level for found in _under(config, inputs)}
    assert levels == {
        "no-spot": Level.MANDATORY,
        "private-instance": Level.ADVISORY,
        "official-image": Level.ADVISORY,
    }


@pytest.mark.parametrize(
    ("most", "advice", "most_then", "hours_then"),
    [(20, "set sessionHours to 2.8 or less", 20, 2.8), (1, "raise this rule's maxCu", 28, 4)],
)
def test_a_limit_that_allows_no_session_advises_no_length(
    most: float, advice: str, most_then: float, hours_then: float
) -> None:
    (found,) = _under({"session-in-quota": {"maxCu": most}}, instance())
    assert advice in str(found.message)
    followed = {**instance(), "sessionHours": hours_then}
    assert _under({"session-in-quota": {"maxCu": most_then}}, followed) == []
