"""The commands: how they are called, what they run, how they end; on old Pythons too."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from paidsw.setup import commands, layout
from paidsw.setup.console import SetupError

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
OLD = [path / "bin" / "python3" for path in sorted(PYENV.glob("3.*")) if int(path.name.split(".")[1]) < 11]


class Ran:
    """What a command prepared and ran instead of doing it."""

    def __init__(self) -> None:
        self.prepared: list[tuple[str, bool]] = []
        self.commands: list[list[str]] = []
        self.environ: dict[str, str] = {}
        self.codes: dict[str, int] = {}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    result = Ran()

    def prepare(_root: Path, kind: str, *, engine: bool = True) -> None:
        result.prepared.append((kind, engine))

    def module(_root: Path, *arguments: str) -> int:
        result.commands.append(list(arguments))
        return result.codes.get(arguments[0], 0)

    def replace(command: list[str], environ: dict[str, str]) -> int:
        result.commands.append(command)
        result.environ = environ
        return 0

    monkeypatch.setattr(commands, "prepare_environment", prepare)
    monkeypatch.setattr(commands, "run_module", module)
    monkeypatch.setattr(commands, "replace_process", replace)
    return result


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_foreign_pythonpath_takes_no_locked_packages_place(tmp_path: Path) -> None:
    (tmp_path / "yaml").mkdir()
    (tmp_path / "yaml" / "__init__.py").write_text("raise SystemExit('another yaml')")
    code = (
        f"import sys; sys.path.insert(0, {str(layout.ROOT)!r}); from paidsw.setup import commands, layout; "
        "sys.exit(commands.hand_over(layout.ROOT, ['-c', 'import yaml']))"
    )
    ended = subprocess.run([layout.base_python(), "-c", code], env={"PYTHONPATH": str(tmp_path)}, check=False)
    assert ended.returncode == 0


@pytest.mark.parametrize("way", ["up", "down"])
def test_up_and_down_prepare_and_hand_over(ran: Ran, root: Path, way: str) -> None:
    stacks = root / ".rehearsal" / "state" / ".pulumi" / "stacks" / "dsw-free-tier"
    stacks.mkdir(parents=True)
    (stacks / "dev.json").touch()
    assert commands.main([way, "--port", "1"], root) == 0
    assert ran.prepared == [("run", True)]
    assert ran.commands == [[str(layout.python(root)), "-m", "paidsw.cli", "rehearse", way, "--port", "1"]]
    assert ran.environ == dict(os.environ)


def test_down_without_a_stack_gets_no_engine(ran: Ran, root: Path) -> None:
    assert commands.main(["down"], root) == 0
    assert ran.prepared == [("run", False)]
    assert ran.commands == [[str(layout.python(root)), "-m", "paidsw.cli", "rehearse", "down"]]


def test_test_passes_arguments_to_pytest(ran: Ran, root: Path) -> None:
    assert commands.main(["test", "-k", "rules", "tests/policies"], root) == 0
    assert ran.prepared == [("dev", True)]
    assert ran.commands == [[str(layout.python(root)), "-m", "pytest", "-k", "rules", "tests/policies"]]


def test_without_arguments_all_tests_use_every_core(ran: Ran, root: Path) -> None:
    assert commands.main(["test"], root) == 0
    assert ran.commands == [[str(layout.python(root)), "-m", "pytest", *commands.EVERY_CORE]]


def test_soak_runs_the_long_histories(ran: Ran, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOAK", raising=False)
    assert commands.main(["soak"], root) == 0
    assert ran.environ is not None
    assert ran.environ["SOAK"] == "1"
    assert ran.commands[0][-1] == "tests/provider/test_histories.py"


def test_check_runs_every_step_and_fails_with_any(ran: Ran, root: Path) -> None:
    (root / "dsw").mkdir()
    (root / "dsw" / "client.py").touch()
    assert commands.main(["check"], root) == 0
    assert ran.prepared == [("dev", False)]
    assert ran.commands == [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy", "--strict", "dsw"],
        ["paidsw.rules.catalogue", "--check"],
        ["paidsw.provider.python_class", "--check"],
        ["components.reference", "--check"],
        ["paidsw.cli.reference", "--check"],
    ]
    written = (
        "paidsw.rules.catalogue",
        "paidsw.provider.python_class",
        "components.reference",
        "paidsw.cli.reference",
    )
    for tool in ("ruff", "mypy", *written):
        ran.codes = {tool: 1}
        ran.commands.clear()
        assert commands.main(["check"], root) == 1
        assert len(ran.commands) == 7


def test_check_looks_at_every_folder_with_python() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=layout.ROOT, capture_output=True, text=True, check=True
    )
    folders = {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line}
    assert folders <= set(commands.packages(layout.ROOT))


def test_lock_is_written_by_uv(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = root / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo uv 99.0.0 || echo "$@" "$UV_DEFAULT_INDEX" > {root}/asked\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mirror.example/simple")
    assert commands.main(["lock", "--upgrade"], root) == 0
    assert (root / "asked").read_text() == "lock --upgrade --no-config \n", "the lock names no mirror"


def test_pulumi_runs_in_the_rehearsals_environment(ran: Ran, root: Path) -> None:
    (root / "rehearsal").mkdir()
    (root / ".tools").mkdir()
    (root / ".tools" / "pulumi.json").write_text(f'{{"pulumi": "{sys.executable}"}}')
    assert commands.main(["pulumi", "stack", "ls"], root) == 0
    assert ran.commands == [[sys.executable, "stack", "ls"]]
    assert ran.environ["PULUMI_HOME"] == str(root / ".rehearsal" / "home")
    assert Path.cwd() == root / "rehearsal"


def test_format_and_coverage(ran: Ran, root: Path) -> None:
    assert commands.main(["format"], root) == 0
    assert [command[:2] for command in ran.commands] == [["ruff", "check"], ["ruff", "format"]]
    assert commands.main(["coverage", "-x"], root) == 0
    assert ran.commands[-1][1:3] == ["-m", "pytest"]
    assert ran.commands[-1][-1] == "-x"


@pytest.mark.parametrize("name", ["setup", "check", "format", "clean"])
def test_arguments_that_mean_nothing_are_refused(
    ran: Ran, root: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert commands.main([name, "--force"], root) == 2
    assert (
        capsys.readouterr().err
        == f"error: {name} takes no arguments, but was given --force; leave them out\n"
    )
    assert ran.prepared == []


def test_clean_keeps_the_state_of_a_rehearsal(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (
        ".venv/bin/x",
        ".tools/x",
        ".mypy_cache/x",
        "dsw/__pycache__/x",
        ".rehearsal/state/x",
        "dsw/client.py",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    (root / ".coverage").touch()
    assert commands.main(["clean"], root) == 0
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) == [
        ".rehearsal/state/x",
        "dsw/client.py",
    ]
    assert "make down" in capsys.readouterr().err
    assert commands.main(["clean"], root) == 0


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SetupError("no Pulumi CLI"), 1, "error: no Pulumi CLI\n"),
        (OSError(28, "No space left on device", "/x/y"), 1, "error: /x/y: No space left on device\n"),
        (KeyboardInterrupt(), 130, "Interrupted. Run the same command again to continue.\n"),
    ],
)
def test_what_stops_a_command_is_one_sentence(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(commands, "prepare_environment", fail)
    assert commands.main(["up"], root) == code
    assert capsys.readouterr().err == said


def test_an_unknown_command_names_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["upp"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("There is no command 'upp'.")
    assert all(name in told for name in commands.COMMANDS)


def test_the_makefile_forwards_every_command() -> None:
    text = (layout.ROOT / "Makefile").read_text()
    names = re.search(r"^COMMANDS = (.*)$", text, re.MULTILINE)
    assert names is not None
    assert set(names[1].split()) == set(commands.COMMANDS) - {"pulumi"}


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_hands_over_name_arguments_and_python() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "test", "PYTHON=echo", "ARGS=-k x"],
        cwd=layout.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "tools test -k x\n"


def call(
    *arguments: str, cwd: Path = layout.ROOT, path: str = "/nonexistent"
) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(arguments, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("way", [["tools"], ["-m", "tools"]])
def test_both_ways_of_calling(way: list[str]) -> None:
    told = call(sys.executable, *way, "help")
    assert told.returncode == 0
    assert set(commands.COMMANDS) == {line.split()[0] for line in told.stdout.splitlines()}


def test_the_folder_can_be_called_from_anywhere(tmp_path: Path) -> None:
    assert call(sys.executable, str(layout.ROOT / "tools"), "help", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(not OLD, reason="there is no old Python on this machine")
@pytest.mark.parametrize("way", [["tools"], ["-m", "tools"]])
@pytest.mark.parametrize("python", OLD, ids=lambda path: path.parts[-3])
def test_an_old_python_is_one_sentence(python: Path, way: list[str]) -> None:
    told = call(str(python), *way, "up")
    assert told.returncode == 1
    assert told.stdout == ""
    assert re.fullmatch(
        r"error: Python 3\.\d+\.\d+ at \S+ is too old: this project needs 3\.11 .*\n", told.stderr
    )


@pytest.mark.skipif(not OLD, reason="there is no old Python on this machine")
def test_an_old_python_finds_a_newer_one(tmp_path: Path) -> None:
    (tmp_path / "python3.13").write_text("#!/bin/sh\nexit 127\n")  # a version manager's shim of nothing
    (tmp_path / "python3.13").chmod(0o755)
    (tmp_path / "python3.12").symlink_to(sys.executable)
    told = call(str(OLD[0]), "tools", "help", path=str(tmp_path))
    assert told.returncode == 0
    assert "provision" in told.stdout


def test_importing_the_set_up_needs_no_package(tmp_path: Path) -> None:
    """It runs before there is an environment: standard library only."""
    names = [path.stem for path in (layout.ROOT / "paidsw" / "setup").glob("*.py") if path.stem != "__main__"]
    code = f"import importlib; [importlib.import_module('paidsw.setup.' + name) for name in {names!r}]"
    base: Callable[[], str] = lambda: getattr(sys, "_base_executable", sys.executable)  # noqa: E731
    told = subprocess.run(
        [base(), "-I", "-c", f"import sys; sys.path.insert(0, {str(layout.ROOT)!r}); {code}"], check=False
    )
    assert told.returncode == 0
