"""What is installed in an environment, read from its folders: no `pip list`, which costs most of a second."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True)
class Parameterization:
    """What turns a plugin for many packages into the one for this package."""

    name: str
    version: str
    value: bytes


@dataclass(frozen=True)
class PluginPackage:
    """A resource plugin that an installed Pulumi package needs; `version` has the engine's form (v4.0.0)."""

    name: str
    version: str
    server: str
    parameterization: Parameterization | None = None


def required_plugins(site_packages: list[Path]) -> list[PluginPackage]:
    """The plugins of all installed Pulumi packages, by name. Packages say so in their `pulumi-plugin.json`."""
    markers = (path for folder in site_packages for path in folder.glob("*/pulumi-plugin.json"))
    found = (_plugin(path) for path in markers)
    return sorted((plugin for plugin in found if plugin), key=lambda plugin: plugin.name)


def _plugin(marker: Path) -> PluginPackage | None:
    try:
        content = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or not content.get("resource"):
        return None
    folder = marker.parent
    name = str(content.get("name") or folder.name.removeprefix("pulumi_").replace("_", "-"))
    version = str(content.get("version") or _installed_version(folder) or "")
    if version and not version.startswith("v"):
        version = f"v{version}"
    return PluginPackage(name, version, str(content.get("server") or ""), _parameterization(content))


def _parameterization(content: dict[str, Any]) -> Parameterization | None:
    found = content.get("parameterization")
    if not isinstance(found, dict):
        return None
    value = base64.b64decode(str(found.get("value") or ""))
    return Parameterization(str(found.get("name") or ""), str(found.get("version") or ""), value)


def _installed_version(folder: Path) -> str | None:
    for info in folder.parent.glob(f"{folder.name}-*.dist-info"):
        return info.name.removesuffix(".dist-info").rpartition("-")[2]
    return None


def dependencies(site_packages: list[Path], *, transitive: bool) -> list[tuple[str, str]]:
    """(name, version) of what is installed; without `transitive` only what no other package asks for."""
    installed = list(distributions(path=[str(folder) for folder in site_packages]))
    asked = {_key(name) for item in installed for name in _asks_for(item)}
    pairs = {(item.metadata["Name"], item.version) for item in installed if item.metadata["Name"]}
    return sorted(pair for pair in pairs if transitive or _key(pair[0]) not in asked)


def _asks_for(item: Distribution) -> Iterator[str]:
    for requirement in item.requires or []:
        match = _NAME.match(requirement)
        if match and "extra ==" not in requirement:
            yield match[1]


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
