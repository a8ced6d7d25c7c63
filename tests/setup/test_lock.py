"""The project's own lock: whole, of the public index, and installed as it is whatever else an index offers."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement

from paidsw.setup import layout, lockfile, packages, uv
from tests.support.wheels import wheel

from .test_packages import Index, own_uv, told, write

LOCK: dict[str, Any] = tomllib.loads((layout.ROOT / "uv.lock").read_text())
PROJECT: dict[str, Any] = tomllib.loads((layout.ROOT / "pyproject.toml").read_text())


def key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("entry", LOCK["package"], ids=lambda entry: entry["name"])
def test_every_package_is_of_the_public_index_and_every_file_has_a_hash(entry: dict[str, Any]) -> None:
    if entry["source"] == {"editable": "."}:
        assert entry["name"] == PROJECT["project"]["name"]
        return
    assert entry["source"] == {"registry": "https://pypi.org/simple"}
    files = [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]
    assert files
    for file in files:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"])
        assert urlsplit(file["url"]).netloc.endswith(".pythonhosted.org"), "not of a mirror"


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The oldest uv that is taken from PATH, got as a newcomer's is: by the pip that comes with Python."""
    root = tmp_path_factory.mktemp("oldest")
    wanted = root / "uv.txt"
    wanted.write_text((Path(__file__).with_name("oldest-uv.txt")).read_text())
    command, variables = uv.find_pip() or ([], {})
    subprocess.run(
        [
            *command,
            "install",
            "--quiet",
            "--require-hashes",
            "--no-deps",
            "--target",
            root / "uv",
            "-r",
            wanted,
        ],
        check=True,
        env={**os.environ, **variables},
    )
    return root / "uv" / "bin" / "uv"


def test_the_oldest_uv_takes_the_lock_as_it_is(oldest: Path, tmp_path: Path) -> None:
    told = subprocess.run([oldest, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.split()[1] == uv.OLDEST
    exported = []
    for program in (oldest, uv.obtain(layout.ROOT, os.environ).program):
        tool = uv.Uv(layout.ROOT, program, os.environ)
        tool.run("lock", "--check", "--python", sys.executable)
        packages.export(tool, tmp_path / "all.txt", "--all-groups")
        exported.append((tmp_path / "all.txt").read_text())
    assert exported[0] == exported[1]


def unpinned(wanted: list[str], locked: dict[str, str], metadata: Callable[[str], list[str]]) -> set[str]:
    """What the lock lacks of the requirements and of all that they ask for, extras included."""
    missing: set[str] = set()
    seen: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in wanted]
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = key(requirement.name)
        if name not in locked or not requirement.specifier.contains(locked[name], prereleases=True):
            missing.add(str(requirement))
            continue
        for asked in {"", *requirement.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, asked))
            todo += [(Requirement(text), asked) for text in metadata(name)]
    return missing


def test_every_requirement_is_pinned_with_its_extras() -> None:
    """What a package asks for with an extra, as pytest-cov does for coverage[toml], is in the lock too."""
    groups = [name for name in PROJECT["dependency-groups"]["dev"] if isinstance(name, str)]
    wanted = [*PROJECT["project"]["dependencies"], *groups]
    locked = {key(pin.name): pin.version for pin in lockfile.packages(layout.ROOT)}
    assert unpinned(wanted, locked, lambda name: importlib.metadata.requires(name) or []) == set()


def test_an_extra_that_is_not_pinned_would_be_seen() -> None:
    metadata = {"a": ["b[toml]>=1"], "b": ["c; extra == 'toml'", "d; extra == 'other'"], "c": []}
    assert unpinned(["a"], {"a": "1", "b": "1", "c": "1"}, metadata.__getitem__) == set()
    assert unpinned(["a"], {"a": "1", "b": "1"}, metadata.__getitem__) == {'c; extra == "toml"'}
    assert unpinned(["a"], {"a": "1", "b": "0.9", "c": "1"}, metadata.__getitem__) == {"b[toml]>=1"}


@pytest.mark.parametrize("kind", packages.GROUPS)
def test_nothing_needs_to_be_resolved_to_install_it(tmp_path: Path, kind: str) -> None:
    """pip, given the exported lock alone, finds nothing unpinned, in an environment of its own."""
    exported = tmp_path / "locked.txt"
    groups = [f"--group={name}" for name in packages.GROUPS[kind]]
    packages.export(uv.obtain(layout.ROOT, os.environ), exported, "--no-default-groups", *groups)
    lines = [line for line in exported.read_text().splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) > 50
    assert all(re.match(r"[\w.\[\],-]+==[^\s;]+ (;.*)?\\$", line) for line in lines)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("wheels"))


def test_an_index_with_newer_versions_of_everything_changes_nothing(index: Index, tmp_path: Path) -> None:
    """The lock is neither resolved again nor written: what is newer tomorrow is not seen."""
    for name in ("thing", "checker", "setuptools"):
        wheel(index.folder, name, "99.0")
    root = tmp_path / "project"
    write(root, index, index.first)
    before = (root / "uv.lock").read_bytes()
    packages.prepare(root, "dev", {**index.variables(tmp_path / "cache"), "PATH": own_uv()})
    versions = (
        "import checker, thing, setuptools; print(checker.VERSION, thing.VERSION, setuptools.__version__)"
    )
    assert told(root, "python", "-c", versions) == f"1.0 1.0 {index.setuptools.version}"
    assert (root / "uv.lock").read_bytes() == before


def test_the_stack_needs_nothing_that_only_the_tests_have(tmp_path: Path) -> None:
    tool = uv.obtain(layout.ROOT, os.environ)
    found: dict[str, set[str]] = {}
    for kind, names in packages.GROUPS.items():
        packages.export(tool, tmp_path / kind, "--no-default-groups", *(f"--group={name}" for name in names))
        found[kind] = set(re.findall(r"^([\w.-]+==[^\s;]+)", (tmp_path / kind).read_text(), re.MULTILINE))
    assert found["run"] < found["dev"], "tests run on what the stack runs on"
