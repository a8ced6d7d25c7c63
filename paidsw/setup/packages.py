"""The Python packages: a virtual environment that holds exactly what a lock file names, verified by its hashes."""

import hashlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import layout
from .console import SetupError, Step
from .locks import only_one

LOCKS = {"run": "requirements/run.txt", "dev": "requirements/dev.txt"}
# What an installation of this size takes on two cores with a near package index.
USUALLY = "1 to 2 minutes, once"
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==\S+", re.MULTILINE)
_ENDINGS = {
    "DO NOT MATCH THE HASHES": "a downloaded package is not the one that the lock file names",
    "No space left on device": "the disk is full",
    "Failed to establish a new connection": "no package index answered; look at the network and pip's settings",
    "Temporary failure in name resolution": "no package index answered; look at the network and pip's settings",
    "Could not find a version": "the package index lacks a package of the lock file, or could not be reached",
}


def ready(root: Path, kind: str) -> bool:
    """Whether the environment holds what the lock `kind` ("run" or "dev") names. Reads files only."""
    return (
        layout.python(root).exists()
        and not _unfinished(root).exists()
        and _stamp(root).get(kind) == _digest(root, kind)
    )


def prepare(root: Path, kind: str) -> None:
    """Make the environment hold what the lock names; returns at once if it does. SetupError if it can't be done.

    An installation that was cut off is done anew from an empty environment. Two at once: the second waits.
    """
    if ready(root, kind):
        return
    with only_one(layout.tools(root) / "set-up.lock", "set-up") as lock:
        if not ready(root, kind):
            _install(root, kind, lock)


def _install(root: Path, kind: str, lock: int) -> None:
    if not _usable(root):
        _create(root, lock)
    names = _PIN.findall((root / LOCKS[kind]).read_text(encoding="utf-8"))
    _stamp_file(root).unlink(missing_ok=True)
    with Step(f"Installing {len(names)} Python packages of {LOCKS[kind]} into .venv ({USUALLY})") as step:
        pip = Pip(root, lock, step)
        # Packages that come as source are built with the locked setuptools, not with whatever is newest today.
        pip.install("--require-hashes", "--requirement", str(_pinned(root, kind, "setuptools")))
        pip.install("--require-hashes", "--no-build-isolation", "--requirement", str(root / LOCKS[kind]))
        # A plain path file starts faster than the import hook of the default mode: every `pulumi` starts four of them.
        pip.install(
            "--no-deps",
            "--no-build-isolation",
            "--config-settings",
            "editable_mode=compat",
            "--editable",
            str(root),
        )
    kinds = LOCKS if kind == "dev" else {kind: ""}
    write(_stamp_file(root), json.dumps({name: _digest(root, name) for name in kinds}))


class Pip:
    """The environment's own pip."""

    def __init__(self, root: Path, lock: int, step: Step) -> None:
        self._root, self._lock, self._step = root, lock, step

    def install(self, *arguments: str) -> None:
        """Run `pip install`; SetupError with the reason and pip's own last word if it fails."""
        from . import process

        lines: list[str] = []
        command = [
            str(layout.python(self._root)),
            "-m",
            "pip",
            "install",
            "--no-input",
            "--progress-bar",
            "off",
            *arguments,
        ]
        code = process.run(command, self._heard(lines), env=_pip_variables(), cwd=self._root, keep=self._lock)
        if code:
            raise SetupError(explain(lines))
        _unfinished(self._root).unlink(missing_ok=True)

    def _heard(self, lines: list[str]) -> Callable[[str], None]:
        def heard(line: str) -> None:
            lines.append(line)
            if line.startswith("Installing collected packages"):
                _unfinished(self._root).touch()
            if line.strip():
                self._step.update(line.strip().split(" (from")[0][:60])

        return heard


def explain(lines: Sequence[str]) -> str:
    """One sentence on a failed pip, with its last relevant line."""
    told = [line.strip() for line in lines if line.strip()]
    errors = [line for line in told if line.startswith("ERROR")] or told or ["(pip said nothing)"]
    text = "\n".join(told)
    reason = next((reason for sign, reason in _ENDINGS.items() if sign in text), "pip failed")
    return f"The Python packages could not be installed: {reason}. pip's last word: {errors[-1][:300]}"


def _pip_variables() -> dict[str, str]:
    # Settings that send packages elsewhere than into the environment; mirrors, proxies and certificates stay.
    dropped = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}


def _usable(root: Path) -> bool:
    if _unfinished(root).exists() or not layout.python(root).exists():
        return False
    home = layout.environment(root)
    version = re.search(r"^version(?:_info)? *= *3\.(\d+)", _text(home / "pyvenv.cfg"), re.MULTILINE)
    # The commands of an environment name its folder: a moved one is of no use.
    moved = _text(home / ".dsw-place") not in ("", str(root))
    return not moved and (version is None or int(version[1]) >= 11)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _create(root: Path, lock: int) -> None:
    from . import process

    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            here = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise SetupError(
                f"This Python has no {module} module: install it (Debian and Ubuntu: apt install python{here}-venv) "
                f"or use another Python: make PYTHON=/path/to/python3."
            )
    home = layout.environment(root)
    # An activated environment can't empty itself: its base can.
    base = getattr(sys, "_base_executable", None) or sys.executable
    lines: list[str] = []
    with Step(f"Making a virtual environment in .venv with Python {sys.version.split()[0]} (a few seconds)"):
        code = process.run([base, "-m", "venv", "--clear", str(home)], lines.append, keep=lock)
        if code:
            raise SetupError(
                f"No virtual environment could be made in {home}: {(lines or ['no reason given'])[-1][:300]}"
            )
        write(home / ".dsw-place", str(root))


def _pinned(root: Path, kind: str, name: str) -> Path:
    """A requirements file with one package of the lock."""
    text = (root / LOCKS[kind]).read_text(encoding="utf-8")
    found = re.search(rf"^{name}==\S+( \\\n +--hash=\S+)+", text, re.MULTILINE)
    if found is None:
        raise SetupError(f"{LOCKS[kind]} names no {name}: run `make lock`.")
    path = layout.tools(root) / f"{name}.txt"
    write(path, found[0] + "\n")
    return path


def _digest(root: Path, kind: str) -> str:
    parts = [str(root).encode(), (root / LOCKS[kind]).read_bytes(), (root / "pyproject.toml").read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


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


def write(path: Path, text: str) -> None:
    """Put a whole text file in place, or leave the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
