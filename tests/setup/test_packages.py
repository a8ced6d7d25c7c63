"""The environment: made for real from wheels on disk, and everything that can go wrong with one."""

import base64
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.setup import layout, packages, process
from paidsw.setup.console import SetupError, Step

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "tiny-project"
version = "1.0"
[project.scripts]
tiny = "room:main"
[tool.setuptools]
packages = ["room"]
"""


def wheel(folder: Path, name: str, version: str) -> str:
    """A wheel of one module that tells its version; its lock entry."""
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    return pack(folder, name, version, {path: text.encode() for path, text in files.items()})


def setuptools(folder: Path) -> str:
    """The installed setuptools as a wheel again, so that nothing is fetched; its lock entry."""
    found = importlib.metadata.distribution("setuptools")
    files = {
        str(path): Path(str(path.locate())).read_bytes()
        for path in found.files or []
        if path.suffix != ".pyc"
    }
    kept = {
        path: content
        for path, content in files.items()
        if not path.endswith(("RECORD", "INSTALLER", "REQUESTED"))
    }
    return pack(folder, "setuptools", found.version, kept)


def pack(folder: Path, name: str, version: str, files: dict[str, bytes]) -> str:
    rows = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(content)}")
    record = f"{name}-{version}.dist-info/RECORD"
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        archive.writestr(record, "\n".join([*rows, f"{record},,"]) + "\n")
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(target.read_bytes()).hexdigest()}\n"


class Index:
    """A folder of wheels that stands in for the package index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.setuptools = setuptools(folder)
        self.first = wheel(folder, "thing", "1.0")
        self.second = wheel(folder, "thing", "2.0")
        self.extra = wheel(folder, "checker", "1.0")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, index: Index) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index.folder))
    monkeypatch.setenv("PIP_USER", "1")  # a user's setting that would send packages elsewhere


def write(root: Path, *, run: str, dev: str) -> None:
    (root / "requirements").mkdir(parents=True, exist_ok=True)
    (root / "requirements" / "run.txt").write_text(run)
    (root / "requirements" / "dev.txt").write_text(dev)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "room").mkdir(exist_ok=True)
    (root / "room" / "__init__.py").write_text("import thing\ndef main(): print(thing.VERSION)\n")


