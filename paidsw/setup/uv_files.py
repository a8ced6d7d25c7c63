"""The user's uv.toml, reduced to what it says of the network: the rest would change what is installed, or where."""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .console import SetupError
from .messages import Text

_INDEXES = ("index", "index-url")
_ADDRESSES = (*_INDEXES, "extra-index-url", "find-links", "cache-dir", "url")
_KEPT = (
    *("index", "index-url", "extra-index-url", "find-links", "no-index"),
    *("keyring-provider", "allow-insecure-host", "native-tls", "system-certs", "offline"),
    *("http-proxy", "https-proxy", "no-proxy", "cache-dir", "link-mode"),
    *("concurrent-downloads", "concurrent-builds", "concurrent-installs"),
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def settings(environ: Mapping[str, str]) -> dict[str, object]:
    """The network's settings of all uv.toml that uv would read; SetupError for a named one that can't be read."""
    found: dict[str, object] = {}
    for path in _paths(environ):
        content = _read(path, named=bool(environ.get("UV_CONFIG_FILE")))
        pip = content.get("pip")
        for table in (content, pip if isinstance(pip, dict) else {}):
            for name in _KEPT:
                if name in table:
                    found[name] = _joined(_placed(name, table[name], path.parent), found.get(name))
    return found


def names_index(environ: Mapping[str, str]) -> bool:
    """Whether one of them names a package index."""
    return any(settings(environ).get(name) for name in _INDEXES)


@contextmanager
def reduced(environ: Mapping[str, str], path: Path) -> Iterator[None]:
    """Keep the network's settings in a file for the block. Readable by its owner only: indexes have passwords."""
    lines = [f"{name} = {_toml(value)}\n" for name, value in settings(environ).items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.writelines(lines)
        yield
    finally:
        path.unlink(missing_ok=True)


def _paths(environ: Mapping[str, str]) -> list[Path]:
    """Where uv looks, the strongest last."""
    if environ.get("UV_CONFIG_FILE"):
        return [Path(environ["UV_CONFIG_FILE"]).absolute()]
    if _is_on(environ.get("UV_NO_CONFIG")):
        return []
    home = environ.get("HOME")
    everyone = [
        *(environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep),
        "/etc",
        environ.get("PROGRAMDATA"),
    ]
    user = [
        environ.get("XDG_CONFIG_HOME") or (os.path.join(home, ".config") if home else None),
        environ.get("APPDATA"),
    ]
    if _is_on(environ.get("UV_NO_SYSTEM_CONFIG")):
        everyone = []
    return [
        Path(folder, "uv", "uv.toml") for folder in (*everyone, *user) if folder and os.path.isabs(folder)
    ]


def _is_on(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "yes", "on", "y", "t")


def _read(path: Path, *, named: bool) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if not named:
            return {}
        raise SetupError(Text.UNREADABLE_UV_SETTINGS(path=path, why=error)) from error


def _placed(name: str, value: object, folder: Path) -> object:
    """The same value in a file of another folder: a relative path starts at the file that has it."""
    if isinstance(value, list):
        return [_placed(name, item, folder) for item in value]
    if isinstance(value, dict):
        return {key: _placed(key, item, folder) for key, item in value.items()}
    if name in _ADDRESSES and isinstance(value, str) and not _SCHEME.match(value):
        return os.path.join(folder, value)
    return value


def _joined(value: object, weaker: object) -> object:
    """Of two files the stronger one's value; lists are put together, as uv does."""
    return [*value, *weaker] if isinstance(value, list) and isinstance(weaker, list) else value


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {_toml(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    # Texts, numbers and truth values are the same in both notations.
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")
