"""What a folder has otherwise than the base and isn't judged here: code, which a code owner has to look at."""

from __future__ import annotations

import ast
import filecmp
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from paidsw.cli.check.messages import Text
from paidsw.cli.reports.finding import PROJECT, UNJUDGED, Finding, Level
from paidsw.core.messages import Message
from paidsw.core.provider_settings import in_folder
from paidsw.core.stack_file import PROJECT_FILE

# What the outcome of a check, or of pulumi up, depends on, apart from settings and program.
_OWN_FOLDERS = ("components", "paidsw", "policies", "provider", "pulumi_paidsw", "rehearsal", "tools")
_FOLDERS = (*_OWN_FOLDERS, ".ci", ".github", "templates")
_FILES = (
    ".gitattributes",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-hooks.yaml",
    "CODEOWNERS",
    "GNUmakefile",
    "Makefile",
    "PulumiPlugin.yaml",
    "action.yml",
    "docs/CODEOWNERS",
    "makefile",
    "pyproject.toml",
    "requirements.txt",
    "uv.lock",
)
# By these endings Python finds a module.
_MODULES = (".py", ".pyc", ".pyd", ".so")
# Python runs them at its start.
_AT_START = frozenset({"sitecustomize", "usercustomize"})
# The packages of this project, which a module of the same name could stand for.
_HERE = frozenset({"components", "paidsw", "pulumi_paidsw"})
# Project files and stack files.
_PROJECT = re.compile(r"pulumi(\..+)?\.(yaml|yml|json)$", re.IGNORECASE)
# By one of these a program does in an update what it doesn't do in a preview.
_TELLS_APART = frozenset({"dry_run", "is_dry_run"})
# Of a module that is looked into.
_MOST_BYTES = 1_000_000
_MOST_SHOWN = 12
# Nothing that a program imports is in these.
_NOT_CODE = frozenset({"benchmarks", "docs", "node_modules", "tests"})


def findings(folder: Path, base: Path, program: str, *, runs: bool) -> Iterator[Finding]:
    """What differs. `program` is the program's folder, relative to both; `runs` is whether the branch's is run."""
    beside = list(_changed(folder, base, _beside(folder / program, program)))
    if beside and not runs:
        yield _warning(beside, Text.PROGRAM_CHANGED)
    # A project of its own, which takes the library as an installed package, has none of these folders.
    if any((folder / name).is_dir() for name in _OWN_FOLDERS):
        code = list(_changed(folder, base, [*_below(folder), *_below(base, compiled=False), *_FILES]))
        if code:
            yield _warning(code, Text.CODE_CHANGED)


def of_another_project(folder: Path, base: Path, program: str, *, runs: bool) -> Iterator[Finding]:
    """What `pulumi up` runs of another project, and a check doesn't: a library or a program of its own."""
    place = folder / program
    library = [name for name in sorted(_HERE) if any(_changed(place, base, _below(place, [name])))]
    if runs:
        for file in (_relative(program, name) for name in library):
            yield Finding(Level.ERROR, PROJECT, str(Text.SHADOWS(file=file)), file, 1)
    elif library or any(_changed(place, base, _beside(place, "."))):
        yield Finding(Level.WARNING, UNJUDGED, str(Text.ONLY_SETTINGS()), PROJECT_FILE, 1)


def other_projects(folder: Path, base: Path) -> Iterator[Finding]:
    """Pulumi projects in folders below, which the base hasn't or has otherwise."""
    found = list(_changed(folder, base, _projects_below(folder)))
    if found:
        yield _warning(found, Text.OTHER_PROJECTS)


def _projects_below(folder: Path) -> Iterator[str]:
    for place, inner, files in os.walk(folder):
        inner[:] = [one for one in inner if one not in _NOT_CODE and not one.startswith(".")]
        if Path(place) != folder:
            yield from (
                Path(place, one).relative_to(folder).as_posix() for one in files if _PROJECT.match(one)
            )


