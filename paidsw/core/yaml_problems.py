"""What is wrong with text that isn't YAML, and where: the parser's own words know neither."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from paidsw.core.messages import Message, Text

# How the parsers' problems begin; only the word "here" differs.
_TWO_COLONS = "mapping values are not allowed"
_TAB = "found a tab character"
_NO_COLON = "could not find expected ':'"
# What is open at its end, as a text in quotes, is wrong where it begins.
_WITHIN_A_WORD = "while scanning"


class YamlProblem(NamedTuple):
    """A line (from 1), the words for what is wrong there, which lack file and line, and what to do."""

    line: int
    text: Text
    problem: Message | str
    advice: Message


def problem_in(text: str, error: yaml.YAMLError) -> YamlProblem:
    """What a parser's error means in the text that it has read."""
    if not isinstance(error, yaml.MarkedYAMLError) or not error.problem or not error.problem_mark:
        # PyYAML reports a character that YAML doesn't allow by its place.
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return YamlProblem(line, Text.NOT_YAML, Text.NOT_ALLOWED(), Text.CORRECT_IT())
    mark = error.problem_mark
    at = text.splitlines()[mark.line : mark.line + 1]
    if _TAB in error.problem or (at and at[0][mark.column :].startswith("\t")):
        return YamlProblem(mark.line + 1, Text.TAB, "", Text.INDENT())
    if str(error.context).startswith(_WITHIN_A_WORD):
        mark = error.context_mark or mark
    line = mark.line + 1
    if error.problem == _NO_COLON:
        return YamlProblem(line, Text.NO_PAIR, "", Text.WRITE_PAIR())
    if error.problem.startswith(_TWO_COLONS):
        return YamlProblem(line, Text.NO_PAIRS, "", Text.WRITE_PAIR())
    return YamlProblem(line, Text.NOT_YAML, error.problem, Text.CORRECT_IT())
