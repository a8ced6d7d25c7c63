"""Where things are in the project's folder, and the environment variables that keep Pulumi inside it."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from . import files

_HERE = Path(__file__).resolve().parents[2]
# An installed library is in no checkout: it works on the project in which it is started.
IN_CHECKOUT = (_HERE / "tools" / "__main__.py").is_file()
ROOT = _HERE if IN_CHECKOUT else Path.cwd()
WINDOWS = os.name == "nt"

# Of the user's own Pulumi settings only these reach a rehearsal; the others belong to another backend or stack.
KEPT = ("PULUMI_DEBUG_", "PULUMI_PARALLEL")
CREDENTIALS = ("ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "ALIYUN_")
# The state of a rehearsal is as secret as the program that makes it.
PASSPHRASE = "rehearsal"  # noqa: S105
# These put other modules before those that an interpreter has been given.
OTHER_MODULES = ("PYTHONHOME", "PYTHONPATH")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def environment(root: Path = ROOT) -> Path:
    """The folder of the project's virtual environment."""
    return root / ".venv"


def scripts(root: Path = ROOT) -> Path:
    """The environment's folder of commands."""
    return environment(root) / ("Scripts" if WINDOWS else "bin")


def python(root: Path = ROOT) -> Path:
    """The environment's interpreter."""
    return scripts(root) / ("python.exe" if WINDOWS else "python")


def site_packages(root: Path = ROOT) -> list[Path]:
    """The environment's folders of packages."""
    home = environment(root)
    found = [home / "Lib" / "site-packages", *sorted(home.glob("lib/python3*/site-packages"))]
    return [path for path in found if path.is_dir()]


def base_python() -> str:
    """The interpreter under this one: an activated environment can't replace itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def cache(root: Path = ROOT, environ: Mapping[str, str] | None = None) -> Path:
    """The folder for what several checkouts share, by the custom of the system; `.tools` where that is read-only."""
    given = os.environ if environ is None else environ
    try:
        folder = _user_caches(given) / "dsw-free-tier"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return tools(root) / "cache"
    return folder if os.access(folder, os.W_OK) else tools(root) / "cache"


def _user_caches(environ: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def foreign_path(root: Path, environ: Mapping[str, str]) -> str:
    """PATH without the folders in which this project puts commands itself."""
    own = [place.resolve() for place in (scripts(root), tools(root))]
    folders = [folder for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    kept = (
        folder for folder in folders if not any(Path(folder).resolve().is_relative_to(place) for place in own)
    )
    return os.pathsep.join(kept)


def tools(root: Path = ROOT) -> Path:
    """What the set-up gets in addition to Python packages."""
    return root / ".tools"


def rehearsal(root: Path = ROOT) -> Path:
    """Everything that a rehearsal writes: Pulumi's home, the stack's state, the emulator's state, logs."""
    return root / ".rehearsal"


def has_rehearsed(root: Path = ROOT) -> bool:
    """Whether a rehearsal has made a stack here."""
    return any((rehearsal(root) / "state").glob(".pulumi/stacks/**/*.json"))


def record(root: Path = ROOT) -> dict[str, object]:
    """What the set-up wrote down about the Pulumi CLI it found; empty if nothing (readable) is there."""
    try:
        content = json.loads((tools(root) / "pulumi.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def find_pulumi(root: Path = ROOT, base: Mapping[str, str] | None = None) -> Path | None:
    """The Pulumi CLI to run for this project: the one the set-up chose, else the first on PATH, else None."""
    chosen = record(root).get("pulumi")
    if isinstance(chosen, str) and os.path.isfile(files.from_text(chosen)):
        return files.from_text(chosen)
    found = shutil.which("pulumi", path=(os.environ if base is None else base).get("PATH", ""))
    return Path(found) if found else None


def engine_environment(root: Path = ROOT, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables with which to run `pulumi` on a rehearsal (a whole new mapping).

    `base` (default: this process's own) without the user's Pulumi settings and Alibaba Cloud credentials, with the
    chosen CLI, its language host and the project's virtual environment first on PATH, and with home, state and
    passphrase of the rehearsal. Loopback addresses bypass any proxy; nothing is downloaded.
    """
    given = os.environ if base is None else base
    result = {name: value for name, value in given.items() if not _foreign(name)}
    pulumi = find_pulumi(root, given)
    first = [str(folder) for folder in (pulumi.parent if pulumi else None, scripts(root)) if folder]
    result["PATH"] = os.pathsep.join([*dict.fromkeys(first), *filter(None, [given.get("PATH")])])
    result["VIRTUAL_ENV"] = str(environment(root))
    result.update(_settings(root))
    for name in ("NO_PROXY", "no_proxy"):
        result[name] = _without_proxy(given.get(name, ""))
    return result


def _settings(root: Path) -> dict[str, str]:
    folder = rehearsal(root)
    return {
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # What else the credentials chain would look up, with the variables gone.
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true",
        "ALIBABA_CLOUD_CREDENTIALS_FILE": os.devnull,
    }


def _foreign(name: str) -> bool:
    upper = name.upper()
    if upper.startswith("PULUMI_"):
        return not upper.startswith(KEPT)
    return upper.startswith(CREDENTIALS) or upper in OTHER_MODULES


def _without_proxy(value: str) -> str:
    names = [name.strip() for name in value.split(",") if name.strip()]
    return ",".join(dict.fromkeys([*names, *LOOPBACK]))
