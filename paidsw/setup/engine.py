"""Finds or gets the Pulumi CLI and a Python language host for it."""

import json
import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from . import files, layout
from .console import SetupError, say
from .messages import Text
from .versions import OLDEST, PINNED, new_enough, parse

# Which ways may be tried, in order: "path", "release", "build", comma-separated.
WAYS_VARIABLE = "DSW_PULUMI_FROM"
WAYS = ("path", "release", "build")
HOST = "pulumi-language-python"
ADVICE = "install Pulumi yourself (https://www.pulumi.com/docs/install/) and run the same command again"


class Engine(NamedTuple):
    """The CLI to run: its path and version, where it came from, and whether its language host is ours."""

    pulumi: str
    version: str
    way: str
    own_host: bool


def ways(environ: Mapping[str, str]) -> list[str]:
    """The ways to try. SetupError if the variable names an unknown one."""
    chosen = [way.strip() for way in environ.get(WAYS_VARIABLE, "").split(",") if way.strip()] or list(WAYS)
    for way in chosen:
        if way not in WAYS:
            raise SetupError(Text.UNKNOWN_WAY(variable=WAYS_VARIABLE, way=way, ways=", ".join(WAYS)))
    return chosen


def ready(root: Path, environ: Mapping[str, str]) -> Engine | None:
    """The engine that an earlier set-up chose, if nothing that the choice rests on has changed. Reads files only."""
    engine, known = _recorded(root)
    if engine is None or known != _seen(root, environ) or not os.path.isfile(files.from_text(engine.pulumi)):
        return None
    return None if engine.own_host and not own_host(root).is_file() else engine


def prepare(root: Path, environ: Mapping[str, str]) -> Engine:
    """Find or get the CLI and its language host. The caller holds the set-up's lock. SetupError if there is no way."""
    return ready(root, environ) or _obtain(root, environ)


def _obtain(root: Path, environ: Mapping[str, str]) -> Engine:
    from . import build, release

    getters: dict[str, Callable[[], tuple[Path, bool]]] = {
        "path": lambda: _from_path(root, environ),
        "release": lambda: (release.install(root, environ.get(release.MIRROR_VARIABLE)), True),
        "build": lambda: (build.install(root, environ), False),
    }
    reasons = []
    for way in ways(environ):
        try:
            return _settle(root, environ, way, *getters[way]())
        except SetupError as error:
            reasons.append(f"{_TITLES[way]}: {error}")
            if way != "path":
                say(f"  no: {error}")
        kept = _kept(root, environ) if way == "path" else None
        if kept is not None:
            return _remember(root, environ, kept)
    raise SetupError(Text.NO_CLI(reasons="; ".join(reasons), advice=ADVICE))


_TITLES = {"path": "on PATH", "release": "official download", "build": "build from the Go module proxy"}


def _settle(root: Path, environ: Mapping[str, str], way: str, found: Path, official: bool) -> Engine:
    pulumi = found if official else beside_own_host(root, found)
    engine = Engine(files.to_text(pulumi), version(root, pulumi) or PINNED, way, not official)
    say(f"Pulumi {engine.version}: {found}")
    return _remember(root, environ, engine)


def _remember(root: Path, environ: Mapping[str, str], engine: Engine) -> Engine:
    content = {"pulumi": engine.pulumi, "engine": engine._asdict(), "seen": _seen(root, environ)}
    files.write(layout.tools(root) / "pulumi.json", json.dumps(content))
    return engine


def _kept(root: Path, environ: Mapping[str, str]) -> Engine | None:
    """The project's own CLI of an earlier set-up: better than a new one when PATH has lost the one it came from."""
    engine, known = _recorded(root)
    if engine is None or not files.from_text(engine.pulumi).is_relative_to(layout.tools(root)):
        return None
    if known.get("root") != files.to_text(root) or known.get("ways") != environ.get(WAYS_VARIABLE, ""):
        return None
    if engine.own_host and not own_host(root).is_file():
        return None
    return engine if new_enough(version(root, files.from_text(engine.pulumi)) or "") else None


def _recorded(root: Path) -> tuple[Engine | None, dict[str, object]]:
    known = layout.record(root)
    try:
        engine, seen = Engine(**known["engine"]), known["seen"]  # type: ignore[arg-type]  # a wrong shape is caught
    except (KeyError, TypeError):
        return None, {}
    return engine, seen if isinstance(seen, dict) else {}


def _from_path(root: Path, environ: Mapping[str, str]) -> tuple[Path, bool]:
    found = on_path(root, environ, "pulumi")
    if found is None:
        raise SetupError(Text.NO_CLI_ON_PATH())
    told = version(root, found)
    if told is None:
        raise SetupError(Text.CLI_DOES_NOT_RUN(path=found))
    if not new_enough(told):
        say(f"Pulumi {told} at {found} is older than {OLDEST}; this project gets {PINNED} for itself.")
        raise SetupError(Text.CLI_TOO_OLD(path=found, version=told, oldest=OLDEST))
    return found, official_host(root, environ, found)


