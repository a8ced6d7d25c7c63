"""Stack configuration → settings. A wrong value or an unknown key ends the program in one sentence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import is_config_secret

from components.arguments import HIDDEN, NotebookArgs, SettingsError
from components.messages import Text
from components.providers import configuration
from paidsw.core.messages import Message
from paidsw.core.provider_settings import ALICLOUD, PAIDSW, in_program
from paidsw.core.pulumi_yaml import MalformedError, Scalar
from paidsw.core.settings import REGION_KEY, key_of
from paidsw.core.stack_file import PROJECT_FILE, ConfigFile, Setting, config_dir
from paidsw.core.text import printable
from paidsw.core.validation import Problem
from paidsw.provider.instance.inputs import SECRETS
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
            written = in_files(Path(pulumi.get_root_directory()), stack)
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


def in_files(root: Path, stack: str) -> Mapping[str, Setting]:
    """The settings of a stack as its files have them, as far as there are files in the project's folder.

    Raises MalformedError.
    """
    try:
        project = ConfigFile.project(root / PROJECT_FILE)
    except OSError:
        return {}
    try:
        file = ConfigFile.stack(root / config_dir(project) / f"Pulumi.{stack}.yaml", project.project_name)
    except OSError:
        return project.settings
    return {**project.settings, **file.settings}


def parse(
    values: Mapping[str, Any],
    project: str,
    secret: Collection[str] = (),
    written: Mapping[str, Setting] | None = None,
) -> NotebookSettings:
    """Settings from configuration values, full key → text.

    `secret` are the full keys whose values no sentence may show, and `written` the settings as the files have them.
    Raises SettingsError with all that is wrong.
    """
    prefix, region = f"{project}:", values.get(REGION_KEY)
    misread = list(_misread(values, project, secret, written or {}))
    wrong = [*in_program(values), *misread]
    if not region:
        wrong.append(Problem(REGION_KEY, Text.NO_REGION(key=REGION_KEY, region=TERMS.home_region)))
    given: dict[str, Any] = {}
    for key in (key for key in values if key.startswith(prefix)):
        try:
            given[key.removeprefix(prefix)] = plain(key, values[key])
        except TwiceError as error:
            misread.append(Problem(key, error.message))
            wrong.append(misread[-1])
    hidden = {key.removeprefix(prefix) for key in secret}
    try:
        args = NotebookArgs(HIDDEN | hidden, **given)
    except SettingsError as error:
        # What Pulumi has misread is one mistake, whatever becomes of it.
        known = {one.name for one in misread}
        found = [
            Problem(prefix + name, Text.UNREADABLE(prefix=prefix, problem=text))
            for name, text in error.problems
            if prefix + name not in known
        ]
        raise SettingsError([*wrong, *found]) from None
    if region and not misread:
        for setting, text in args.violations(str(region), hidden):
            key = key_of(setting, project)
            wrong.append(Problem(key, Text.REFUSED(key=key, problem=text)))
    if wrong:
        raise SettingsError(wrong)
    return NotebookSettings(str(region), args)


def _misread(
    values: Mapping[str, Any], project: str, secret: Collection[str], written: Mapping[str, Setting]
) -> Iterator[Problem]:
    """What isn't as it was written, of the settings that come from the files and not from elsewhere."""
    for key, setting in written.items():
        namespace, _, name = key.partition(":")
        kind = NotebookArgs.kind(name) if namespace == project else _kind(namespace, name)
        if kind is not None and key in values and setting.matches(_arrived(setting, values[key])):
            hidden = key in secret or name in SECRETS
            yield from (Problem(key, one.hidden if hidden else one.message) for one in setting.misread(kind))


def _kind(namespace: str, name: str) -> object:
    """The type of a setting of our providers: a text, or milliseconds; None for those of others."""
    if namespace not in (ALICLOUD, PAIDSW):
        return None
    return int if name.endswith("Timeout") else str


def _arrived(setting: Setting, value: Any) -> Any:
    if isinstance(setting.value, Scalar) or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def plain(key: str, value: Any) -> Any:
    """Configuration arrives as text; maps and lists as JSON text. Raises TwiceError."""
    if key.rpartition(":")[2] not in _STRUCTURED or not isinstance(value, str):
        return value

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise TwiceError(Text.TWICE(key=key, name=printable(twice, 60)))
        return dict(pairs)

    try:
        return json.loads(value, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return value


class TwiceError(Exception):
    """A map in JSON text that has a name twice, of which Python would take the second."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
