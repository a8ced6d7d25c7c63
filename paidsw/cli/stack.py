"""The rehearsal's stack: its configuration, and runs of the real `pulumi` on it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import FrameType
from zlib import crc32

from paidsw.cli.errors import CliError, ExitCode
from paidsw.cli.messages import Text
from paidsw.cloud.credentials import REHEARSAL_ACCESS_KEY_ID, REHEARSAL_ACCESS_KEY_SECRET
from paidsw.core import forms
from paidsw.core.provider_settings import in_file, rehearsal
from paidsw.core.pulumi_yaml import Fields, Items, MalformedError, Scalar, Value, value_of, written
from paidsw.core.stack_file import ConfigFile, is_encrypted

PROJECT = "dsw-free-tier"
STACK = "dev"
_FILE = f"Pulumi.{STACK}.yaml"
# Base64 of stand-in:stand-in, so that it does where the form is looked at, too. It is hidden wherever it stands, so
# it is no word of a sentence or of the rehearsal's paths.
_SECRET_STAND_IN = "c3RhbmQtaW46c3RhbmQtaW4="  # noqa: S105
# Of parts whose form is looked at; no two folders may be the same.
_STAND_INS = {
    "uri": "oss://stand-in/",
    "datasetId": "d-stand-in",
    "datasetVersion": "v1",
    "mountPath": "/mnt/stand-in-{number}",
    "mountAccess": "RO",
    "options": "{{}}",
    "snapshot": "stand-in",
    "repository": "stand-in.example.com/stand-in/stand-in",
}
# Settings that take a text of any content. Of others a stand-in could be wrong, so they fall back to their defaults.
_TEXTS = frozenset({"imageAuth"})
_IMPORT = "importId"
_SALT = "encryptionsalt"


def write_config(
    source: Path,
    target: Path,
    emulator: str,
    *,
    keep_salt: bool,
    import_real: bool = True,
    without: Collection[str] = (),
    project: str | Path = PROJECT,
) -> None:
    """The stack's own configuration with an emulator as its cloud, so that what is rehearsed is what will be.

    `keep_salt` keeps the target's encryption salt, which belongs to the state of an existing stack. Without
    `import_real` an `importId`, if it can be one, is left out: the emulator hasn't that notebook. The settings of
    providers in `without`, namespace:name, are left out too. A key without a namespace is of `project`, a name, or the
    file that has the name and may give settings that the stack's own doesn't. CliError for what would hide behind the
    emulator's here and be refused by the real stack.
    """
    file = project_file(project) if isinstance(project, Path) else ConfigFile("")
    name = file.project_name if isinstance(project, Path) else project
    own = _load(source, name)
    try:
        file.require(own)
    except MalformedError as error:
        raise CliError(error.cause, error.advice) from None
    given = {**file.settings, **own.settings}
    found = {key: one.value for key, one in given.items() if key not in without}
    for _, refusal in in_file({key: one for key, one in found.items() if key in rehearsal(emulator)}, name):
        raise CliError(Text.OF_FILE(file=source.name, problem=refusal))
    settings = _without_secrets(found)
    config = (settings if import_real else _without_import(settings)) | {
        **rehearsal(emulator),
        "alicloud:accessKey": REHEARSAL_ACCESS_KEY_ID,
        "alicloud:secretKey": REHEARSAL_ACCESS_KEY_SECRET,
    }
    salt = _load(target).fields.get(_SALT) if keep_salt and target.exists() else None
    document = {"config": config} if salt is None else {_SALT: salt, "config": config}
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(target, written(value_of(document)))


def _without_secrets(settings: Mapping[str, Value]) -> dict[str, object]:
    """The settings without values that are encrypted for the real stack: they can't be read here, and needn't be."""
    return {
        key: _stand_in(value)
        for key, value in settings.items()
        if not is_encrypted(value) or key.rpartition(":")[2] in _TEXTS
    }


def _without_import(settings: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in settings.items() if not _imports(key, value)}


def _imports(key: str, value: object) -> bool:
    text = value.text if isinstance(value, Scalar) else ""
    return key.rpartition(":")[2] == _IMPORT and bool(re.match(forms.INSTANCE_ID, text))


def _stand_in(value: Value, key: str = "") -> Value:
    if isinstance(value, Fields):
        if is_encrypted(value):
            number = crc32(written(value).encode())
            return value_of(_STAND_INS.get(key, _SECRET_STAND_IN).format(number=number))
        pairs = ((name, _stand_in(one, name.text)) for name, one in value.pairs)
        return Fields(tuple(pairs), value.line)
    return Items(tuple(map(_stand_in, value.values)), value.line) if isinstance(value, Items) else value


def region_of(root: Path) -> str:
    """The region of the real stack's configuration."""
    if not (root / _FILE).exists():
        raise CliError(Text.NO_STACK_FILE(file=_FILE, folder=root), Text.GIVE_REGION())
    found = setting(root, "alicloud:region")
    if not isinstance(found, str):
        raise CliError(Text.NO_REGION(file=_FILE), Text.SET_REGION())
    return found


def setting(root: Path, key: str) -> object:
    """A setting of texts of the real stack's configuration, None where it isn't set.

    CliError where it is encrypted, or not what was written once Pulumi has read it.
    """
    found = _load(root / _FILE).settings.get(key)
    if found is None or (isinstance(found.value, Scalar) and found.value.value is None):
        return None
    if found.encrypted:
        raise CliError(Text.ENCRYPTED(key=key, file=_FILE), Text.GIVE_AS_OPTIONS())
    misread = next(found.misread(), None)
    if misread is not None:
        raise CliError(misread.cause, misread.advice)
    return found.arrives()


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


def project_file(path: Path) -> ConfigFile:
    """A project's file. Raises CliError where it can't be read."""
    return _read(ConfigFile.project, path)


def _load(path: Path, project: str = PROJECT) -> ConfigFile:
    return _read(lambda file: ConfigFile.stack(file, project), path)


def _read(how: Callable[[Path], ConfigFile], path: Path) -> ConfigFile:
    try:
        return how(path)
    except FileNotFoundError:
        raise CliError(Text.NO_STACK_FILE(file=path.name, folder=path.parent), Text.BRING_BACK()) from None
    except OSError as error:
        raise CliError(Text.NOT_READ(file=path, why=error.strerror), Text.CORRECT_THAT()) from None
    except MalformedError as error:
        raise CliError(error.cause, error.advice) from None


def _replace(path: Path, text: str) -> None:
    """Write whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CliError(Text.NOT_WRITTEN(file=path, why=error.strerror), Text.FREE_SPACE()) from None
