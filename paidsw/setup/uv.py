"""uv: the one on PATH if it is new enough, else the one that `uv.lock` pins, from the package index."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import files, layout, lockfile, network, process, uv_files
from .console import SetupError, Step
from .messages import Text
from .versions import new_enough

# The oldest that reads this lock and takes all options used here; a test runs it.
OLDEST = "0.8.0"
# A certificate of the machine's own store helps, where it has one; uv brings its own list.
SYSTEM_STORE = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
_CERTIFICATE = (
    "CA certificate bundle",
    "invalid peer certificate",
    "UnknownIssuer",
    "CERTIFICATE_VERIFY_FAILED",
    "SSLCertVerificationError",
)
_UNREACHABLE = (
    "no package index answered; look at the network, or name a mirror: export UV_DEFAULT_INDEX=https://..."
)
_DISK_FULL = "No space left on device"
_ENDINGS = {
    **dict.fromkeys(_CERTIFICATE, f"the certificate of the package index is not trusted; {network.ADVICE}"),
    "ash mismatch": "a downloaded package is not the one that uv.lock names",
    "DO NOT MATCH THE HASHES": "a downloaded package is not the one that uv.lock names",
    _DISK_FULL: "the disk is full",
    "dns error": _UNREACHABLE,
    "error sending request": _UNREACHABLE,
    "client error (Connect)": _UNREACHABLE,
    "Failed to establish a new connection": _UNREACHABLE,
    "Temporary failure in name resolution": _UNREACHABLE,
    "Connection refused": _UNREACHABLE,
    "timed out": _UNREACHABLE,
    "because the network was disabled": "uv is offline and its cache lacks a package; unset UV_OFFLINE",
    "401 Unauthorized": "the package index wants a user name and a password",
    "403 Forbidden": "the package index refused to answer",
    "No solution found": "the package index lacks a package of uv.lock",
    "No matching distribution": "the package index lacks a package of uv.lock",
    "not found in the package registry": "the package index lacks a package of uv.lock",
}
# What uv says of its work, in this order: only the last two change the environment.
_CHANGES = ("Prepared", "Uninstalled", "Installed")
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CONFIG_FILE")
# What uv says where pyproject.toml was changed and the lock wasn't: uv itself is fine.
_OUTDATED = "needs to be updated"
_getting = threading.Lock()


class NothingChanged(SetupError):
    """uv failed before it changed the environment."""


class Unexplained(SetupError):
    """uv failed for a reason that is not known here."""


class Uv:
    """A uv that runs for one project, with the user's settings of the network and no others."""

    def __init__(
        self,
        root: Path,
        program: Path,
        environ: Mapping[str, str],
        *,
        keep: int | None = None,
        spare: Callable[[], Path] | None = None,
    ) -> None:
        """`keep`: as in `process.run`. `spare` gets another uv if this one fails for a reason unknown here."""
        self.program = program
        self._root, self._keep, self._spare = root, keep, spare
        self._given = environ
        self._no_index = network.no_index(environ)
        self._environ = network.for_uv(environ)
        shared = layout.cache(root, environ)
        if shared.is_relative_to(root):
            self._environ.setdefault("UV_CACHE_DIR", str(shared / "uv"))

    def install(self, arguments: Sequence[str], on_line: Callable[[str], None]) -> None:
        """Run `uv pip ARGUMENTS`; SetupError with the reason and uv's own last word if it fails.

        NothingChanged if the reason is one of the network or of a file that was got from there.
        """
        # Every file is compared with the lock's hashes, so it may come from any index that is configured.
        options = ("--index-strategy", "unsafe-best-match", *(["--no-index"] if self._no_index else []))
        command = ["pip", *arguments, *options]
        config = layout.tools(self._root) / "uv.toml"
        with uv_files.reduced(self._given, config):
            self._environ["UV_CONFIG_FILE"] = str(config)
            code, lines = self._call(command, on_line, self._environ)
            if code and _has_certificate_problem(lines) and "SSL_CERT_FILE" not in self._environ:
                self._environ.update(SYSTEM_STORE)
                code, lines = self._call(command, on_line, self._environ)
        if code:
            error = NothingChanged if _nothing_changed(lines) else SetupError
            why = _explain_network(lines, "uv", self._given)
            raise error(Text.NOT_INSTALLED(why=why))

    def run(self, *arguments: str, online: bool = False) -> list[str]:
        """Run a command on the lock, which names the public index whatever the user has set; what it printed.

        Nothing is asked over the network unless `online`. SetupError with uv's own last word if it fails.
        """
        # With another index configured, uv would call the lock outdated, or write that index into it.
        environ = {name: value for name, value in self._environ.items() if not name.startswith(_INDEXES)}
        if not online:
            environ["UV_OFFLINE"] = "1"
        code, lines = self._call([*arguments, "--no-config"], lambda _line: None, environ)
        if code:
            raise (SetupError if _is_known(lines) else Unexplained)(explain(lines, "uv"))
        return lines

    def _call(
        self, arguments: Sequence[str], on_line: Callable[[str], None], environ: Mapping[str, str]
    ) -> tuple[int, list[str]]:
        lines: list[str] = []

        def heard(line: str) -> None:
            lines.append(line)
            on_line(line)

        command = [str(self.program), *arguments]
        code = process.run(command, heard, env=environ, cwd=self._root, keep=self._keep)
        # A failure of unknown cause may be this uv's own: it is broken, or later than this lock and lacks an option.
        if code and self._spare and not _is_known(lines):
            self._replace(self._spare, explain(lines, "uv"))
            return self._call(arguments, on_line, environ)
        return code, lines

    def _replace(self, spare: Callable[[], Path], failure: str) -> None:
        try:
            self.program, self._spare = spare(), None
        except SetupError as error:
            raise Unexplained(Text.NO_OTHER_UV(failure=failure, why=error)) from error


