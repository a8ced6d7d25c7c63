"""Stack configuration → settings. A wrong value or an unknown key ends the program in one sentence."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.config import is_config_secret

from components.arguments import NotebookArgs, SettingsError
from components.messages import Text
from components.providers import configuration
from paidsw.core.problems import Problem
from paidsw.core.provider_settings import in_program
from paidsw.core.settings import REGION_KEY, key_of
from paidsw.trial.terms import TERMS

_STRUCTURED = frozenset({"environmentVariables", "labels", "datasets", "backup"})


@dataclass(frozen=True)
class NotebookSettings:
    """The region, which the alicloud provider needs as well, and the notebook's own settings."""

    region: str
    args: NotebookArgs

    @classmethod
    def from_config(cls) -> NotebookSettings:
        """The settings of this stack; raises pulumi.RunError with everything that is wrong, one sentence each."""
        project, stack = pulumi.get_project(), pulumi.get_stack()
        values = configuration()
        try:
            return parse(values, project, [key for key in values if is_config_secret(key)])
        except SettingsError as error:
            found = [Text.IN_FILE(stack=stack, problem=one.message) for one in error.problems]
            raise pulumi.RunError("\n".join(map(str, found))) from None


def parse(values: Mapping[str, Any], project: str, secret: Collection[str] = ()) -> NotebookSettings:
    """Settings from configuration values, full key → text.

    `secret` are the full keys of those that stay secret. Raises SettingsError with all that is wrong.
    """
    prefix, region = f"{project}:", values.get(REGION_KEY)
    own = {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}
    hidden = {key.removeprefix(prefix) for key in secret if key.startswith(prefix)}
    wrong = in_program(values)
    if not region:
        wrong.append(Problem(REGION_KEY, Text.NO_REGION(key=REGION_KEY, region=TERMS.home_region)))
    elif REGION_KEY in secret:
        wrong.append(Problem(REGION_KEY, Text.KEPT_IN_PLAIN(key=REGION_KEY, what=Text.NAMES_AND_IDS())))
    try:
        args = NotebookArgs(hidden, **{key: _plain(key, value) for key, value in own.items()})
    except SettingsError as error:
        found = [
            (prefix + name, Text.UNREADABLE(prefix=prefix, problem=text)) for name, text in error.problems
        ]
        raise SettingsError([*wrong, *(Problem(*one) for one in found)]) from None
    if region and REGION_KEY not in secret:
        for setting, text in args.violations(str(region)):
            key = key_of(setting, project)
            wrong.append(Problem(key, Text.REFUSED(key=key, problem=text)))
    if wrong:
        raise SettingsError(wrong)
    return NotebookSettings(str(region), args)


def _plain(key: str, value: Any) -> Any:
    """Configuration arrives as text; maps and lists as JSON text."""
    if key in _STRUCTURED and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
