"""Stack configuration → settings. A wrong value or an unknown key ends the program in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import is_config_secret

from components.arguments import NotebookArgs, SettingsError
from components.as_written import TwiceError, in_files, misread, plain
from components.messages import Text
from components.misnamed import misnamed
from components.providers import configuration
from paidsw.core.problems import Problem
from paidsw.core.provider_settings import in_program
from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.settings import REGION_KEY, key_of
from paidsw.core.stack_file import Setting
from paidsw.trial.terms import TERMS


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
        # An inline program of the Automation API has none.
        root: str | None = pulumi.get_root_directory()
        try:
            written = in_files(Path(root), stack) if root else {}
        except MalformedError as error:
            raise pulumi.RunError(str(error)) from None
        try:
            return parse(values, project, [key for key in values if is_config_secret(key)], written)
        except SettingsError as error:
            here = f"Pulumi.{stack}.yaml"
            files = {key: setting.file for key, setting in written.items()}
            found = [
                Text.IN_FILE(file=files.get(one.name, here), problem=one.message) for one in error.problems
            ]
            raise pulumi.RunError("\n".join(map(str, found))) from None


def parse(
    values: Mapping[str, Any],
    project: str,
    secret: Collection[str] = (),
    written: Mapping[str, Setting] | None = None,
) -> NotebookSettings:
    """Settings from configuration values, full key → text.

    `secret` are the full keys of those that stay secret, and `written` the settings as the files have them.
    Raises SettingsError with all that is wrong.
    """
    prefix, region = f"{project}:", values.get(REGION_KEY)
    changed = list(misread(values, project, secret, written or {}))
    wrong = [*in_program(values), *changed]
    if not region:
        wrong.append(Problem(REGION_KEY, Text.NO_REGION(key=REGION_KEY, region=TERMS.home_region)))
    elif REGION_KEY in secret:
        wrong.append(Problem(REGION_KEY, Text.KEPT_IN_PLAIN(key=REGION_KEY, what=Text.NAMES_AND_IDS())))
    given: dict[str, Any] = {}
    for key in (key for key in values if key.startswith(prefix)):
        try:
            given[key.removeprefix(prefix)] = plain(key, values[key])
        except TwiceError as error:
            changed.append(Problem(key, error.message))
            wrong.append(changed[-1])
    mistaken = misnamed(values, project)
    for one in mistaken:
        given.pop(one.name.removeprefix(prefix), None)
    wrong += mistaken
    hidden = {key.removeprefix(prefix) for key in secret if key.startswith(prefix)}
    try:
        args = NotebookArgs(hidden, **given)
    except SettingsError as error:
        # What Pulumi has misread is one mistake, whatever becomes of it.
        known = {one.name for one in changed}
        found = [
            Problem(prefix + name, Text.UNREADABLE(prefix=prefix, problem=text))
            for name, text in error.problems
            if prefix + name not in known
        ]
        raise SettingsError([*wrong, *found]) from None
    if region and REGION_KEY not in secret and not changed:
        for setting, text in args.violations(str(region)):
            key = key_of(setting, project)
            wrong.append(Problem(key, Text.REFUSED(key=key, problem=text)))
    if wrong:
        raise SettingsError(wrong)
    return NotebookSettings(str(region), args)