def obtain(root: Path, environ: Mapping[str, str], *, keep: int | None = None) -> Uv:
    """The uv to use; gets it first if this machine has none that is new enough. SetupError if it can't be had."""
    with _getting:
        found = _on_path(root, environ)
        if found is None:
            return Uv(root, _own(root, environ, keep), environ, keep=keep)
        return Uv(root, found, environ, keep=keep, spare=lambda: _own(root, environ, keep))


def _on_path(root: Path, environ: Mapping[str, str]) -> Path | None:
    found = shutil.which("uv", path=layout.foreign_path(root, environ))
    if found is None:
        return None
    try:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(found) if told.returncode == 0 and new_enough(told.stdout, OLDEST) else None


def _own(root: Path, environ: Mapping[str, str], keep: int | None) -> Path:
    pin = lockfile.pin(root, "uv")
    home = layout.tools(root) / f"uv-{pin.version}"
    program = home / "bin" / ("uv.exe" if layout.WINDOWS else "uv")
    if program.is_file():
        return program
    for older in layout.tools(root).glob("uv-*"):
        shutil.rmtree(older, ignore_errors=True)
    partial = home.with_name(f"{home.name}.{os.getpid()}.partial")
    wanted = layout.tools(root) / "uv.txt"
    files.write(wanted, pin.requirement(wheels_only=True) + "\n")
    with Step("uv", f"Downloading uv {pin.version} from the package index (about 20 MB, once)") as step:
        try:
            _with_pip(environ, ["--target", str(partial), "--requirement", str(wanted)], step, keep)
            shutil.rmtree(home, ignore_errors=True)
            partial.replace(home)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    if not program.is_file():
        raise SetupError(Text.NO_UV_FOR_MACHINE(version=pin.version, program=program.name))
    return program


def _with_pip(environ: Mapping[str, str], arguments: Sequence[str], step: Step, keep: int | None) -> None:
    pip = find_pip()
    if pip is None:
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(Text.NO_PIP(oldest=OLDEST, python=here))
    command, path = pip
    env = {**network.for_pip(environ), **path}
    fixed = [
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--no-warn-script-location",
        "--no-compile",
    ]
    lines: list[str] = []

    def heard(line: str) -> None:
        lines.append(line)
        step.update(line.strip()[:60])

    code = process.run(
        [*command, "install", "--progress-bar", "off", *fixed, *arguments], heard, env=env, keep=keep
    )
    if code:
        why = _explain_network(lines, "pip", environ)
        raise SetupError(Text.NO_UV(why=why))


def find_pip() -> tuple[list[str], dict[str, str]] | None:
    """A pip of the Python that runs this: its own, or the one that it would put into a new environment; else None.

    The command, and the variables that it needs.
    """
    base = layout.base_python()
    if importlib.util.find_spec("pip") is not None and sys.prefix == sys.base_prefix:
        return [base, "-m", "pip"], {}
    wheels = bundled_wheels()
    return ([base, "-m", "pip"], {"PYTHONPATH": str(wheels[-1])}) if wheels else None


def bundled_wheels() -> list[Path]:
    """The wheels of pip that come with this Python."""
    if importlib.util.find_spec("ensurepip") is None:
        return []
    import ensurepip
    import sysconfig

    # Distributions that take the wheels out of ensurepip say so in this variable of the build.
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR"), Path(ensurepip.__file__).parent / "_bundled"]
    found = (Path(folder).glob("pip-*.whl") for folder in folders if folder)
    return next((wheels for wheels in map(sorted, found) if wheels), [])


def _is_known(lines: Sequence[str]) -> bool:
    return any(sign in line for line in lines for sign in (*_ENDINGS, _OUTDATED))


def _nothing_changed(lines: Sequence[str]) -> bool:
    known = _is_known(lines) and not any(_DISK_FULL in line for line in lines)
    return known and not any(line.startswith(_CHANGES) for line in lines)


def _has_certificate_problem(lines: Sequence[str]) -> bool:
    return any(sign in line for line in lines for sign in _CERTIFICATE)


def _explain_network(lines: Sequence[str], program: str, environ: Mapping[str, str]) -> str:
    """Why packages could not be had, with the setting of certificates or proxy that may be wrong."""
    if _has_certificate_problem(lines) and (wrong := network.wrong_certificates(environ)):
        return wrong
    why, proxy = explain(lines, program), network.proxy(environ)
    return f"{why}; it was asked through {proxy}" if proxy and why.startswith(_UNREACHABLE) else why


def explain(lines: Sequence[str], program: str) -> str:
    """Why uv or pip failed, in one sentence with its last relevant line."""
    told = [line.strip() for line in lines if line.strip()]
    errors = [line for line in told if line.lower().startswith(("error", "cause", "caused by"))] or told
    text = "\n".join(told)
    reason = next((reason for sign, reason in _ENDINGS.items() if sign in text), f"{program} failed")
    last = re.sub(r"://[^/@\s]+@", "://***@", (errors or ["no reason given"])[-1])
    return f"{reason} ({program}: {last[:300]})"
