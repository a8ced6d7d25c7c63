"""The rehearsal's stack: its configuration, and runs of the real `pulumi` on it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any
from zlib import crc32

import yaml

from paidsw.cli.errors import CliError, ExitCode
from paidsw.cli.messages import Text
from paidsw.cloud.credentials import REHEARSAL_ACCESS_KEY_ID, REHEARSAL_ACCESS_KEY_SECRET
from paidsw.core import forms
from paidsw.core.provider_settings import rehearsal

PROJECT = "dsw-free-tier"
STACK = "dev"
_FILE = f"Pulumi.{STACK}.yaml"
# Base64 of rehearsal:rehearsal, so that it does where the form is looked at, too.
_SECRET_STAND_IN = "cmVoZWFyc2FsOnJlaGVhcnNhbA=="  # noqa: S105
# Of parts whose form is looked at; no two folders may be the same.
_STAND_INS = {
    "uri": "oss://rehearsal/",
    "datasetId": "d-rehearsal",
    "datasetVersion": "v1",
    "mountPath": "/mnt/rehearsal-{number}",
    "mountAccess": "RO",
    "options": "{{}}",
    "snapshot": "rehearsal",
    "repository": "rehearsal.example.com/rehearsal/rehearsal",
}
# Settings that take a text of any content. Of others a stand-in could be wrong, so they fall back to their defaults.
_TEXTS = frozenset({"imageAuth"})
_IMPORT = "importId"


def write_config(
    source: Path,
    target: Path,
    emulator: str,
    *,
    keep_salt: bool,
    import_real: bool = True,
    without: Collection[str] = (),
) -> None:
    """The stack's own configuration with an emulator as its cloud, so that what is rehearsed is what will be.

    `keep_salt` keeps the target's encryption salt, which belongs to the state of an existing stack. Without
    `import_real` an `importId`, if it can be one, is left out: the emulator hasn't that notebook. The settings of
    providers in `without`, namespace:name, are left out too.
    """
    document = _load(source)
    given = document.get("config") or {}
    settings = _without_secrets({key: one for key, one in given.items() if _in_short(key) not in without})
    config = (settings if import_real else _without_import(settings)) | {
        **rehearsal(emulator),
        "alicloud:accessKey": REHEARSAL_ACCESS_KEY_ID,
        "alicloud:secretKey": REHEARSAL_ACCESS_KEY_SECRET,
    }
    old = _load(target) if keep_salt and target.exists() else {}
    kept = {key: value for key, value in old.items() if key == "encryptionsalt"}
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(target, yaml.safe_dump({**kept, "config": config}, allow_unicode=True, sort_keys=False))


def _in_short(key: object) -> str:
    """The key of a provider's setting; Pulumi reads `namespace:config:name` as `namespace:name`."""
    return str(key).replace(":config:", ":", 1)


def _without_secrets(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without values that are encrypted for the real stack: they can't be read here, and needn't be."""
    return {
        key: _stand_in(value)
        for key, value in config.items()
        if not _encrypted(value) or str(key).rpartition(":")[2] in _TEXTS
    }


def _without_import(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in config.items()
        if str(key).rpartition(":")[2] != _IMPORT or not re.match(forms.INSTANCE_ID, str(value))
    }


def _stand_in(value: Any, key: str = "") -> Any:
    if _encrypted(value):
        return _STAND_INS.get(key, _SECRET_STAND_IN).format(number=crc32(str(value).encode()))
    if isinstance(value, Mapping):
        return {key: _stand_in(item, str(key)) for key, item in value.items()}
    return [_stand_in(item) for item in value] if isinstance(value, list) else value


def _encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


def region_of(root: Path) -> str:
    """The region of the real stack's configuration."""
    if not (root / _FILE).exists():
        raise CliError(Text.NO_STACK_FILE(file=_FILE, folder=root), Text.GIVE_REGION())
    found = setting(root, "alicloud:region")
    if not isinstance(found, str):
        raise CliError(Text.NO_REGION(file=_FILE), Text.SET_REGION())
    return found


def setting(root: Path, key: str) -> Any:
    """A setting of the real stack's configuration; None where it isn't set, CliError where it is encrypted."""
    found = (_load(root / _FILE).get("config") or {}).get(key)
    if _encrypted(found) or (isinstance(found, Mapping) and any(map(_encrypted, found.values()))):
        raise CliError(Text.ENCRYPTED(key=key, file=_FILE), Text.GIVE_AS_OPTIONS())
    return found


def run(command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> int:
    """Run `pulumi` in the foreground; its exit code, or ExitCode.INTERRUPTED if Ctrl-C made it fail.

    Ctrl-C reaches it directly (it is in our process group) and it ends in order, so we only wait for it.
    """
    interrupted = False

    def leave_it_to_pulumi(_number: int, _frame: FrameType | None) -> None:
        """A handler and not SIG_IGN, which the child would inherit."""
        nonlocal interrupted
        interrupted = True

    before = signal.signal(signal.SIGINT, leave_it_to_pulumi)
    try:
        code = subprocess.call(command, env=dict(environment), cwd=cwd)
    except OSError as error:
        raise _not_run(command, error) from None
    finally:
        signal.signal(signal.SIGINT, before)
    return ExitCode.INTERRUPTED if interrupted and code else code


def ask(command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> str:
    """Run `pulumi` for its output; CliError with its last words when it fails."""
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            cwd=cwd,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except OSError as error:
        raise _not_run(command, error) from None
    if done.returncode != 0:
        words = [line for line in done.stderr.splitlines() if line.strip()] or ["no output"]
        raise CliError(
            Text.PULUMI_FAILED(command=" ".join(command[1:3]), why=words[-1].removeprefix("error: "))
        )
    return done.stdout


def _not_run(command: Sequence[str], error: OSError) -> CliError:
    return CliError(Text.NOT_RUN(program=command[0], why=error.strerror), Text.RUN_SETUP())


def _load(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise CliError(Text.NO_STACK_FILE(file=path.name, folder=path.parent), Text.BRING_BACK()) from None
    except OSError as error:
        raise CliError(Text.NOT_READ(file=path, why=error.strerror), Text.CORRECT_THAT()) from None
    except UnicodeDecodeError:
        raise CliError(Text.NOT_UTF8(file=path.name), Text.SAVE_AS_UTF8()) from None
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        not_yaml = (
            Text.NOT_YAML(file=path.name)
            if place is None
            else Text.NOT_YAML_AT(file=path.name, line=place.line + 1)
        )
        raise CliError(not_yaml, Text.CORRECT_IT()) from None
    if not isinstance(document, dict) or not isinstance(document.get("config") or {}, dict):
        raise CliError(Text.NO_SETTINGS(file=path.name), Text.CORRECT_IT())
    return document


def _replace(path: Path, text: str) -> None:
    """Write whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CliError(Text.NOT_WRITTEN(file=path, why=error.strerror), Text.FREE_SPACE()) from None
