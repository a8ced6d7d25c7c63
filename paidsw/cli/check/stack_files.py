"""The stacks' files that are judged, and what is refused in them before anything runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from paidsw.cli.check.messages import Text
from paidsw.cli.check.source import RefusedError, Source
from paidsw.cli.reports.finding import PROJECT, SETTING, UNJUDGED, Finding, Level
from paidsw.core.messages import Message
from paidsw.core.provider_settings import ALICLOUD, PAIDSW, in_file
from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.settings import REGION_KEY
from paidsw.core.stack_file import ConfigFile

MOST_STACKS = 30
_FILE = re.compile(r"pulumi\.(?P<stack>.+)\.(?P<form>yaml|yml|json)", re.IGNORECASE | re.DOTALL)
_STACK = re.compile(r"(?!\.+$)[A-Za-z0-9_.-]{1,100}")
_SECRETS_PROVIDER = "secretsprovider"
_OF_PULUMI = ("", "default", "passphrase")
_KEYS = frozenset({"config", _SECRETS_PROVIDER, "encryptedkey", "encryptionsalt"})
# With these an update takes over what exists, or deletes it.
_ON_WHAT_EXISTS = frozenset({"importId", "ownerId", "replaceId", "startClearedId"})
# None of these decides what is billed, or where.
MAY_BE_ENCRYPTED = frozenset({"environmentVariables", "imageAuth", "instanceName", "labels", "workspaceName"})


@dataclass(frozen=True, slots=True)
class StackFile:
    """A stack and its file, relative to the project's folder."""

    stack: str
    file: str


def find(source: Source, folder: str) -> tuple[list[StackFile], list[Finding]]:
    """All stacks' files below a folder of the project; and those that look like one and aren't."""
    found, wrong = [], []
    for name in source.names(folder):
        match = _FILE.fullmatch(name)
        if not match:
            continue
        file = PurePosixPath(folder, name).as_posix()
        wanted = f"Pulumi.{match['stack']}.yaml"
        if not _STACK.fullmatch(match["stack"]):
            wrong.append(Finding(Level.ERROR, PROJECT, str(Text.NOT_A_STACK(file=file)), file, 1))
        elif name != wanted:
            text = str(Text.NOT_READ(file=file, wanted=wanted))
            wrong.append(Finding(Level.ERROR, PROJECT, text, file, 1))
        else:
            found.append(StackFile(match["stack"], file))
    return found, wrong


def named(stack: str, folder: str) -> StackFile:
    """The file of a stack of this name."""
    return StackFile(stack, PurePosixPath(folder, f"Pulumi.{stack}.yaml").as_posix())


def secrets_providers(source: Source, folder: str) -> frozenset[str]:
    """Who can read the secrets of the stacks whose files are in a folder, as Pulumi names that."""
    found = set(_OF_PULUMI)
    for one in find(source, folder)[0]:
        with suppress(MalformedError, RefusedError, OSError):
            found.add(str(source.stack(one.file, "").values.get(_SECRETS_PROVIDER, "")))
    return frozenset(found)


def findings(
    document: ConfigFile, project: str, secrets_providers: Collection[str], *, own_settings: bool = False
) -> Iterator[Finding]:
    """What is refused in a stack's file: settings that come from elsewhere, lead elsewhere, or can't be seen.

    `secrets_providers` are those of the base's stacks. `own_settings`: those of the project are its own program's, and
    nobody here knows what they decide.
    """
    keeper = document.values.get(_SECRETS_PROVIDER, "")
    if str(keeper) not in secrets_providers:
        yield _error(document, document.line(_SECRETS_PROVIDER), Text.READS_SECRETS(key=_SECRETS_PROVIDER))
    for key, line in document.key_lines.items():
        if key == "environment":
            yield _error(document, line, Text.ENVIRONMENT())
        elif key not in _KEYS:
            yield _error(document, line, Text.NOT_A_KEY(key=key))
    yield from of_providers(document, project)
    yield from on_what_exists(document, project)
    for key, setting in document.settings.items():
        if setting.encrypted and own_settings and key.startswith(f"{project}:"):
            text = str(Text.UNSEEN(key=key))
            yield Finding(Level.WARNING, SETTING, text, document.name, setting.line)
        elif setting.encrypted and _has_to_be_plain(key, project):
            for part in setting.encrypted_parts:
                path = shlex.quote(part) if part == key else f"--path {shlex.quote(part)}"
                yield _error(document, document.line(part), Text.ENCRYPTED(key=part, path=path))


def on_what_exists(document: ConfigFile, project: str) -> Iterator[Finding]:
    """The settings of a stack's or project's file whose effect depends on what the stack has."""
    for key, setting in document.settings.items():
        if key.removeprefix(f"{project}:") in _ON_WHAT_EXISTS:
            text = str(Text.ON_WHAT_EXISTS(key=key))
            yield Finding(Level.WARNING, UNJUDGED, text, document.name, setting.line)


def of_providers(document: ConfigFile, project: str) -> Iterator[Finding]:
    """The settings of providers in a stack's or project's file that are refused."""
    values = {key: setting.arrives() for key, setting in document.settings.items()}
    for key, message in in_file(values, project):
        yield _error(document, document.line(key), message)


def not_previewed(document: ConfigFile, project: str) -> frozenset[str]:
    """The full keys of settings that don't reach a preview: those that are refused, and those that say who signs.

    An emulator needs none of them, and some are names of files on the machine that judges.
    """
    wrong = {key for key, _ in in_file(document.settings, project)}
    of_clouds = {key for key in document.settings if key.partition(":")[0] in (ALICLOUD, PAIDSW)}
    return frozenset(wrong | of_clouds - {REGION_KEY})


def _has_to_be_plain(key: str, project: str) -> bool:
    namespace, _, name = key.partition(":")
    return key == REGION_KEY or (namespace == project and name not in MAY_BE_ENCRYPTED)


def _error(document: ConfigFile, line: int, message: Message) -> Finding:
    return Finding(Level.ERROR, SETTING, str(message), document.name, line)
