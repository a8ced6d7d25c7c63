"""The documents against what they speak of."""

from __future__ import annotations

import re
import tomllib

import pytest

from paidsw.setup.commands import COMMANDS
from paidsw.setup.layout import ROOT
from tests.support.command_tree import commands

READMES = ("README.md", "README.zh-CN.md")
DOCS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))
OURS = (*READMES, *DOCS, "CONTRIBUTING.md", "SECURITY.md")
UNVERIFIED = ("Where", "Assumed", "Safe because", "Check")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def requirements() -> set[str]:
    """The packages that are asked for by name."""
    content = tomllib.loads(text("pyproject.toml"))
    groups = content["dependency-groups"].values()
    lines = [*content["project"]["dependencies"], *(line for group in groups for line in group)]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if isinstance(line, str))
    return {name[0] for name in names if name}


def entries() -> dict[str, str]:
    """The entries of the list of assumptions, by title."""
    _, *parts = re.split(r"^### (.+)$", text("docs/unverified.md"), flags=re.MULTILINE)
    bodies = (re.split(r"^## ", body, flags=re.MULTILINE)[0] for body in parts[1::2])
    return dict(zip(parts[::2], bodies, strict=True))


def test_every_package_has_one_reason_and_no_other_has() -> None:
    rows: list[str] = re.findall(r"^\| `([^`]+)` \| \S.+ \|$", text("docs/decisions.md"), re.MULTILINE)
    assert len(requirements()) > 15
    assert sorted(rows) == sorted(requirements())


@pytest.mark.parametrize("title", entries())
def test_every_assumption_says_all_that_is_needed(title: str) -> None:
    body = entries()[title]
    assert re.findall(r"^- \*\*([^*]+):\*\*", body, re.MULTILINE) == list(UNVERIFIED)
    for part in re.split(r"^- \*\*[^*]+:\*\*", body, flags=re.MULTILINE)[1:]:
        assert part.strip()
    where = body.partition("- **Assumed")[0]
    assert ".py`" in where


@pytest.mark.parametrize("title", entries())
def test_every_place_of_an_assumption_exists(title: str) -> None:
    where = entries()[title].partition("- **Assumed")[0]
    for path, names in re.findall(r"`([a-z0-9_/]+\.py)`(?: \(([^)]*)\))?", where):
        assert (ROOT / path).is_file(), path
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(rf"\b{name}\b", text(path)), f"{name} in {path}"


@pytest.mark.parametrize("name", OURS)
def test_every_link_leads_to_a_file(name: str) -> None:
    folder = (ROOT / name).parent
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text(name))
    assert [target for target in targets if not (folder / target).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_commands_that_exist(name: str) -> None:
    found = text(name)
    for command in re.findall(r"\bmake ([a-z]+)", found):
        assert command in COMMANDS
    there = set(commands())
    for first, second in re.findall(r"`dsw ([a-z]+)(?: ([a-z|\\]+))?", found):
        for word in second.replace("\\", "").split("|"):
            assert tuple(filter(None, (first, word))) in there


def test_every_command_is_in_the_readme() -> None:
    for words in commands():
        if words and words[0] != "rehearse":
            assert f"`dsw {words[0]}" in text("README.md"), words


def shape(name: str) -> list[str]:
    """The headings' levels, tables' rows, code and links of a document, in order; words left out."""
    found: list[str] = []
    for line in text(name).splitlines():
        if line.startswith(("#", "```")):
            found.append(line.split(" ")[0])
        elif line.startswith("|"):
            columns = len(re.findall(r"(?<!\\)[|]", line)) - 1
            found.append(f"row of {columns}")
        elif re.match(r"\d\. ", line):
            found.append("step")
    return found


def test_both_readmes_have_the_same_parts() -> None:
    assert shape("README.md") == shape("README.zh-CN.md")


def test_both_readmes_name_the_same_code_and_places() -> None:
    def named(name: str) -> set[str]:
        body = re.sub(r"<!-- settings.*?end of settings -->", "", text(name), flags=re.DOTALL)
        body = re.sub(r"^```.*?^```", "", body, flags=re.DOTALL | re.MULTILINE)
        links = re.findall(r"\]\(([^)]+)\)", body)
        return {*re.findall(r"`([^`\n]+)`", body), *links} - {"README.md", "README.zh-CN.md", "DSW"}

    english, chinese = named("README.md"), named("README.zh-CN.md")
    assert {item.replace(".zh-CN", "") for item in chinese} == english


@pytest.mark.parametrize("name", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_place_that_a_newcomer_is_shown_exists(name: str) -> None:
    places = re.findall(r"`((?:[a-z_]+/)+[a-z_.]*)`", text(name))
    drawn = re.findall(r"^([a-z_]+/) ", text(name), re.MULTILINE)
    inside = [f"paidsw/{place}" for place in re.findall(r"^  ([a-z_]+(?:/|\.py)) ", text(name), re.MULTILINE)]
    assert places + drawn
    assert [place for place in places + drawn + inside if not (ROOT / place).exists()] == []
