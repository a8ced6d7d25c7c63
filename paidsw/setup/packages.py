"""The Python packages: a virtual environment that holds exactly what `uv.lock` names, verified by its hashes."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from . import files, layout, lockfile, uv
from .console import SetupError, Step
from .messages import Text

# What each kind of environment holds in addition to the stack's own dependencies: groups of pyproject.toml.
GROUPS = {"run": ("environment",), "dev": ("dev",)}
# Measured on two cores with a near index and an empty cache; slow networks take longer.
USUALLY = "5 to 60 s, the first time"
PATH_FILE = "*pulumi_paidsw*.pth"


def ready(root: Path, kind: str) -> bool:
    """Whether the environment holds what the lock has for `kind` ("run" or "dev"). Reads files only."""
    return (
        layout.python(root).exists()
        and not _unfinished(root).exists()
        and _stamp(root).get(kind) == _digest(root, kind)
    )


def prepare(root: Path, kind: str, environ: Mapping[str, str], *, keep: int | None = None) -> None:
    """Make the environment hold what the lock names; returns at once if it does. SetupError if it can't be done.

    An installation that was cut off starts from an empty environment again. `keep`: as in `process.run`. The caller
    holds the set-up's lock.
    """
    if not ready(root, kind):
        _install(root, kind, uv.obtain(root, environ, keep=keep))


def _install(root: Path, kind: str, tool: uv.Uv) -> None:
    wanted = _requirements(root, kind, tool)
    if not usable(root):
        _create(root, tool)
    _stamp_file(root).unlink(missing_ok=True)
    count = wanted.read_text(encoding="utf-8").count("==")
    with Step(
        "packages", f"Installing up to {count} Python packages of uv.lock into .venv ({USUALLY})"
    ) as step:
        into = ("--python", str(layout.python(root)))
        # Until it is done the environment may hold half a package.
        _unfinished(root).touch()
        options = ("--require-hashes", "--build-constraints", str(build_constraints(root)))
        try:
            tool.install(["sync", *into, *options, str(wanted)], lambda line: step.update(line.strip()[:60]))
        except uv.NothingChanged:
            _unfinished(root).unlink()
            raise
        tool.install(["install", *into, "--no-deps", "--editable", "."], lambda _line: None)
        write_path_file(root)
        _unfinished(root).unlink()
    kinds = GROUPS if kind == "dev" else (kind,)
    files.write(_stamp_file(root), json.dumps({name: _digest(root, name) for name in kinds}))


def _requirements(root: Path, kind: str, tool: uv.Uv) -> Path:
    """What the lock has for `kind` as a file of exact versions with hashes, which any index can serve."""
    try:
        tool.run("lock", "--check", "--python", layout.base_python())
    except uv.Unexplained as error:
        raise SetupError(Text.LOCK_NOT_COMPARED(why=error)) from error
    except SetupError as error:
        raise SetupError(Text.LOCK_OUTDATED(why=error)) from error
    path = layout.tools(root) / f"{kind}.txt"
    export(tool, path, "--no-default-groups", *(f"--group={name}" for name in GROUPS[kind]))
    return path


def export(tool: uv.Uv, path: Path, *groups: str) -> None:
    """Write the lock's packages of some dependency groups into a requirements file with hashes."""
    options = (
        "--frozen",
        "--no-emit-project",
        "--format",
        "requirements-txt",
        "--no-header",
        "--no-annotate",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    tool.run(
        "export", *options, *groups, "--python", layout.base_python(), "--output-file", str(path), "--quiet"
    )


def build_constraints(root: Path) -> Path:
    """Packages that come as source are built with the locked setuptools, not with whatever is newest today."""
    path = layout.tools(root) / "build.txt"
    files.write(path, lockfile.pin(root, "setuptools").requirement() + "\n")
    return path


def write_path_file(root: Path) -> None:
    """Make the project's folders importable by a path file in ASCII.

    Python reads path files in the encoding of the locale: the raw name of a folder outside of ASCII, as uv and pip
    write it, would end every start under another locale.
    """
    line = f"import os, sys; sys.path.append(os.fsdecode({os.fsencode(root)!r}))\n"
    found = [path for folder in layout.site_packages(root) for path in folder.glob(PATH_FILE)]
    if not found:
        raise SetupError(Text.NO_PATH_FILE(folder=layout.environment(root)))
    for path in found:
        path.write_text(line, encoding="ascii")


def usable(root: Path) -> bool:
    """Whether the environment is whole, stands where it was made and has a Python that is supported."""
    if _unfinished(root).exists() or not layout.python(root).exists():
        return False
    home = layout.environment(root)
    version = re.search(r"^version(?:_info)? *= *3\.(\d+)", _text(home / "pyvenv.cfg"), re.MULTILINE)
    # The commands of an environment name its folder: a moved one is of no use.
    moved = _text(home / ".dsw-place") not in ("", files.to_text(root))
    return not moved and (version is None or int(version[1]) >= 11)


def _create(root: Path, tool: uv.Uv) -> None:
    home = layout.environment(root)
    if home.is_symlink():
        home.unlink()
    elif home.exists():
        shutil.rmtree(home)
    try:
        tool.run("venv", "--python", layout.base_python(), str(home))
    except SetupError as error:
        raise SetupError(Text.NO_ENVIRONMENT(home=home, why=error)) from error
    files.write(home / ".dsw-place", files.to_text(root))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _digest(root: Path, kind: str) -> str:
    locked = [(root / name).read_bytes() for name in (lockfile.NAME, "pyproject.toml")]
    return hashlib.sha256(b"\0".join([os.fsencode(root), kind.encode(), *locked])).hexdigest()


def _stamp_file(root: Path) -> Path:
    return layout.environment(root) / ".dsw-packages.json"


def _stamp(root: Path) -> dict[str, str]:
    try:
        content = json.loads(_stamp_file(root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _unfinished(root: Path) -> Path:
    return layout.environment(root) / ".dsw-unfinished"
