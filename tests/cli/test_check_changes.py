"""What a folder has otherwise than the base: listed where it isn't judged, refused where it would run unseen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from paidsw.cli.check import changes
from paidsw.cli.reports.finding import PROJECT, UNJUDGED, Level
from paidsw.setup.layout import ROOT

BASE = {
    "__main__.py": "program",
    "components/__init__.py": "c",
    "paidsw/trial/terms.py": "t",
    "policies/pack.py": "p",
    ".github/CODEOWNERS": "o",
    "uv.lock": "u",
    "docs/usage.md": "d",
    "tests/test_x.py": "x",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The base, and a branch that is the same."""
    return write(tmp_path / "base", BASE), write(tmp_path / "branch", BASE)


def listed(folders: tuple[Path, Path], *, runs: bool = False, program: str = ".") -> list[str]:
    base, branch = folders
    found = list(changes.findings(branch, base, program, runs=runs))
    assert {(one.level, one.rule, one.line) for one in found} <= {(Level.WARNING, UNJUDGED, 1)}
    assert all(one.file in one.text for one in found)
    return [one.text.split(": ", 1)[1].split(";")[0] for one in found]


def test_two_equal_checkouts_differ_in_nothing(folders: tuple[Path, Path]) -> None:
    assert listed(folders) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"paidsw/trial/terms.py": "T"}, "paidsw/trial/terms.py"),
        ({"policies/new.py": ""}, "policies/new.py"),
        ({".github/workflows/x.yml": ""}, ".github/workflows/x.yml"),
        ({"uv.lock": "U", "components/__init__.py": "C"}, "components/__init__.py, uv.lock"),
        ({"paidsw/__pycache__/terms.pyc": ""}, "paidsw/__pycache__"),
        ({"tools/sub/x.cmd": ""}, "tools/sub/x.cmd"),
    ],
)
def test_code_that_is_judged_as_the_base_has_it_is_listed(
    folders: tuple[Path, Path], files: dict[str, str], said: str
) -> None:
    write(folders[1], files)
    assert listed(folders) == [said]
    assert listed(folders, runs=True) == [said]


@pytest.mark.parametrize("name", ["paidsw/trial/terms.py", "uv.lock", ".github/CODEOWNERS"])
def test_what_is_gone_is_listed(folders: tuple[Path, Path], name: str) -> None:
    (folders[1] / name).unlink()
    assert listed(folders) == [name]


def test_a_link_in_place_of_code_is_listed(folders: tuple[Path, Path]) -> None:
    base, branch = folders
    (branch / "components" / "__init__.py").unlink()
    (branch / "components" / "__init__.py").symlink_to(base / "components" / "__init__.py")
    (branch / "policies" / "inner").symlink_to(base / "paidsw")
    assert listed(folders) == ["components/__init__.py, policies/inner"]


def test_a_link_in_place_of_a_folder_is_listed_and_not_followed(folders: tuple[Path, Path]) -> None:
    _, branch = folders
    shutil.rmtree(branch / "policies")
    (branch / "policies").symlink_to("/usr")
    assert listed(folders) == ["policies, policies/pack.py"]


@pytest.mark.parametrize(
    "files",
    [
        {"__main__.py": "other"},
        {"helper.py": ""},
        {"lab/rooms.py": ""},
        {"lab/rooms.cpython-311-x86_64-linux-gnu.so": ""},
        {"lab/__pycache__/rooms.pyc": ""},
    ],
)
def test_a_program_that_is_not_run_is_listed(folders: tuple[Path, Path], files: dict[str, str]) -> None:
    write(folders[1], files)
    (name,) = files
    assert listed(folders) == [name.rpartition("/rooms.pyc")[0] or name]
    assert listed(folders, runs=True) == []


def test_a_link_to_a_package_beside_the_program_is_listed(folders: tuple[Path, Path]) -> None:
    (folders[1] / "lab").symlink_to(folders[0] / "paidsw")
    assert listed(folders) == ["lab"]


def test_the_programs_folder_may_be_below_the_project(folders: tuple[Path, Path]) -> None:
    write(folders[1], {"app/__main__.py": ""})
    assert listed(folders, program="app") == ["app/__main__.py"]


