"""Another project with a program of its own, judged by this checkout with the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.check.gate import Request, check
from tests.support.checkout import checkout
from tests.support.pipelines import write

pytestmark = pytest.mark.engine
PROJECT = {
    "Pulumi.yaml": """\
name: classroom
runtime: {name: python, options: {toolchain: uv, virtualenv: venv}}
main: infra
stackConfigDir: stacks
plugins: {providers: [{name: paidsw, path: ../dsw-free-tier/provider}]}
config:
  classroom:seat: one
""",
    "infra/__main__.py": """\
import pulumi
from components import FreeTierNotebook, NotebookArgs, plain_errors

from seats import name_of

config = pulumi.Config()
with plain_errors():
    FreeTierNotebook(
        "notebook",
        NotebookArgs(instance_name=name_of(config.require("seat")), session_hours=config.require_float("hours")),
        region=pulumi.Config("alicloud").require("region"),
    )
""",
    "infra/seats.py": "def name_of(seat):\n    return f'seat_{seat}'\n",
    "stacks/Pulumi.lab.yaml": "config: {'alicloud:region': cn-beijing, 'classroom:hours': 2}\n",
    "stacks/Pulumi.night.yaml": "config: {'alicloud:region': cn-beijing, 'classroom:hours': 200}\n",
}


def test_a_program_of_its_own_with_settings_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "classroom", PROJECT)
    judge = checkout(tmp_path / "judge")
    report = check(Request(judge, tmp_path / "classroom", run_program=True, other_project=True))
    assert report.files == ("stacks/Pulumi.lab.yaml", "stacks/Pulumi.night.yaml")
    assert [(one.rule, one.file) for one in report.findings] == [("shutdown-timer", "infra/__main__.py")]
    assert "is 200, at sessionHours" in report.findings[0].text
    assert report.exit_code == 1
    assert not list((judge / ".rehearsal").glob("*"))
