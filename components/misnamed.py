"""Keys of a stack's configuration that mean a setting of the notebook and aren't its key."""

from __future__ import annotations

import re
from collections.abc import Iterable

from components.arguments import NotebookArgs
from components.messages import Text
from paidsw.core.messages import Message
from paidsw.core.problems import Problem, nearest
from paidsw.core.text import printable

_LONGEST = 60
_PART = re.compile(r"(?P<setting>\w+)[.\[]")


def misnamed(keys: Iterable[str], project: str) -> list[Problem]:
    """What is wrong with such of these full keys: Pulumi would take them for others, or for nothing."""
    return [Problem(key, message) for key in keys if (message := _mistake(key, project))]


def _mistake(key: str, project: str) -> Message | None:
    namespace, _, name = key.partition(":")
    shown, names = printable(key, _LONGEST), NotebookArgs.names()
    if namespace != project:
        # Settings of another package may have the same names.
        is_near = name in names and nearest(namespace, [project])
        return Text.OTHER_NAMESPACE(key=shown, project=project, name=name) if is_near else None
    part = _PART.match(name)
    if part and part["setting"] in names:
        path = printable(name, _LONGEST)
        return Text.NO_PATH(key=shown, setting=part["setting"], path=path)
    meant = next((one for one, python in names.items() if name == python != one), None)
    return Text.PYTHON_NAME(key=shown, name=meant) if meant else None
