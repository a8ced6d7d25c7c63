"""The sentences about rules and their settings, in English. What one rule finds, the rule says itself."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    VIOLATION = "{what}, at {path}; allowed: {allowed}; {fix} [{rule}]"
    NOT_KNOWN = "can't be known during preview: {paths}; pulumi up decides: {rules}"

    # Settings
    NOT_A_RULE = "there is no rule {name}; docs/rules.md has them all; correct the name"
    MISSPELT_RULE = "there is no rule {name}, did you mean {meant}? correct the name"
    NOT_A_LEVEL = "{place} is {value}, which is not a level; allowed: {levels}; correct it"
    MISSPELT_LEVEL = "{place} is {value}, which is not a level, did you mean {meant}? correct it"
    LEVEL_NO_TEXT = "{place} is not a level; allowed: {levels}; correct it"
    NEITHER = "{rule} has neither a level nor settings; allowed: {levels}, or a map; correct it"
    ALL_HAS_A_LEVEL = (
        "all has {name}, but it takes a level only; set {name} at the rules that it is meant for"
    )
    TWICE = "{name} is there twice, first on line {first}, and Pulumi takes the last; remove one"
    NOT_READABLE = "{file} can't be read: {reason}; name another file"
    NOT_UTF8 = "{file} is not UTF-8 text; save it as such"
    NOT_JSON = "{file} is not JSON: {reason}; correct it"
    NO_JSON_AT_ALL = "{file} is not JSON; correct it"
    NOT_A_MAP = "{file} is not a map of rules to levels or settings; correct it"
    A_SETTING = "a setting of the rule, which has {names}"
    OF_RULE = "{rule}: {problem}"
