"""Who may import whom: the arrows between the packages, held for every import in the tree, inside functions too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.syntax import tree

ROOT = Path(__file__).resolve().parents[1]

# What each part of paidsw may import, apart from itself and `paidsw`. An import of a package that imports another is no
# licence for the other: each is named.
ALLOWED: dict[str, set[str]] = {
    "core": set(),
    "setup": set(),
    "trial": {"core"},
    "rules": {"core", "trial"},
    "cloud": {"core", "trial"},
    "emulator": {"core", "trial"},
    "provider": {"core", "trial", "rules", "cloud"},
    "resources": {"core", "trial", "rules", "provider"},
    # An instance in the cloud is judged as the inputs that would declare it.
    "audit": {"core", "trial", "rules", "cloud", "provider"},
    "cli": {"core", "trial", "rules", "cloud", "emulator", "provider", "audit", "setup"},
}
# The folders around the library, and what they may import of the checkout.
AROUND = {
    "components": {"paidsw"},
    "policies": {"paidsw"},
    "provider": {"paidsw"},
    "pulumi_paidsw": {"paidsw"},
    "rehearsal": {"paidsw"},
    "tools": {"paidsw"},
    "benchmarks": {"paidsw", "components", "policies", "tests"},
}
PACKAGES = {"paidsw", "tests", *AROUND}


def imports(file: Path, root: Path = ROOT) -> Iterator[str]:
    """The full names of all modules that a file imports, wherever the import stands."""
    package = file.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*start, *((node.module,) if node.module else ())))
            # `from paidsw import cloud` names a package as well as `import paidsw.cloud`.
            yield from (f"{module}.{alias.name}" for alias in node.names)


def part(module: str) -> str:
    """The part of paidsw that a module is in: `cloud` of paidsw.cloud.models; empty for `paidsw` itself."""
    below = module.split(".")[1:]
    return below[0] if below and below[0] in ALLOWED else ""


def forbidden(file: Path, root: Path = ROOT) -> list[str]:
    """What a file of paidsw, or of a folder around it, imports of the checkout and may not."""
    package, *_ = file.relative_to(root).parts
    own = part(".".join(file.relative_to(root).with_suffix("").parts))
    ours = [module for module in imports(file, root) if module.partition(".")[0] in PACKAGES]
    if package == "paidsw":
        within = {"", own} | ALLOWED.get(own, set())
        return [one for one in ours if not one.startswith("paidsw.") or part(one) not in within]
    return [one for one in ours if one.partition(".")[0] not in {package} | AROUND[package]]


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", ["paidsw", *AROUND])
def test_every_import_follows_the_arrows(folder: str) -> None:
    assert sources(folder)
    wrong = {str(file.relative_to(ROOT)): found for file in sources(folder) if (found := forbidden(file))}
    assert wrong == {}


def test_the_stack_uses_the_components_only() -> None:
    assert {name.partition(".")[0] for name in imports(ROOT / "__main__.py")} == {"pulumi", "components"}


def test_the_arrows_have_no_cycle() -> None:
    order: list[str] = []
    while len(order) < len(ALLOWED):
        ready = [one for one, uses in ALLOWED.items() if one not in order and uses <= set(order)]
        assert ready, f"a cycle among {set(ALLOWED) - set(order)}"
        order += ready


def test_every_part_of_the_library_has_its_arrows() -> None:
    parts = {
        path.stem
        for path in (ROOT / "paidsw").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert parts - {"__init__", "__pycache__"} == ALLOWED.keys()


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("paidsw/trial/x.py", "from paidsw.rules import rule", ["paidsw.rules.rule"]),
        ("paidsw/core/x.py", "def f():\n    import paidsw.cloud.models", ["paidsw.cloud.models"]),
        ("paidsw/cloud/x.py", "from paidsw import provider", ["paidsw.provider"]),
        ("paidsw/emulator/dsw/x.py", "from ...cloud import errors", ["paidsw.cloud.errors"]),
        ("paidsw/emulator/dsw/x.py", "from ..clock import iso\nfrom . import views", []),
        (
            "paidsw/cli/x.py",
            "from components.arguments import NotebookArgs",
            ["components.arguments.NotebookArgs"],
        ),
        ("paidsw/cli/x.py", "if True:\n    import tests.support", ["tests.support"]),
        ("paidsw/provider/x.py", "from paidsw import __version__\nimport json", []),
        ("policies/x.py", "from components import NotebookArgs", ["components.NotebookArgs"]),
        ("components/x.py", "from paidsw.rules.rule import Level\nfrom components.settings import parse", []),
    ],
)
def test_a_forbidden_import_is_found_wherever_it_stands(
    tmp_path: Path, file: str, text: str, found: list[str]
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert forbidden(path, tmp_path) == found