def on_path(root: Path, environ: Mapping[str, str], name: str) -> Path | None:
    """The first command of that name on PATH that this project didn't put there itself."""
    folders = layout.foreign_path(root, environ)
    found = shutil.which(name, path=folders) if folders else None
    return Path(found) if found else None


def official_host(root: Path, environ: Mapping[str, str], pulumi: Path) -> bool:
    """Whether a CLI has its own language host, beside it or on PATH."""
    beside = shutil.which(HOST, path=str(pulumi.resolve().parent))
    return beside is not None or on_path(root, environ, HOST) is not None


def version(root: Path, pulumi: Path) -> str | None:
    """The version that a CLI reports ("3.274.1"), None if it doesn't run."""
    import subprocess

    home = {"PULUMI_HOME": str(layout.tools(root) / "home"), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        told = subprocess.run(
            [pulumi, "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, **home},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = parse(told.stdout) if told.returncode == 0 else None
    return ".".join(map(str, numbers)) if numbers else None


def own_host(root: Path) -> Path:
    """Where the project's own language host is started from."""
    return layout.tools(root) / "bin" / (f"{HOST}.cmd" if layout.WINDOWS else HOST)


def beside_own_host(root: Path, found: Path) -> Path:
    """A copy of the CLI with our language host beside it: the engine warns of a host found anywhere else."""
    folder = layout.tools(root) / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    target, partial = folder / found.name, folder / f"{found.name}.partial"
    partial.unlink(missing_ok=True)
    try:
        shutil.copyfile(found, partial)
        partial.chmod(0o755)
        partial.replace(target)
        files.write(own_host(root), _host_script(root))
    except OSError as error:
        raise SetupError(Text.CLI_NOT_COPIED(path=found, folder=folder, why=error.strerror)) from error
    own_host(root).chmod(0o755)
    return target


def _host_script(root: Path) -> str:
    if layout.WINDOWS:
        return f'@set "PYTHONPATH={root}"\n@"{layout.python(root)}" -m paidsw.setup.language_host %*\n'
    lines = (
        # Read by the shell first, because a "#!" line takes neither spaces nor long paths, and by Python as a string.
        "#!/bin/sh",
        f"'''exec' {shlex.quote(str(layout.python(root)))} \"$0\" \"$@\"",
        "' '''",
        "import os, sys",
        f"sys.path.insert(0, os.fsdecode({os.fsencode(root)!r}))",
        "from paidsw.setup.language_host.__main__ import main",
        "main()",
    )
    return "\n".join(lines) + "\n"


def link(root: Path, environ: Mapping[str, str]) -> None:
    """Put `pulumi` into the environment's commands where PATH lacks it, so that an activated environment has all."""
    engine = ready(root, environ)
    if engine is None:
        raise SetupError(Text.CLI_VANISHED())
    needed = engine.way != "path" or engine.own_host
    for name in ("pulumi", HOST):
        link = layout.scripts(root) / (f"{name}.cmd" if layout.WINDOWS else name)
        folder = files.from_text(engine.pulumi).parent
        target = shutil.which(name, path=str(folder)) if needed else None
        try:
            _place(link, target)
        except OSError as error:
            raise SetupError(Text.CLI_NOT_LINKED(path=link, why=error.strerror)) from error


def _place(link: Path, target: str | None) -> None:
    if layout.WINDOWS:
        # The engine finds its language host beside itself; a second one on PATH would make it warn.
        if target and not link.name.startswith(HOST):
            files.write(link, f'@"{target}" %*\n')
        else:
            link.unlink(missing_ok=True)
    elif target is None:
        if link.is_symlink():
            link.unlink()
    elif not link.is_symlink() or os.readlink(link) != target:
        partial = link.with_name(f"{link.name}.partial")
        partial.unlink(missing_ok=True)
        partial.symlink_to(target)
        partial.replace(link)


def _seen(root: Path, environ: Mapping[str, str]) -> dict[str, object]:
    """What the choice rests on: what PATH offers, the ways allowed, the versions wanted, this folder's place."""
    offered = {name: _identity(on_path(root, environ, name)) for name in ("pulumi", HOST)}
    return {
        "root": files.to_text(root),
        "ways": environ.get(WAYS_VARIABLE, ""),
        "wanted": [OLDEST, PINNED],
        **offered,
    }


def _identity(path: Path | None) -> list[object] | None:
    if path is None:
        return None
    status = path.stat()
    return [files.to_text(path), status.st_size, status.st_mtime_ns]