def hidden(folder: Path, program: str) -> Iterator[Finding]:
    """What beside the program changes what runs in pulumi up without being part of it."""
    place = folder / program
    taken = _installed()
    for name in _names(place):
        module, file = name.partition(".")[0], _relative(program, name)
        if module == "__main__" and name != "__main__.py" and _shadows(place / name):
            # Python looks for a package before a module.
            yield Finding(Level.ERROR, PROJECT, str(Text.HIDES_PROGRAM(file=file)), file, 1)
        elif module in taken and _shadows(place / name):
            yield Finding(Level.ERROR, PROJECT, str(Text.SHADOWS(file=file)), file, 1)
    for name, message in in_folder(place):
        yield Finding(Level.ERROR, PROJECT, str(message), _relative(program, name), 1)


def only_in_updates(folder: Path, program: str) -> Iterator[Finding]:
    """Where the program's own files ask whether they run in a preview."""
    for file in sorted(set(_beside(folder / program, program))):
        if file.endswith(".py"):
            for line, name in _asking(folder / file):
                text = str(Text.ONLY_IN_UPDATES(name=name))
                yield Finding(Level.WARNING, UNJUDGED, text, file, line)


def _asking(file: Path) -> list[tuple[int, str]]:
    """The lines of a module that tell a preview from an update, each with the name by which it does."""
    try:
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return []
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return sorted(
        {
            (node.lineno, name)
            for node in ast.walk(tree)
            if isinstance(node, ast.expr | ast.alias) and (name := _name(node)) in _TELLS_APART
        }
    )


def _name(node: ast.expr | ast.alias) -> str:
    """What a node names: a variable, an attribute, or what is imported under another name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name, asname=str()):
            return name
    return ""


def _changed(folder: Path, base: Path, names: Iterable[str]) -> Iterator[str]:
    for name in sorted(set(names)):
        if not _same(folder / name, base / name):
            yield name


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and os.readlink(one) == os.readlink(other)
    if not (one.is_file() and other.is_file()):
        return not os.path.lexists(one) and not os.path.lexists(other)
    return filecmp.cmp(one, other, shallow=False)


def _below(root: Path, folders: Iterable[str] = _FOLDERS, *, compiled: bool = True) -> Iterator[str]:
    """All files in some folders of `root`, and its folders of compiled modules."""
    for folder in folders:
        if (root / folder).is_symlink():
            yield folder
            continue
        for place, inner, files in os.walk(root / folder):
            links = [one for one in inner if Path(place, one).is_symlink()]
            # Python takes some compiled modules for their source, unseen.
            caches = [one for one in inner if one == "__pycache__"] if compiled else []
            inner[:] = [one for one in inner if one not in links and one != "__pycache__"]
            yield from (Path(place, one).relative_to(root).as_posix() for one in (*files, *links, *caches))


def _beside(place: Path, program: str) -> Iterator[str]:
    """What a program can import from its own folder, apart from what is judged as code, and its program."""
    yield _relative(program, "__main__.py")
    for name in _names(place):
        path = place / name
        if name in (*_FOLDERS, *_NOT_CODE):
            continue
        if name.isidentifier() and (path.is_dir() or path.is_symlink()):
            inside = _below(place, [name])
            code = (one for one in inside if one == name or one.endswith((*_MODULES, "__pycache__")))
            yield from (_relative(program, one) for one in code)
        elif name.endswith(_MODULES):
            yield _relative(program, name)


def _shadows(path: Path) -> bool:
    if path.is_dir():
        inits = (one for one in _names(path) if one.startswith("__init__."))
        return path.name not in (*_NOT_CODE, *_HERE) and any(one.endswith(_MODULES) for one in inits)
    return path.name.endswith(_MODULES)


def _installed() -> frozenset[str]:
    """The names of modules and packages that a program may mean."""
    places = {sysconfig.get_path(one) for one in ("purelib", "platlib")}
    packages = {name.partition(".")[0] for place in places for name in _names(Path(place))}
    return frozenset({*sys.stdlib_module_names, *packages, *_AT_START, *_HERE})


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _relative(folder: str, name: str) -> str:
    return Path(folder, name).as_posix()


def _warning(files: list[str], text: Text) -> Finding:
    shown: Message | str = ", ".join(files[:_MOST_SHOWN])
    if len(files) > _MOST_SHOWN:
        shown = Text.MORE(files=shown, count=len(files) - _MOST_SHOWN)
    return Finding(Level.WARNING, UNJUDGED, str(text(files=shown)), files[0], 1)
