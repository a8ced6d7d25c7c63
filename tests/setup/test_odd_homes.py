"""The whole set-up of a small checkout, in folders, homes and terminals as people have them."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from paidsw.setup import layout
from tests.support.wheels import project

from .test_packages import Index, own_uv

LOCALES: tuple[dict[str, str], ...] = (
    {},
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"},
    {"LC_ALL": "POSIX", "PYTHONIOENCODING": "cp1252"},
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def environ(index: Index, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A machine with uv and a complete Pulumi, or what looks like one."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("pulumi", "pulumi-language-python"):
        (folder / name).write_text("#!/bin/sh\necho v99.0.0\n")
        (folder / name).chmod(0o755)
    given = index.variables(tmp_path_factory.mktemp("cache"))
    return {**given, "PATH": f"{folder}{os.pathsep}{own_uv()}", "HOME": str(folder)}


def checkout(root: Path, index: Index) -> Path:
    wheels = [index.setuptools, index.first]
    project(root, wheels, [*wheels, index.extra])
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(layout.ROOT / "tools", root / "tools", ignore=ignored)
    shutil.copytree(layout.ROOT / "paidsw" / "setup", root / "paidsw" / "setup", ignore=ignored)
    shutil.copy(layout.ROOT / "paidsw" / "__init__.py", root / "paidsw")
    return root


def set_up(
    root: Path, environ: dict[str, str], how: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `tools setup` in a checkout, by a shell that does something before or with its streams."""
    return subprocess.run(
        ["/bin/sh", "-c", f'{how or "exec"} "$0" tools setup', layout.base_python()],
        cwd=root,
        env={**environ, **variables},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def works(root: Path, environ: dict[str, str], **variables: str) -> bool:
    told = subprocess.run(
        [layout.scripts(root) / "tiny"],
        cwd="/",
        env={**environ, **variables},
        capture_output=True,
        check=True,
    )
    return told.stdout.strip() == b"1.0"


@pytest.mark.parametrize("name", ["\u7b14\u8bb0\u672c", 'it\'s 100% #1 "x" $y', "é"])
@pytest.mark.parametrize("variables", LOCALES[::2], ids=str)
def test_a_folder_of_any_name_under_any_locale(
    tmp_path: Path, index: Index, environ: dict[str, str], name: str, variables: dict[str, str]
) -> None:
    root = checkout(tmp_path / name, index)
    told = set_up(root, environ, **variables)
    assert told.returncode == 0, told.stderr
    for others in LOCALES:
        assert works(root, environ, **others)
        again = set_up(root, environ, **others)
        assert (again.returncode, again.stderr) == (0, "Set up.\n"), "nothing is left to do"


def test_a_folder_whose_name_is_not_text(tmp_path: Path, index: Index, environ: dict[str, str]) -> None:
    root = checkout(tmp_path / os.fsdecode(b"caf\xe9"), index)
    told = set_up(root, environ)
    assert told.returncode in (0, 1)
    assert "Traceback" not in told.stderr
    assert told.returncode == 1 or works(root, environ)


def test_a_home_that_cannot_be_written(tmp_path: Path, index: Index, environ: dict[str, str]) -> None:
    root = checkout(tmp_path / "project", index)
    given = {name: value for name, value in environ.items() if name not in ("UV_CACHE_DIR", "XDG_CACHE_HOME")}
    told = set_up(root, given, HOME="/dev/null")
    assert told.returncode == 0, told.stderr
    assert works(root, given)
    assert (root / ".tools" / "cache" / "uv").is_dir()


def test_what_is_run_later_can_be_changed_by_its_owner_only(
    tmp_path: Path, index: Index, environ: dict[str, str]
) -> None:
    root = checkout(tmp_path / "project", index)
    told = set_up(root, environ, "umask 000; exec")
    assert told.returncode == 0, told.stderr
    written = [path for name in (".venv", ".tools") for path in (root / name).rglob("*")]
    assert len(written) > 20
    for path in (root / ".venv", root / ".tools", *written):
        # uv's own empty lock file is everybody's.
        if not path.is_symlink() and path.name != ".lock":
            assert not path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH), path


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_streams_that_are_closed_or_full(
    tmp_path: Path, index: Index, environ: dict[str, str], streams: str
) -> None:
    root = checkout(tmp_path / "project", index)
    told = set_up(root, environ, f"exec {streams};")
    assert told.returncode == 0, told.stderr
    assert works(root, environ)
    assert (root / ".tools" / "set-up.lock").read_text().strip().isdigit(), "nobody else's words are in it"


def test_a_folder_that_was_moved(tmp_path: Path, index: Index, environ: dict[str, str]) -> None:
    before = checkout(tmp_path / "before", index)
    assert set_up(before, environ).returncode == 0
    after = before.rename(tmp_path / "after")
    told = set_up(after, environ)
    assert told.returncode == 0, told.stderr
    assert works(after, environ)


def test_two_at_once(tmp_path: Path, index: Index, environ: dict[str, str]) -> None:
    root = checkout(tmp_path / "project", index)
    both = [
        subprocess.Popen(
            [layout.base_python(), "tools", "setup"], cwd=root, env=environ, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum("Installing" in text for text in told) == 1
    assert works(root, environ)


def test_a_set_up_that_was_killed_resumes(tmp_path: Path, index: Index, environ: dict[str, str]) -> None:
    root = checkout(tmp_path / "project", index)
    with subprocess.Popen(
        [layout.base_python(), "tools", "setup"], cwd=root, env=environ, stderr=subprocess.PIPE, text=True
    ) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if line.startswith("Installing"):
                first.kill()
    told = set_up(root, environ)
    assert told.returncode == 0, told.stderr
    assert works(root, environ)
