"""What the user has told pip, uv or OpenSSL about package indexes, proxies and certificates, as each tool takes it.

Mirrors and certificate authorities are often set for one tool only. Here a setting for one of them counts for all.
"""

import configparser
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from . import layout, uv_files

CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")
ADVICE = (
    "on a network with a certificate authority of its own, set SSL_CERT_FILE to its certificate: "
    "export SSL_CERT_FILE=/path/to/ca.pem"
)
# Other variables of uv would change what is installed, or where.
_UV_KEPT = (
    "UV_CACHE_DIR",
    "UV_CONCURRENT_",
    "UV_CONFIG_FILE",
    "UV_CREDENTIALS_DIR",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_",
    "UV_INDEX",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_LINK_MODE",
    "UV_NATIVE_TLS",
    "UV_NO_SYSTEM_CONFIG",
    "UV_OFFLINE",
    "UV_SYSTEM_CERTS",
)
_UV_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
_PIP_KEPT = (
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
)
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_PIP_SECTIONS = ("global", "install")
# Where pip and uv mean the same: pip's setting, uv's variable, and what separates several values there.
_INDEX_SETTINGS = (
    ("index-url", "UV_DEFAULT_INDEX", " "),
    ("extra-index-url", "UV_EXTRA_INDEX_URL", " "),
    ("find-links", "UV_FIND_LINKS", ","),
)


def certificates(environ: Mapping[str, str]) -> str | None:
    """The file of certificate authorities that the user trusts, None if they named none."""
    return next((path for _, path in _named_certificates(environ)), None)


def wrong_certificates(environ: Mapping[str, str]) -> str | None:
    """One sentence if the file that `certificates` names isn't there; else None."""
    for setting, path in _named_certificates(environ):
        return None if os.path.exists(path) else f"{setting}={path} is not there; correct it, or unset it"
    return None


def proxy(environ: Mapping[str, str]) -> str | None:
    """The setting that sends requests through a proxy, with its value but without a password; None if there is none."""
    given = {name: environ.get(name) for name in _PROXIES}
    found = {**given, "pip's proxy": pip_settings(environ).get("proxy")}
    setting = next((f"{name}={value}" for name, value in found.items() if value), None)
    return setting and re.sub(r"[^/@=\s]+@", "***@", setting)


def _named_certificates(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in CERTIFICATES:
        if environ.get(name):
            yield name, environ[name]
    if cert := pip_settings(environ).get("cert"):
        yield "pip's cert", cert


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """pip's own settings by name ("index-url"), as pip itself finds them: variables win over files."""
    found: dict[str, dict[str, str]] = {section: {} for section in _PIP_SECTIONS}
    for path in _pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, ValueError):
            continue
        for section in _PIP_SECTIONS:
            if parser.has_section(section):
                found[section].update(
                    {name.replace("_", "-"): value for name, value in parser.items(section)}
                )
    variables = {
        name[len("PIP_") :].lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("PIP_") and value
    }
    return {name: value for section in _PIP_SECTIONS for name, value in found[section].items()} | variables


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    """Where pip looks for settings, the strongest last."""
    own = environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    if sys.platform == "win32":
        everyone = [os.path.join(environ.get("PROGRAMDATA", ""), "pip", "pip.ini")]
        user = [
            os.path.join(home, "pip", "pip.ini"),
            os.path.join(environ.get("APPDATA", ""), "pip", "pip.ini"),
        ]
    else:
        shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        settings = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        everyone = [
            *(os.path.join(folder, "pip", "pip.conf") for folder in shared.split(":")),
            "/etc/pip.conf",
        ]
        user = [os.path.join(home, ".pip", "pip.conf"), os.path.join(settings, "pip", "pip.conf")]
        if sys.platform == "darwin":
            everyone.insert(0, "/Library/Application Support/pip/pip.conf")
            user.append(os.path.join(home, "Library", "Application Support", "pip", "pip.conf"))
    return [Path(name) for name in (*everyone, *user, own) if name and os.path.isabs(name)]


def for_uv(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for uv: the user's network settings, of pip too where uv has none of its own."""
    pip = pip_settings(environ)
    result = {name: value for name, value in environ.items() if _passes(name, "UV_", _UV_KEPT)}
    for name in (*layout.OTHER_MODULES, "VIRTUAL_ENV", "CONDA_PREFIX"):
        result.pop(name, None)
    if not _uv_has_index(environ):
        for setting, variable, separator in _INDEX_SETTINGS:
            if pip.get(setting):
                result[variable] = separator.join(pip[setting].split())
    trusted = certificates(environ)
    if trusted:
        result["SSL_CERT_FILE"] = trusted
    if pip.get("client-cert"):
        result.setdefault("SSL_CLIENT_CERT", pip["client-cert"])
    if pip.get("trusted-host"):
        result.setdefault("UV_INSECURE_HOST", " ".join(pip["trusted-host"].split()))
    if pip.get("proxy"):
        for name in ("HTTPS_PROXY", "HTTP_PROXY"):
            if not environ.get(name) and not environ.get(name.lower()):
                result[name] = pip["proxy"]
    timeout = pip.get("default-timeout") or pip.get("timeout")
    if timeout:
        result.setdefault("UV_HTTP_TIMEOUT", timeout)
    return {**result, "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}


def no_index(environ: Mapping[str, str]) -> bool:
    """Whether no index is to be asked, only the folders of pip's `find-links`."""
    return pip_settings(environ).get("no-index", "").lower() in ("1", "true", "yes", "on")


def for_pip(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for pip: its own network settings, and uv's where it has none."""
    pip = pip_settings(environ)
    result = {name: value for name, value in environ.items() if _passes(name, "PIP_", _PIP_KEPT)}
    for name in layout.OTHER_MODULES:
        result.pop(name, None)
    for variable in _PIP_KEPT:
        setting = variable[len("PIP_") :].lower().replace("_", "-")
        if pip.get(setting):
            result[variable] = " ".join(pip[setting].split())
    index = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL")
    if index and not pip.get("index-url"):
        result["PIP_INDEX_URL"] = index.rpartition("=")[2] if "=" in index.partition("://")[0] else index
    if not pip.get("cert"):
        trusted = certificates(environ)
        if trusted:
            result["PIP_CERT"] = trusted
    if environ.get("UV_INSECURE_HOST") and not pip.get("trusted-host"):
        result["PIP_TRUSTED_HOST"] = environ["UV_INSECURE_HOST"]
    # pip's files also say what is installed, and where: what they say of the network is in the variables now.
    files = {"PIP_CONFIG_FILE": os.devnull}
    fixed = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # A folder named pip in the folder where the set-up is started is not pip.
    fixed["PYTHONSAFEPATH"] = "1"
    return {**result, **files, **fixed, "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


def _passes(name: str, prefix: str, kept: tuple[str, ...]) -> bool:
    return not name.upper().startswith(prefix) or name.upper().startswith(kept)


def _uv_has_index(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name) for name in _UV_INDEXES) or uv_files.names_index(environ)
