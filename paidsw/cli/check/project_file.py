"""The project file that is judged: what in it decides what runs has to be as the base has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paidsw.cli.check.messages import Text
from paidsw.cli.check.source import RefusedError, Source
from paidsw.cli.reports.finding import PROJECT, Finding, Level
from paidsw.core.messages import Message
from paidsw.core.stack_file import ConfigFile

# Pulumi reads the first that it finds, and looks for this one before.
_FIRST = "Pulumi.json"
# What only describes, and the settings, which are judged by themselves.
_MAY_DIFFER = frozenset({"name", "description", "author", "website", "license", "tags", "config"})
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_PROVIDERS = ("alicloud", "paidsw", "pulumi")


def read(source: Source) -> ConfigFile:
    """The project file. RefusedError where Pulumi would read another one; otherwise as `Source.project`."""
    if _FIRST in source.names():
        raise RefusedError(_FIRST, Text.COMES_FIRST(file=_FIRST))
    return source.project()


def findings(project: ConfigFile, base: ConfigFile | None) -> Iterator[Finding]:
    """What is wrong with a project file by itself, and where it departs from that of the base."""
    name = name_of(project)
    if not name:
        yield _error(project, "name", Text.NOT_A_NAME())
    elif name.lower() in _PROVIDERS:
        yield _error(project, "name", Text.NAME_OF_A_PROVIDER(name=name))
    if isinstance(project.values.get("config"), str):
        yield _error(project, "config", Text.CONFIG_IS_A_FOLDER())
    if base is None:
        return
    here, there, lines = project.values, base.values, project.key_lines
    for key in sorted({*here, *there} - _MAY_DIFFER):
        if here.get(key) != there.get(key) or (key in here) != (key in there):
            text = Text.PROJECT_DIFFERS if key in here else Text.PROJECT_LACKS
            yield Finding(Level.ERROR, PROJECT, str(text(key=key)), project.name, lines.get(key, 1))


def check_program(project: ConfigFile, source: Source, *, runs: bool) -> None:
    """RefusedError where another project's program is elsewhere, or is to be run here and is in another language."""
    runtime = project.values.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if runs and language != "python":
        raise RefusedError(project.name, Text.OTHER_LANGUAGE(language=language))
    if not source.has(str(project.values.get("main") or ".")):
        raise RefusedError(project.name, Text.MAIN_LEADS_OUT())


def name_of(project: ConfigFile) -> str:
    """The project's name; empty where it has none that can be one."""
    return project.project_name if _NAME.fullmatch(project.project_name) else ""


def _error(project: ConfigFile, key: str, message: Message) -> Finding:
    return Finding(Level.ERROR, PROJECT, str(message), project.name, project.key_lines.get(key, 1))
