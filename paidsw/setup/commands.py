"""The commands of `python3 tools`."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import layout
from .console import SetupError, UsageError, say
from .messages import Text

INTERRUPTED = 130
# A worker that is done takes over from one that still has the long tests of the real engine. One more worker than there
# are cores, since those tests mostly wait for other processes.
EVERY_CORE = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal", "--durations", "15")
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".coverage", "*.egg-info", "htmlcov")


def main(arguments: Sequence[str], root: Path = layout.ROOT) -> int:
    """Run one command; its exit code. What stops it is said in one sentence on standard error."""
    name, *rest = arguments or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        say(f"There is no command {name!r}. Commands: {', '.join(COMMANDS)}.")
        return 2
    # What the set-up writes is run later: nobody else may change it, whatever the user's mask allows.
    os.umask(os.umask(0o022) | 0o022)
    try:
        return command(root, rest)
    except SetupError as error:
        say(f"error: {error}")
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        say(f"error: {error.filename or 'a file'}: {error.strerror or error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again to continue.")
        return INTERRUPTED


def setup(root: Path, arguments: Sequence[str]) -> int:
    """all that the stack needs: Python packages, Pulumi CLI, language host"""
    _no(arguments, "setup")
    prepare_environment(root, "run")
    say("Set up.")
    return 0


def up(root: Path, arguments: Sequence[str]) -> int:
    """provision a notebook on the emulator"""
    prepare_environment(root, "run")
    return hand_over(root, ["-m", "paidsw.cli", "rehearse", "up", *arguments])


def down(root: Path, arguments: Sequence[str]) -> int:
    """release it again and show that nothing is left"""
    # Without a stack nothing needs the engine, which may take minutes to build.
    prepare_environment(root, "run", engine=layout.has_rehearsed(root))
    return hand_over(root, ["-m", "paidsw.cli", "rehearse", "down", *arguments])


def check(root: Path, arguments: Sequence[str]) -> int:
    """format, lint, types, and documents made from the code"""
    _no(arguments, "check")
    prepare_environment(root, "dev", engine=False)
    steps = (
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy", "--strict", *packages(root)],
        ["paidsw.rules.catalogue", "--check"],
        ["paidsw.provider.python_class", "--check"],
        ["components.reference", "--check"],
        ["paidsw.cli.reference", "--check"],
    )
    return max(run_module(root, *step) for step in steps)


def test(root: Path, arguments: Sequence[str]) -> int:
    """all tests; arguments go to pytest"""
    prepare_environment(root, "dev")
    # All of them keep every core busy; a few start quicker in one process.
    return hand_over(root, ["-m", "pytest", *(arguments or EVERY_CORE)])


def soak(root: Path, arguments: Sequence[str]) -> int:
    """thousands of random histories of runs, faults, crashes and console changes"""
    _no(arguments, "soak")
    prepare_environment(root, "dev")
    os.environ["SOAK"] = "1"
    return hand_over(root, ["-m", "pytest", "tests/provider/test_histories.py"])


def coverage(root: Path, arguments: Sequence[str]) -> int:
    """all tests, and which lines they reach"""
    prepare_environment(root, "dev")
    measured = [f"--cov={package}" for package in packages(root) if package not in ("tests", "benchmarks")]
    return hand_over(root, ["-m", "pytest", *measured, "--cov-report=term-missing:skip-covered", *arguments])


def format_code(root: Path, arguments: Sequence[str]) -> int:
    """put all files into the one format"""
    _no(arguments, "format")
    prepare_environment(root, "dev", engine=False)
    return max(
        run_module(root, "ruff", "check", "--fix", "--quiet", "."), run_module(root, "ruff", "format", ".")
    )


def lock(root: Path, arguments: Sequence[str]) -> int:
    """resolve the requirements of pyproject.toml again and write uv.lock; arguments go to uv"""
    from . import uv

    for line in uv.obtain(root, os.environ).run("lock", *arguments, online=True):
        say(line)
    return 0


def pulumi(root: Path, arguments: Sequence[str]) -> int:
    """run the Pulumi CLI on the rehearsal"""
    prepare_environment(root, "run")
    found = layout.find_pulumi(root)
    if found is None:
        raise SetupError(Text.CLI_VANISHED())
    folder = root / "rehearsal"
    os.chdir(folder if folder.is_dir() else root)
    return replace_process([str(found), *arguments], layout.engine_environment(root))


def clean(root: Path, arguments: Sequence[str]) -> int:
    """remove what set-up, checks and tests made; a rehearsal's state stays"""
    import shutil

    _no(arguments, "clean")
    found = [path for pattern in CACHES for path in root.glob(pattern)]
    found += [path for package in packages(root) for path in root.glob(f"{package}/**/__pycache__")]
    for path in (*found, root / "__pycache__", layout.tools(root), layout.environment(root)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if layout.rehearsal(root).exists():
        say(
            f"The rehearsal's state is still in {layout.rehearsal(root)}; `make down` releases what it holds."
        )
    return 0


def help_text(root: Path, arguments: Sequence[str]) -> int:
    """this list"""
    del root, arguments
    for name, command in COMMANDS.items():
        print(f"  {name:<9} {command.__doc__}")
    return 0


COMMANDS: dict[str, Callable[[Path, Sequence[str]], int]] = {
    "up": up,
    "down": down,
    "setup": setup,
    "check": check,
    "test": test,
    "soak": soak,
    "coverage": coverage,
    "format": format_code,
    "lock": lock,
    "pulumi": pulumi,
    "clean": clean,
    "help": help_text,
}


def packages(root: Path) -> list[str]:
    """The folders with Python files, by name; hidden ones are not of the project."""
    return sorted({path.relative_to(root).parts[0] for path in root.glob("[!.]*/**/*.py")})


def prepare_environment(root: Path, kind: str, *, engine: bool = True) -> None:
    """Make the environment hold what the lock has for `kind`, and find or get the Pulumi CLI unless told not to."""
    from .prepare import prepare

    prepare(root, kind, os.environ, cli=engine)


def _no(arguments: Sequence[str], name: str) -> None:
    if arguments:
        raise UsageError(Text.NO_ARGUMENTS(name=name, arguments=" ".join(arguments)))


def run_module(root: Path, *arguments: str) -> int:
    """Run a module in the environment; its exit code."""
    import subprocess

    say(f"$ {' '.join(arguments[:8])}{' ...' if len(arguments) > 8 else ''}")
    return subprocess.call([layout.python(root), "-m", *arguments], cwd=root, env=_environment())


def hand_over(root: Path, arguments: Sequence[str]) -> int:
    """Continue as the Python of the environment; the exit code where a process can't be replaced."""
    os.chdir(root)
    return replace_process([str(layout.python(root)), *arguments], _environment())


def _environment() -> dict[str, str]:
    """This process's, for the locked packages: nothing takes their place."""
    return {name: value for name, value in os.environ.items() if name not in layout.OTHER_MODULES}


def replace_process(command: list[str], environ: dict[str, str]) -> int:
    """Continue as another program; its exit code where a process can't be replaced."""
    if sys.stdout is not None:
        sys.stdout.flush()
    if not layout.WINDOWS:
        os.execve(command[0], command, environ)  # noqa: S606
    import subprocess

    try:
        return subprocess.call(command, env=environ)
    except KeyboardInterrupt:
        return INTERRUPTED
