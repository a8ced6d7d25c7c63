from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml

from paidsw.core.versions import ALICLOUD

ROOT = Path(__file__).resolve().parents[2]


def test_the_alicloud_package_and_its_plugin_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"pulumi-alicloud=={ALICLOUD}" in project["project"]["dependencies"]
    assert version("pulumi-alicloud") == ALICLOUD


def test_the_rehearsal_puts_its_stand_in_in_the_place_of_that_version() -> None:
    rehearsal = yaml.safe_load((ROOT / "rehearsal" / "Pulumi.yaml").read_text(encoding="utf-8"))
    plugins = {one["name"]: one for one in rehearsal["plugins"]["providers"]}
    assert plugins["alicloud"]["version"] == ALICLOUD
