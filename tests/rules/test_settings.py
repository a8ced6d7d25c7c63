from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest

from paidsw.rules.registry import evaluate, findings, rules
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Level, NoSettings, Range, Resource, Violation
from paidsw.rules.settings import PolicyConfig, SettingsError, parse, schema
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
    ("raw", "where"),
    [
        ({"maxGib": 101}, "sample.maxGib"),
        ({"maxGib": 0.5}, "sample.maxGib"),
        ({"maxGib": "much"}, "sample.maxGib"),
        ({"only": "cn-beijing"}, "sample.only"),
        ({"only": ["a", 5]}, "sample.only.1"),
        ({"onyl": []}, "sample.onyl"),
        ({"max_gib": 5}, "sample.max_gib"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_is_allowed(raw: dict[str, Any], where: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("sample", Sample, raw)
    message = str(caught.value)
    assert f", at {where}; allowed: maxGib, only, strict; " in message
    assert "\n" not in message


def test_a_rule_without_settings_says_so() -> None:
    with pytest.raises(SettingsError, match="allowed: no settings at all"):
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
            with pytest.raises(SettingsError, match=rf", at {rule.id}\.{name}"):
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


@pytest.mark.parametrize(
    ("rule", "raw"),
    [
        ("system-disk-size", {"maxGib": 200}),
        ("shutdown-timer", {"maxHours": 48}),
        ("idle-shutdown", {"maxMinutes": 1440}),
        ("session-in-quota", {"maxCu": 5000}),
        ("planned-cu", {"maxCu": 251}),
    ],
)
def test_settings_cannot_widen_what_the_trial_gives(rule: str, raw: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="less than or equal"):
        PolicyConfig.of({rule: raw}, rules())


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


def test_an_entry_may_have_a_level_and_settings() -> None:
    config = PolicyConfig.of(
        {"trial-region": {"enforcementLevel": "advisory", "only": ["cn-beijing"]}}, rules()
    )
    rule = rules()["trial-region"]
    assert config.level(rule) is Level.ADVISORY
    assert config.settings(rule) == rule.settings(only=("cn-beijing",))


def test_settings_without_a_level_leave_the_level() -> None:
    config = PolicyConfig.of({"all": "advisory", "trial-region": {"only": ["cn-beijing"]}}, rules())
    assert config.level(rules()["trial-region"]) is Level.ADVISORY


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"no-sopt": "mandatory"}, "there is no rule 'no-sopt'; allowed: all, environment-names, free-"),
        (
            {"no-spot": "strict"},
            "there is no such level, at 'no-spot'; allowed: advisory, mandatory, remediate, disabled",
        ),
        ({"no-spot": {"enforcementLevel": 5}}, "there is no such level"),
        ({"no-spot": 5}, "'no-spot' has neither a level nor settings; allowed"),
        ({"no-spot": None}, "'no-spot' has neither a level nor settings"),
        ({"no-spot": {"limit": 1}}, "at no-spot.limit"),
        ({"all": {"only": []}}, "there is no rule 'all'"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_in_one_sentence(
    raw: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        PolicyConfig.of(raw, rules())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"no-sopt": "mandatory"}', "there is no rule 'no-sopt'"),
        ("{", "is not JSON; correct it"),
        ("[" * 100_000, "is not JSON; correct it"),
        ("[]", "is not a map of rules to levels or settings; correct it"),
        (None, "levels.json can't be read: No such file or directory; name another file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, text: str | None, words: str
) -> None:
    file = tmp_path / "levels.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        PolicyConfig.read(file, rules())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "levels.json"
    file.write_text('{"all": "advisory", "trial-region": {"only": ["cn-beijing"]}}', encoding="utf-8")
    config, rule = PolicyConfig.read(file, rules()), rules()["trial-region"]
    assert (config.level(rule), config.settings(rule)) == (
        Level.ADVISORY,
        rule.settings(only=("cn-beijing",)),
    )


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