@pytest.mark.parametrize(
    "name", ["docs/usage.md", "tests/test_x.py", "notes.txt", ".venv/lib/x.py", "my-lab/x.py"]
)
def test_what_runs_nowhere_is_not_listed(folders: tuple[Path, Path], name: str) -> None:
    write(folders[1], {name: "other"})
    assert listed(folders) == []


def test_a_project_that_takes_the_library_as_a_package_has_no_code_to_compare(tmp_path: Path) -> None:
    base, branch = write(tmp_path / "base", BASE), write(tmp_path / "branch", {"__main__.py": "program"})
    assert listed((base, branch)) == []


def test_projects_below_are_named_where_the_base_has_them_otherwise(folders: tuple[Path, Path]) -> None:
    base, branch = folders
    for folder in folders:
        write(folder, {"rehearsal/Pulumi.yaml": "name: x"})
    write(
        branch,
        {"tests/a/Pulumi.yaml": "", ".venv/Pulumi.yaml": "", "Pulumi.prod.yaml": "", "lab/PulumiX.yaml": ""},
    )
    assert list(changes.other_projects(branch, base)) == []
    write(branch, {"rehearsal/Pulumi.yaml": "name: y", "lab/pulumi.json": "{}"})
    (found,) = changes.other_projects(branch, base)
    assert (found.level, found.rule, found.file) == (Level.WARNING, UNJUDGED, "lab/pulumi.json")
    assert ": lab/pulumi.json, rehearsal/Pulumi.yaml; " in found.text


def test_a_long_list_is_cut(folders: tuple[Path, Path]) -> None:
    write(folders[1], {f"policies/{number:02}.py": "" for number in range(15)})
    assert listed(folders)[0].endswith("policies/11.py and 3 more")


@pytest.mark.parametrize(
    "name",
    [
        "yaml.py",
        "pulumi.py",
        "pulumi/__init__.py",
        "grpc/__init__.abi3.so",
        "json.pyc",
        "grpc.cpython-311-x86_64-linux-gnu.so",
        "sitecustomize.py",
        "usercustomize.py",
        "paidsw.py",
        "components.py",
        "__main__/__init__.py",
        "__main__.so",
        "endpoints.xml",
    ],
)
def test_what_stands_for_a_package_beside_the_program_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: ""})
    (found,) = changes.hidden(tmp_path, ".")
    assert (found.level, found.rule, found.file) == (Level.ERROR, PROJECT, name.partition("/")[0])


@pytest.mark.parametrize(
    "name",
    ["rooms.py", "lab/__init__.py", "json/data.txt", "yaml.txt", "components/__init__.py", "site/x.html"],
)
def test_other_files_beside_the_program_are_its_own(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: ""})
    assert list(changes.hidden(tmp_path, ".")) == []


def test_this_project_hides_nothing_itself() -> None:
    assert list(changes.hidden(ROOT, ".")) == []
    assert list(changes.only_in_updates(ROOT, ".")) == []


def test_a_program_that_tells_a_preview_from_an_update_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "__main__.py": "import pulumi\nif not pulumi.runtime.is_dry_run():\n    pass\n",
            "lab.py": "from pulumi.runtime import is_dry_run\n\nis_dry_run()\n",
            "other.py": "from pulumi.runtime import is_dry_run as asked\n",
            "inner/deep.py": "from pulumi.runtime.settings import SETTINGS\nSETTINGS.dry_run\n",
            "tests/x.py": "is_dry_run()\n",
            "broken.py": "is_dry_run(",
            "sum.py": "is_dry_run()\nx = " + "+".join("1" * 20_000),
            "text.py": "'is_dry_run'\n",
        },
    )
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "endless.py").symlink_to("/dev/zero")
    found = list(changes.only_in_updates(tmp_path, "."))
    assert {(one.level, one.rule) for one in found} == {(Level.WARNING, UNJUDGED)}
    assert [(one.file, one.line, one.text.split()[0]) for one in found] == [
        ("__main__.py", 2, "is_dry_run"),
        ("inner/deep.py", 2, "dry_run"),
        ("lab.py", 3, "is_dry_run"),
        ("other.py", 1, "is_dry_run"),
    ]