@pytest.fixture(scope="module")
def made(index: Index, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project that was set up once; tests copy or change it as a user would."""
    root = tmp_path_factory.mktemp("a project")
    write(root, run=index.setuptools + index.first, dev=index.setuptools + index.first + index.extra)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(index.folder))
        packages.prepare(root, "run")
    yield root
    shutil.rmtree(root)


def told(root: Path, *command: str) -> str:
    return subprocess.run(
        [layout.scripts(root) / command[0], *command[1:]], capture_output=True, text=True, check=True, cwd="/"
    ).stdout.strip()


def test_packages_project_and_command_are_there(made: Path) -> None:
    assert told(made, "tiny") == "1.0"
    site = made / ".venv" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    texts = [path.read_text().strip() for path in site.glob("*tiny*.pth")]
    assert texts == [str(made)], "a plain path, not an import hook"


def test_the_next_time_only_files_are_read(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "run", lambda *_, **__: pytest.fail("nothing is to be run"))
    packages.prepare(made, "run")
    assert packages.ready(made, "run")
    assert not packages.ready(made, "dev")


def test_tests_add_to_the_environment_and_what_ran_still_runs(made: Path) -> None:
    packages.prepare(made, "dev")
    assert (
        told(made, "python", "-c", "import checker, thing; print(checker.VERSION, thing.VERSION)")
        == "1.0 1.0"
    )
    assert packages.ready(made, "run")
    assert packages.ready(made, "dev")


def test_a_changed_lock_is_installed(made: Path, index: Index) -> None:
    write(made, run=index.setuptools + index.second, dev=index.setuptools + index.second)
    assert not packages.ready(made, "run")
    packages.prepare(made, "run")
    assert told(made, "tiny") == "2.0"


def test_a_package_that_is_not_the_locked_one_is_refused(made: Path, index: Index) -> None:
    before = told(made, "tiny")
    forged = index.first.split("sha256:")[0] + "sha256:" + "0" * 64 + "\n"
    write(made, run=index.setuptools + forged, dev="")
    with pytest.raises(SetupError, match="is not the one that the lock file names") as error:
        packages.prepare(made, "run")
    assert "\n" not in str(error.value)
    assert told(made, "tiny") == before, "what was there still works"
    assert not packages.ready(made, "run")


def test_a_package_without_hash_is_refused(made: Path, index: Index) -> None:
    write(made, run=index.setuptools + "thing==1.0\n", dev="")
    with pytest.raises(SetupError, match="pip's last word"):
        packages.prepare(made, "run")


def test_an_interrupted_installation_heals(made: Path, index: Index) -> None:
    write(made, run=index.setuptools + index.first, dev="")
    packages.prepare(made, "run")
    site = next((made / ".venv" / "lib").glob("python3*/site-packages"))
    (site / "thing.py").unlink()
    (site / "thing-1.0.dist-info" / "RECORD").unlink()
    (made / ".venv" / ".dsw-unfinished").touch()
    assert not packages.ready(made, "run")
    packages.prepare(made, "run")
    assert told(made, "tiny") == "1.0"


def test_an_environment_of_another_place_or_without_interpreter_is_not_used(made: Path) -> None:
    assert packages._usable(made)
    moved = made.with_name("moved project")
    made.rename(moved)
    assert not packages.ready(moved, "run")
    assert not packages._usable(moved)
    moved.rename(made)
    python, kept = layout.python(made), layout.python(made).readlink()
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert not packages.ready(made, "run")
    assert not packages._usable(made)
    python.unlink()
    python.symlink_to(kept)
    assert packages._usable(made)


def test_pip_marks_its_first_change(tmp_path: Path) -> None:
    """An installation that was killed while it wrote is known by the mark; one that failed before is not."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = layout.python(tmp_path)
    mark = tmp_path / ".venv" / ".dsw-unfinished"
    for output, marked in (("Collecting thing", False), ("Installing collected packages: thing", True)):
        python.write_text(f"#!/bin/sh\necho '{output}'\nexit 1\n")
        python.chmod(0o755)
        with Step("x") as step, pytest.raises(SetupError):
            packages.Pip(tmp_path, os.open(os.devnull, os.O_RDONLY), step).install()
        assert mark.exists() is marked


def test_a_lock_without_setuptools_is_refused(tmp_path: Path) -> None:
    write(tmp_path, run="thing==1.0\n", dev="")
    with pytest.raises(SetupError, match="names no setuptools"):
        packages._pinned(tmp_path, "run", "setuptools")


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    write(tmp_path, run="", dev="")
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(SetupError, match=rf"no {missing} module: install it .*apt install python3\.\d+-venv"):
        packages.prepare(tmp_path, "run")


def test_an_environment_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, run="", dev="")
    monkeypatch.setattr(sys, "_base_executable", "/bin/false")
    with pytest.raises(SetupError, match="No virtual environment could be made"):
        packages.prepare(tmp_path, "run")


@pytest.mark.parametrize(
    ("lines", "reason", "last"),
    [
        (
            [
                "WARNING: Retrying ... Failed to establish a new connection",
                "ERROR: No matching distribution found for x",
            ],
            "no package index answered",
            "ERROR: No matching distribution found for x",
        ),
        (
            ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "  Got  abc"],
            "not the one that the lock file names",
            "ERROR: THESE PACKAGES DO NOT MATCH",
        ),
        (
            ["ERROR: Could not install packages: [Errno 28] No space left on device"],
            "the disk is full",
            "Errno 28",
        ),
        (["something", "strange"], "pip failed", "strange"),
        ([], "pip failed", "(pip said nothing)"),
    ],
)
def test_pips_failures_in_one_sentence(lines: list[str], reason: str, last: str) -> None:
    sentence = packages.explain(lines)
    assert reason in sentence
    assert last in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("text", ["", "{", "[1]", json.dumps({"run": "old"})])
def test_a_broken_stamp_is_no_stamp(tmp_path: Path, text: str) -> None:
    write(tmp_path, run="", dev="")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    layout.python(tmp_path).touch()
    (tmp_path / ".venv" / ".dsw-packages.json").write_text(text)
    assert not packages.ready(tmp_path, "run")


def test_an_old_environment_is_not_used(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    layout.python(tmp_path).touch()
    settings = tmp_path / ".venv" / "pyvenv.cfg"
    settings.write_text("home = /usr\nversion = 3.10.2\n")
    assert not packages._usable(tmp_path)
    settings.write_text("home = /usr\nversion = 3.13.0\n")
    assert packages._usable(tmp_path)


def test_writing_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    packages.write(path, "one")
    packages.write(path, "two")
    assert path.read_text() == "two"
    assert list(path.parent.iterdir()) == [path]
