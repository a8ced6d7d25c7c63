"""The sentences about rules and their settings, in English. What one rule finds, the rule says itself."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    VIOLATION = "{what}, at {path}; allowed: {allowed}; {fix} [{rule}]"

    # Settings
    NOT_A_RULE = "there is no rule {key!r}; allowed: {names}"
    CORRECT_NAME = "correct the name"
    NOT_A_LEVEL = "there is no such level, at {key!r}; allowed: {levels}"
    NEITHER = "{key!r} has neither a level nor settings; allowed: {levels}, or a map"
    NOT_READABLE = "{file} can't be read: {reason}"
    NAME_ANOTHER = "name another file"
    NOT_JSON = "{file} is not JSON"
    NOT_A_MAP = "{file} is not a map of rules to levels or settings"
    CORRECT = "correct it"
    WRONG_SETTING = "{reason}, at {where}; allowed: {names}"
    NO_SETTINGS = "no settings at all"
    CORRECT_OR_REMOVE = "correct or remove it [{rule}]"
