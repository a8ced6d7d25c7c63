"""Which Python runs a program or a plugin, from the `runtime.options` of its project file."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..messages import Text

DEFAULT_PLUGIN_VIRTUALENV = "venv"


class OptionError(Exception):
    """An option that can't be honoured; the text is for the user."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, or (`home` None) the Python that runs the host itself."""

    home: Path | None

    @property
    def python(self) -> str:
        """Path of the interpreter."""
        return sys.executable if self.home is None else str(_scripts(self.home) / _python_name())

    @property
    def site_packages(self) -> list[Path]:
        """The folders that hold the environment's packages."""
        home = Path(sys.prefix) if self.home is None else self.home
        found = [home / "Lib" / "site-packages", *sorted(home.glob("lib/python3*/site-packages"))]
        return [path for path in found if path.is_dir()]

    def variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` as it looks with the environment activated."""
        result = dict(base)
        if self.home is not None:
            path = result.get("PATH")
            result["PATH"] = os.pathsep.join([str(_scripts(self.home)), *([path] if path else [])])
            result["VIRTUAL_ENV"] = str(self.home)
            result.pop("PYTHONHOME", None)
        return result


def _scripts(home: Path) -> Path:
    return home / ("Scripts" if os.name == "nt" else "bin")


def _python_name() -> str:
    return "python.exe" if os.name == "nt" else "python"


def environment(root: str, options: Mapping[str, Any], *, plugin: bool = False) -> Environment:
    """The environment that the options of a project file name.

    `root` is the folder of the project file: a relative `virtualenv` starts there. Plugins without the option run in
    `venv`, as under the official host; programs and policy packs run in the host's own Python. OptionError if the
    environment is not there, or if an option needs the official host.
    """
    toolchain = str(options.get("toolchain") or "pip")
    if toolchain not in ("pip", "uv"):
        raise OptionError(Text.TOOLCHAIN(toolchain=toolchain))
    if options.get("typechecker"):
        raise OptionError(Text.TYPECHECKER())
    name = _virtualenv(options, plugin=plugin)
    if toolchain == "uv" and not options.get("virtualenv"):
        return _existing(_nearest(Path(root)), ".venv", root)
    return _existing(Path(root, name), name, root) if name else Environment(None)


def to_be_made(root: str, options: Mapping[str, Any], *, plugin: bool = False) -> Path | None:
    """The folder of an environment for pip that the options name and that isn't there."""
    name = _virtualenv(options, plugin=plugin)
    home = Path(os.path.abspath(Path(root, name)))
    wanted = name and options.get("toolchain") in (None, "", "pip")
    return home if wanted and not os.path.lexists(home) else None


def _virtualenv(options: Mapping[str, Any], *, plugin: bool) -> str:
    return str(options.get("virtualenv") or (DEFAULT_PLUGIN_VIRTUALENV if plugin else ""))


def _nearest(root: Path) -> Path:
    candidates = [folder / ".venv" for folder in (root, *root.parents)]
    return next((path for path in candidates if path.is_dir()), candidates[0])


def _existing(home: Path, name: str, root: str) -> Environment:
    found = Environment(Path(os.path.abspath(home)))
    if not Path(found.python).is_file():
        raise OptionError(Text.NO_PYTHON(name=name, root=root, python=found.python))
    return found
