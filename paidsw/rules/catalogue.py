"""Writes the rule catalogue, docs/rules.md and docs/rules.zh-CN.md, from the rules.

python -m paidsw.rules.catalogue            writes both
python -m paidsw.rules.catalogue --check    exits 1 where one of them is not what would be written
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from paidsw.rules.examples import Example, examples
from paidsw.rules.registry import RULES_FOLDER, rules
from paidsw.rules.rule import AnyRule
from paidsw.rules.settings import schema

DOCS = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language; `of` gives a rule's title, description, why and steps."""

    file: str
    words: Mapping[str, str]

    def of(self, rule: AnyRule) -> Mapping[str, str]:
        """The rule's own words in this language."""
        if self.file == "rules.md":
            return {key: getattr(rule, key) for key in ("title", "description", "why", "steps")}
        path = RULES_FOLDER / rule.id.replace("-", "_") / "zh.yaml"
        translated: Mapping[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return translated


def languages() -> list[Language]:
    """The catalogue's languages."""
    words = yaml.safe_load((RULES_FOLDER / "catalogue.yaml").read_text(encoding="utf-8"))
    return [Language(file, text) for file, text in words.items()]


def catalogue(language: Language) -> str:
    """The whole catalogue in one language, as Markdown."""
    return "\n".join([*_head(language), *_overview(language), *_chapters(language)]) + "\n"


def _head(language: Language) -> Iterator[str]:
    words = language.words
    yield from (f"# {words['heading']}", "", words["generated"], "", words["introduction"].strip(), "")


def _overview(language: Language) -> Iterator[str]:
    words = language.words
    yield f"| {words['rule']} | {words['title']} | {words['level']} | {words['severity']} | {words['scope']} |"
    yield "|---|---|---|---|---|"
    for rule in rules().values():
        level, severity, scope = (words[value] for value in (rule.level, rule.severity, rule.scope))
        yield f"| [{rule.id}](#{rule.id}) | {language.of(rule)['title']} | {level} | {severity} | {scope} |"
    yield ""


def _chapters(language: Language) -> Iterator[str]:
    for rule in rules().values():
        yield from _chapter(rule, language)


def _chapter(rule: AnyRule, language: Language) -> Iterator[str]:
    words, own = language.words, language.of(rule)
    yield from (f"## {rule.id}", "", own["description"], "")
    yield f"- {words['why']} {own['why']}"
    yield f"- {words['steps']} {own['steps']}"
    yield f"- {words['reads']} {', '.join(f'`{name}`' for name in rule.properties) or words['nothing']}"
    yield f"- {words['remediation']} {words['yes'] if rule.remediate else words['no']}"
    yield f"- {words['reference']} <{rule.reference}>"
    for name, declared in schema(rule.settings).items():
        yield f"- {words['setting']} {_setting(name, declared, words)}"
    yield ""
    yield from _examples(rule, words)


def _setting(name: str, declared: Mapping[str, Any], words: Mapping[str, str]) -> str:
    bounds = [f"{words[key]} {declared[key]:g}" for key in ("minimum", "maximum") if key in declared]
    default = yaml.safe_dump(declared["default"], default_flow_style=True).splitlines()[0]
    return f"`{name}` ({', '.join([words[declared['type']], *bounds, words['default'] + ' ' + default])})"


def _examples(rule: AnyRule, words: Mapping[str, str]) -> Iterator[str]:
    for example in examples(rule):
        verdict = words["refused"] if example.messages else words["accepted"]
        yield from (f"{verdict} `{_changed(example)}`", "")
        for message in example.messages:
            yield from (f"> {message}", "")


def _changed(example: Example) -> str:
    shown = {key: value for key, value in example.changed.items() if key not in ("name", "messages")}
    text: str = yaml.safe_dump(
        shown or {"set": {}}, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
    )
    return text.strip()


def main(arguments: list[str] | None = None, docs: Path = DOCS) -> int:
    """Writes or checks the catalogue; 1 where a check finds a difference."""
    parser = argparse.ArgumentParser(
        prog="python -m paidsw.rules.catalogue", description="Write the rule catalogue."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, exit 1 where a file is not up to date"
    )
    check = parser.parse_args(arguments).check
    stale = [language for language in languages() if _read(docs / language.file) != catalogue(language)]
    for language in stale:
        if check:
            command = "python -m paidsw.rules.catalogue"
            print(
                f"docs/{language.file} is not what the rules say; regenerate it with: {command}",
                file=sys.stderr,
            )
        else:
            (docs / language.file).write_text(catalogue(language), encoding="utf-8", newline="\n")
    return 1 if check and stale else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
