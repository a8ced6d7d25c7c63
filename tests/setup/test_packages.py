"""The environment: made for real from wheels on disk, and everything that can go wrong with one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.setup import files, layout, packages, process, uv
from paidsw.setup.console import SetupError
from tests.support.wheels import Wheel, project, setuptools, wheel


class Index:
    """A folder of wheels that stands in for the package index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.setuptools = setuptools(folder)
        self.first = wheel(folder, "thing", "1.0")
        self.second = wheel(folder, "thing", "2.0")
        self.extra = wheel(folder, "checker", "1.0")

    def variables(self, cache: Path) -> dict[str, str]:
        """Settings of pip alone, as a user with a mirror has them, and one that would send packages elsewhere."""
        settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder), "PIP_USER": "1"}
        return {**os.environ, **settings, "UV_CACHE_DIR": str(cache), "PATH": own_uv()}


def own_uv() -> str:
    """PATH with the uv of this project first."""
    found = uv.obtain(layout.ROOT, os.environ).program
    return os.pathsep.join([str(found.parent), os.environ["PATH"]])


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def environ(index: Index, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return index.variables(tmp_path_factory.mktemp("cache"))


def write(root: Path, index: Index, thing: Wheel, **more: dict[str, str]) -> None:
    project(root, [index.setuptools, thing], [index.setuptools, thing, index.extra], **more)


@pytest.fixture(scope="module")
def made(index: Index, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project that was set up once; tests copy or change it as a user would."""
    root = tmp_path_factory.mktemp("a project")
    write(root, index, index.first)
    packages.prepare(root, "run", environ)
    yield root
    shutil.rmtree(root)


def told(root: Path, *command: str, **variables: str) -> str:
    return subprocess.run(
        [layout.scripts(root) / command[0], *command[1:]],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env={**os.environ, **variables},
    ).stdout.strip()


def test_packages_project_and_command_are_there(made: Path) -> None:
    assert told(made, "tiny") == "1.0"
    assert "checker" not in {path.stem for folder in layout.site_packages(made) for path in folder.iterdir()}


def test_the_next_time_only_files_are_read(
    made: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "run", lambda *_, **__: pytest.fail("nothing is to be run"))
    packages.prepare(made, "run", environ)
    assert packages.ready(made, "run")
    assert not packages.ready(made, "dev")


def test_tests_add_to_the_environment_and_what_ran_still_runs(made: Path, environ: dict[str, str]) -> None:
    packages.prepare(made, "dev", environ)
    assert (
        told(made, "python", "-c", "import checker, thing; print(checker.VERSION, thing.VERSION)")
        == "1.0 1.0"
    )
    assert packages.ready(made, "run")
    assert packages.ready(made, "dev")


def test_a_changed_lock_is_installed(made: Path, index: Index, environ: dict[str, str]) -> None:
    write(made, index, index.second)
    assert not packages.ready(made, "run")
    packages.prepare(made, "run", environ)
    assert told(made, "tiny") == "2.0"


def test_a_package_that_is_not_the_locked_one_is_refused(
    made: Path, index: Index, environ: dict[str, str]
) -> None:
    write(made, index, index.first)
    packages.prepare(made, "run", environ)
    write(made, index, index.second, digests={"thing": "sha256:" + "0" * 64})
    with pytest.raises(SetupError, match=r"is not the one that uv\.lock names") as error:
        packages.prepare(made, "run", environ)
    assert "\n" not in str(error.value)
    assert told(made, "tiny") == "1.0", "what was there still works"
    assert not packages.ready(made, "run")
    assert packages.usable(made), "and needn't be made again"


def test_a_package_without_hash_is_refused(made: Path, index: Index, environ: dict[str, str]) -> None:
    write(made, index, index.first, digests={"thing": ""})
    with pytest.raises(SetupError):
        packages.prepare(made, "run", environ)
    assert not packages.ready(made, "run")


def test_a_lock_that_is_older_than_the_project_file_is_refused(
    made: Path, index: Index, environ: dict[str, str]
) -> None:
    write(made, index, index.first)
    path = made / "pyproject.toml"
    path.write_text(path.read_text().replace('["thing"]', '["thing", "checker"]'))
    with pytest.raises(SetupError, match=r"asks for what uv\.lock doesn't have; run make lock"):
        packages.prepare(made, "run", environ)


def test_an_interrupted_installation_heals(made: Path, index: Index, environ: dict[str, str]) -> None:
    write(made, index, index.first)
    packages.prepare(made, "run", environ)
    [site] = layout.site_packages(made)
    (site / "thing.py").unlink()
    (site / "thing-1.0.dist-info" / "RECORD").unlink()
    (made / ".venv" / ".dsw-unfinished").touch()
    assert not packages.ready(made, "run")
    packages.prepare(made, "run", environ)
    assert told(made, "tiny") == "1.0"


@pytest.mark.parametrize(
    ("output", "marked"),
    [
        ("error: Failed to fetch\n  cause: dns error", False),
        ("Prepared 2 packages in 1s\nerror: dns error", True),
        ("error: failed to write\n  cause: No space left on device", True),
        ("error: something unheard of", True),
    ],
)
def test_what_may_have_changed_the_environment_leaves_a_mark(
    tmp_path: Path, index: Index, environ: dict[str, str], output: str, marked: bool
) -> None:
    """An installation that was killed while it wrote is known by the mark; one that failed before is not."""
    write(tmp_path, index, index.first)
    layout.python(tmp_path).parent.mkdir(parents=True)
    layout.python(tmp_path).touch()
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\ncase \"$1\" in --version) echo uv 99.0.0;; pip) echo '{output}'; exit 2;; esac\n"
        f"[ \"$1\" != export ] || touch '{layout.tools(tmp_path)}/run.txt'\n"
    )
    program.chmod(0o755)
    with pytest.raises(SetupError):
        packages.prepare(tmp_path, "run", {**environ, "PATH": f"{program.parent}:/usr/bin:/bin"})
    assert (tmp_path / ".venv" / ".dsw-unfinished").exists() is marked


def test_an_environment_of_another_place_or_without_interpreter_is_not_used(
    made: Path, index: Index, environ: dict[str, str]
) -> None:
    write(made, index, index.first)
    packages.prepare(made, "run", environ)
    assert packages.usable(made)
    moved = made.with_name("moved project")
    made.rename(moved)
    assert not packages.ready(moved, "run")
    assert not packages.usable(moved)
    moved.rename(made)
    python, kept = layout.python(made), layout.python(made).readlink()
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert not packages.ready(made, "run")
    assert not packages.usable(made)
    python.unlink()
    python.symlink_to(kept)
    assert packages.usable(made)


@pytest.mark.parametrize("name", ["\u7b14\u8bb0\u672c", "it's a folder", "100% #1", 'a "b" $c', "Ünïcode"])
def test_folders_of_any_name_start_under_any_locale(
    tmp_path: Path, index: Index, environ: dict[str, str], name: str
) -> None:
    root = tmp_path / name
    write(root, index, index.first)
    packages.prepare(root, "run", {**environ, "LC_ALL": "C"})
    for variables in ({}, {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "POSIX"}):
        assert told(root, "tiny", **variables) == "1.0"
    [path_file] = [path for folder in layout.site_packages(root) for path in folder.glob("*paidsw*.pth")]
    assert path_file.read_bytes().isascii()


def test_an_environment_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, index: Index, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, index, index.first)
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\ncase "$1" in --version) echo uv 99.0.0;; venv) echo "error: broken"; exit 2;; esac\n'
        f"[ \"$1\" != export ] || touch '{layout.tools(tmp_path)}/run.txt'\n"
    )
    program.chmod(0o755)
    with pytest.raises(
        SetupError, match=r"no virtual environment could be made in .*\.venv: .*error: broken"
    ):
        packages.prepare(tmp_path, "run", {**environ, "PATH": f"{program.parent}:/usr/bin:/bin"})


@pytest.mark.parametrize("text", ["", "{", "[1]", json.dumps({"run": "old"})])
def test_a_broken_stamp_is_no_stamp(tmp_path: Path, index: Index, text: str) -> None:
    write(tmp_path, index, index.first)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    layout.python(tmp_path).touch()
    (tmp_path / ".venv" / ".dsw-packages.json").write_text(text)
    assert not packages.ready(tmp_path, "run")


def test_an_old_environment_is_not_used(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    layout.python(tmp_path).touch()
    settings = tmp_path / ".venv" / "pyvenv.cfg"
    settings.write_text("home = /usr\nversion = 3.10.2\n")
    assert not packages.usable(tmp_path)
    settings.write_text("home = /usr\nversion_info = 3.13.0\n")
    assert packages.usable(tmp_path)


def test_writing_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    files.write(path, "one")
    files.write(path, "two")
    assert path.read_text() == "two"
    assert list(path.parent.iterdir()) == [path]


def test_the_interpreter_of_the_environment_is_the_one_that_set_up(made: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert told(made, "python", "-c", "import sys; print(*sys.version_info[:2], sep='.')") == version
