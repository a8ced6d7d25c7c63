"""The policy configuration file: what it says, and each mistake at its line in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from paidsw.rules.policy_config import PolicyConfig, PolicyConfigError, refuse_unknown
from paidsw.rules.registry import rules
from paidsw.rules.rule import Level
from paidsw.rules.settings import schema

LEVELS = "advisory, mandatory, remediate, disabled"


def wrong(tmp_path: Path, text: str | bytes | None) -> list[tuple[int, str]]:
    """The line and the sentence of everything that is wrong in a file."""
    file = tmp_path / "levels.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PolicyConfigError) as caught:
        PolicyConfig.read(file, rules())
    found = [(one.line, str(one.message).replace(str(file), "FILE")) for one in caught.value.problems]
    assert found
    assert all("\n" not in sentence and sentence.isprintable() for _, sentence in found)
    return found


class TestRead:
    """A configuration that can be used."""

    def test_levels_and_settings(self, tmp_path: Path) -> None:
        file = tmp_path / "levels.json"
        file.write_text('{"all": "advisory", "trial-region": {"only": ["cn-beijing"]}}', encoding="utf-8")
        config, rule = PolicyConfig.read(file, rules()), rules()["trial-region"]
        assert (config.level(rule), config.settings(rule)) == (
            Level.ADVISORY,
            rule.settings(only=("cn-beijing",)),
        )

    def test_an_entry_may_have_a_level_and_settings(self) -> None:
        config = PolicyConfig.of(
            {"trial-region": {"enforcementLevel": "advisory", "only": ["cn-beijing"]}}, rules()
        )
        rule = rules()["trial-region"]
        assert config.level(rule) is Level.ADVISORY
        assert config.settings(rule) == rule.settings(only=("cn-beijing",))

    def test_settings_without_a_level_leave_the_level(self) -> None:
        config = PolicyConfig.of({"all": "advisory", "trial-region": {"only": ["cn-beijing"]}}, rules())
        assert config.level(rules()["trial-region"]) is Level.ADVISORY

    @pytest.mark.parametrize("text", ["", " \n", "{}"])
    def test_nothing_configures_nothing(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "levels.json").write_text(text)
        assert PolicyConfig.read(tmp_path / "levels.json", rules()) == PolicyConfig()

    def test_a_key_in_a_list_is_no_second_one(self, tmp_path: Path) -> None:
        found = wrong(tmp_path, '{"trial-region": {"only": [{"a": 1}, {"a": 2}]}}')
        assert [sentence for _, sentence in found if "twice" in sentence] == []


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"offical-image": "mandatory"}, "there is no rule 'offical-image', did you mean official-image?"),
        ({"Official-Image": "mandatory"}, "there is no rule 'Official-Image', did you mean official-image?"),
        ({"official_image": "mandatory"}, "did you mean official-image?"),
        ({"al": "advisory"}, "there is no rule 'al', did you mean all? correct the name"),
        ({"ALL": "advisory"}, "there is no rule 'ALL', did you mean all?"),
        ({"zzz": "advisory"}, "there is no rule 'zzz'; docs/rules.md has them all; correct the name"),
        ({"": "advisory"}, "there is no rule ''; docs/rules.md"),
        ({"environments": ["x"]}, "there is no rule 'environments'"),
        (
            {"no-spot": "Mandatory"},
            "no-spot is 'Mandatory', which is not a level, did you mean mandatory? correct it",
        ),
        ({"no-spot": "mandatroy"}, "did you mean mandatory?"),
        ({"all": "advisery"}, "all is 'advisery', which is not a level, did you mean advisory?"),
        ({"no-spot": "strict"}, f"no-spot is 'strict', which is not a level; allowed: {LEVELS}; correct it"),
        ({"no-spot": ""}, f"no-spot is '', which is not a level; allowed: {LEVELS}"),
        ({"no-spot": {"enforcementLevel": 5}}, f"no-spot.enforcementLevel is not a level; allowed: {LEVELS}"),
        ({"no-spot": {"enforcementLevel": {"a": "b"}}}, "no-spot.enforcementLevel is not a level"),
        ({"no-spot": {"enforcementLevel": None}}, "no-spot.enforcementLevel is not a level"),
        (
            {"no-spot": {"enforcementLevel": "disable"}},
            "is 'disable', which is not a level, did you mean disabled?",
        ),
        ({"no-spot": {"enforcmentLevel": "advisory"}}, "did you mean enforcementLevel? remove or correct it"),
        (
            {"no-spot": 5},
            f"no-spot has neither a level nor settings; allowed: {LEVELS}, or a map; correct it",
        ),
        ({"no-spot": None}, "no-spot has neither a level nor settings"),
        ({"no-spot": ["mandatory"]}, "no-spot has neither a level nor settings"),
        (
            {"no-spot": {"limit": 1}},
            "no-spot: limit is not a setting of the rule, which has enforcementLevel",
        ),
        (
            {"all": {"only": []}},
            "all has only, but it takes a level only; set only at the rules that it is meant for",
        ),
        ({"all": {"enforcementLevel": "x"}}, "all.enforcementLevel is 'x', which is not a level"),
        ({"trial-region": {"onyl": []}}, "did you mean only?"),
        (
            {"system-disk-size": {"maxGib": 200}},
            "system-disk-size: maxGib can't be used; allowed: a number of at most",
        ),
        ({"shutdown-timer": {"maxHours": 48}}, "shutdown-timer: maxHours can't be used"),
        ({"idle-shutdown": {"maxMinutes": 1440}}, "idle-shutdown: maxMinutes can't be used"),
        ({"session-in-quota": {"maxCu": 5000}}, "session-in-quota: maxCu can't be used"),
        ({"planned-cu": {"maxCu": 251}}, "planned-cu: maxCu can't be used"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, raw: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyConfigError) as caught:
        PolicyConfig.of(raw, rules())
    ((_, sentence),) = caught.value.problems
    assert words in str(sentence)
    assert wrong(tmp_path, json.dumps(raw)) == [(1, str(sentence))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", (1, "FILE is not JSON: expecting property name enclosed in double quotes; correct it")),
        ('{\n  "all": "advisory"\n  "x": 1}', (3, "FILE is not JSON: expecting ',' delimiter; correct it")),
        ('{\n\n "a": NaN}', (1, "FILE is not JSON; correct it")),
        ("[" * 100_000, (1, "FILE is not JSON; correct it")),
        ("[]", (1, "FILE is not a map of rules to levels or settings; correct it")),
        ("null", (1, "FILE is not a map of rules to levels or settings; correct it")),
        ('{"a": "\xe9"}'.encode("latin-1"), (1, "FILE is not UTF-8 text; save it as such")),
        (None, (1, "FILE can't be read: No such file or directory; name another file")),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_with_its_line(
    tmp_path: Path, text: str | bytes | None, found: tuple[int, str]
) -> None:
    assert wrong(tmp_path, text) == [found]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyConfigError, match="can't be read: Is a directory"):
        PolicyConfig.read(tmp_path, rules())


def test_each_mistake_stands_at_its_own_line(tmp_path: Path) -> None:
    text = """{
\t"all": "Mandatory",
  "no-spot": {
    "enforcementLevel": "advisory",
    "limit": "a:b{}[],\\"c"
  }, "offical-image": "disabled",
  "trial-region": {"only": ["cn-beijing"],

    "onyl": 1}
}"""
    found = wrong(tmp_path, text)
    assert [(line, sentence.split(",")[0][:30]) for line, sentence in found] == [
        (2, "all is 'Mandatory'"),
        (5, "no-spot: limit is not a settin"),
        (6, "there is no rule 'offical-imag"),
        (9, "trial-region: onyl is not a se"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('{"no-spot": "disabled",\n"no-spot": "mandatory"}', 2, "no-spot"),
        ('{"no-spot": "disabled",\n\n"no\\u002dspot": "mandatory"}', 3, "no-spot"),
        (
            '{"trial-region": {\n"only": ["cn-beijing"],\n"only": []}}',
            3,
            "trial-region.only",
        ),
    ],
)
def test_what_is_there_twice_is_refused(tmp_path: Path, text: str, line: int, name: str) -> None:
    ((at, sentence),) = wrong(tmp_path, text)
    assert at == line
    assert sentence.startswith(f"{name} is there twice, first on line ")
    assert sentence.endswith("; remove one")


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "\u202egpj", "x" * 5000, "\ud800"])
def test_a_hostile_name_is_shown_in_one_line(tmp_path: Path, name: str) -> None:
    ((_, sentence),) = wrong(tmp_path, json.dumps({name: "mandatory"}))
    assert len(sentence) < 200


class TestHandedOn:
    """What the engine hands on to the pack: every name of the file, and the defaults of every rule."""

    def defaults(self) -> dict[str, dict[str, object]]:
        return {
            rule.id: {name: declared["default"] for name, declared in schema(rule.settings).items()}
            for rule in rules().values()
        }

    def test_the_defaults_and_a_level_for_all_are_nothing_wrong(self) -> None:
        refuse_unknown({**self.defaults(), "all": {}}, rules())

    def test_a_rule_that_there_is_not_and_a_setting_that_it_has_not(self) -> None:
        given: dict[str, dict[str, object]] = {
            **self.defaults(),
            "offical-image": {},
            "trial-region": {"only": [], "onyl": []},
        }
        with pytest.raises(PolicyConfigError) as caught:
            refuse_unknown(given, rules())
        assert "did you mean official-image?" in str(caught.value)
        assert "did you mean only?" in str(caught.value)
