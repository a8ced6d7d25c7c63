"""The settings as a stack's files have them, and as they arrive in its program."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from components.arguments import NotebookArgs
from components.messages import Text
from paidsw.core.messages import Message
from paidsw.core.problems import Problem
from paidsw.core.provider_settings import ALICLOUD, PAIDSW
from paidsw.core.pulumi_yaml import Scalar
from paidsw.core.stack_file import PROJECT_FILE, ConfigFile, Setting, stack_path
from paidsw.core.text import printable
from paidsw.provider.instance.inputs import SECRETS

_STRUCTURED = frozenset({"environmentVariables", "labels", "datasets", "backup"})


class TwiceError(Exception):
    """A map in JSON text that has a name twice, of which Python would take the second."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def in_files(root: Path, stack: str) -> Mapping[str, Setting]:
    """The settings of a stack as its files have them, as far as there are files in the project's folder.

    Raises MalformedError.
    """
    try:
        project = ConfigFile.project(root / PROJECT_FILE)
    except OSError:
        return {}
    try:
        file = ConfigFile.stack(stack_path(root, project, stack), project.project_name)
    except OSError:
        return project.settings
    return {**project.settings, **file.settings}


def misread(
    values: Mapping[str, Any], project: str, secret: Collection[str], written: Mapping[str, Setting]
) -> Iterator[Problem]:
    """What isn't as it was written, of the settings that come from the files and not from elsewhere."""
    for key, setting in written.items():
        namespace, _, name = key.partition(":")
        kind = NotebookArgs.kind(name) if namespace == project else _kind(namespace, name, setting)
        if kind is not None and key in values and setting.matches(_arrived(setting, values[key])):
            hidden = key in secret or name in SECRETS
            yield from (Problem(key, one.hidden if hidden else one.message) for one in setting.misread(kind))


def _kind(namespace: str, name: str, setting: Setting) -> object:
    """The type of a setting of our providers: a text, or milliseconds; None for those of others, and for nothing."""
    if namespace not in (ALICLOUD, PAIDSW) or setting.arrives() == "":
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
        found = json.loads(value, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return value
    return value if found is None else found
