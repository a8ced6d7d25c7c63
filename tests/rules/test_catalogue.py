import re
from pathlib import Path

import pytest
import yaml

from paidsw.rules.catalogue import DOCS, Language, catalogue, languages, main
from paidsw.rules.examples import examples
from paidsw.rules.registry import RULES_FOLDER, rules

LANGUAGES = languages()


def _file(language: Language) -> str:
    return language.file


def test_the_catalogue_in_the_documentation_is_what_the_rules_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_a_check_fails_on_a_difference_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([], docs=tmp_path)
    changed = tmp_path / "rules.md"
    changed.write_text(changed.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    assert main(["--check"], docs=tmp_path) == 1
    assert "docs/rules.md is not what the rules say" in capsys.readouterr().err
    assert changed.read_text(encoding="utf-8").endswith("more\n")


def test_a_check_fails_where_a_file_is_missing(tmp_path: Path) -> None:
    assert main(["--check"], docs=tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_writing_makes_the_check_pass(tmp_path: Path) -> None:
    assert main([], docs=tmp_path) == 0
    assert main(["--check"], docs=tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"rules.md", "rules.zh-CN.md"}


@pytest.mark.parametrize("language", LANGUAGES, ids=_file)
def test_every_rule_and_every_refused_example_is_in_it(language: Language) -> None:
    text = catalogue(language)
    for rule in rules().values():
        assert f"\n## {rule.id}\n" in text
        assert f"](#{rule.id})" in text
        assert language.of(rule)["why"] in text
        for message in (message for one in examples(rule) for message in one.messages):
            assert f"> {message}\n" in text


def test_the_languages_have_the_same_words() -> None:
    words = yaml.safe_load((RULES_FOLDER / "catalogue.yaml").read_text(encoding="utf-8"))
    assert set(words["rules.md"]) == set(words["rules.zh-CN.md"])


@pytest.mark.parametrize("rule", list(rules()))
def test_chinese_words_are_complete_and_chinese(rule: str) -> None:
    chinese = next(language for language in LANGUAGES if "zh" in language.file).of(rules()[rule])
    assert set(chinese) == {"title", "description", "why", "steps"}
    assert all(re.search("[一-鿿]", text) for text in chinese.values())
    named = set(re.findall(r"`([A-Za-z]+)`", rules()[rule].steps))
    assert named <= set(re.findall(r"`([A-Za-z]+)`", chinese["steps"]))


def test_the_documentation_is_where_the_repository_keeps_it() -> None:
    assert Path(__file__).resolve().parents[2] / "docs" == DOCS
