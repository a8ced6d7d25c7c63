"""`dsw check` in a copy of the project, with the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from paidsw.cli.check.gate import Request, check
from paidsw.cli.reports import Report
from paidsw.cli.reports.finding import UNCHECKED
from paidsw.rules.registry import rules
from tests.support.checkout import checkout, only_what_the_hook_covers

pytestmark = pytest.mark.engine
OWN_PROGRAM = """\
import pulumi
import pulumi_alicloud
from components import FreeTierNotebook, NotebookSettings
from paidsw.resources import Instance

settings = NotebookSettings.from_config()
FreeTierNotebook("notebook", settings.args, region=settings.region)
"""


class CheckedProject:
    """A copy of the project, to be broken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "Pulumi.dev.yaml"
        self.program = root / "__main__.py"

    def set(self, key: str, value: object) -> int:
        """Replace a setting; its line."""
        lines = self.config.read_text().splitlines()
        index = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{key}:"))
        lines[index] = f"  {key}: {value}"
        self.config.write_text("\n".join(lines) + "\n")
        return index + 1

    def check(self) -> Report:
        report = check(Request(self.root))
        assert self.left() == [], "a check leaves nothing behind"
        return report

    def left(self) -> list[Path]:
        return list((self.root / ".rehearsal").glob("*"))


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    # So that every test here also says that a check reads nothing else.
    return CheckedProject(only_what_the_hook_covers(checkout(tmp_path / "project")))


def places(report: Report) -> list[tuple[str, str, int]]:
    return [(one.rule, one.file, one.line) for one in report.findings]


def test_a_clean_project_in_every_form_beside_a_rehearsal_without_an_account(project: CheckedProject) -> None:
    rehearsal = project.root / ".rehearsal"
    (rehearsal / "state").mkdir(parents=True)
    (rehearsal / "Pulumi.dev.yaml").write_text("config: {a: b}\n")
    image = project.set("dsw-free-tier:image", "registry.example/own/image")
    out = project.root / "out"
    wanted = ("text", "github", f"junit={out}/j.xml", f"sarif={out}/s.json", f"markdown={out}/m.md")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "paidsw.cli",
            "check",
            *(part for one in wanted for part in ("--report", one)),
        ],
        cwd=project.root,
        env={key: value for key, value in os.environ.items() if not key.startswith(("ALI", "PULUMI"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Clean: {len(rules())} rules applied to Pulumi.dev.yaml, 1 warning." in done.stdout
    assert f"::warning file=Pulumi.dev.yaml,line={image},title=official-image::" in done.stdout
    suite = ElementTree.parse(out / "j.xml").getroot()[0]
    assert [suite.get(key) for key in ("failures", "errors", "skipped")] == ["0", "0", "0"]
    results = json.loads((out / "s.json").read_text())["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["official-image"]
    assert "1 warning" in (out / "m.md").read_text()
    assert sorted(path.name for path in project.left()) == ["Pulumi.dev.yaml", "state"]
    assert (rehearsal / "Pulumi.dev.yaml").read_text() == "config: {a: b}\n"
    assert list((rehearsal / "state").iterdir()) == []


def test_a_workspace_and_an_image_that_no_emulator_knows_are_taken(project: CheckedProject) -> None:
    with project.config.open("a") as file:
        file.write("  dsw-free-tier:workspaceId: '483921'\n")
    project.set("dsw-free-tier:image", "modelscope:1.31.0-pytorch2.8.0-gpu-py311-cu124-ubuntu22.04")
    report = project.check()
    assert (report.exit_code, report.errors) == (0, ())


def test_what_is_declared_past_the_component_is_at_its_declaration(project: CheckedProject) -> None:
    for name in ("spot", "second", "eas"):
        (project.root / f"Pulumi.{name}.yaml").write_text(project.config.read_text())
    project.config.rename(project.root / "Pulumi.dev.yaml.txt")
    second = project.root / "Pulumi.second.yaml"
    second.write_text(second.read_text().replace("sessionHours: 4", "sessionHours: 20"))
    project.program.write_text(
        OWN_PROGRAM
        + 'inputs = settings.args.instance_inputs(settings.region, "w1")\n'
        + "match pulumi.get_stack():\n"
        + '    case "spot":\n'
        + '        Instance("spot", {**inputs, "instanceName": "spot", "spotSpec": {"spotStrategy": "x"}})\n'
        + '    case "second":\n'
        + '        Instance("second", {**inputs, "instanceName": "second"})\n'
        + '    case "eas":\n'
        + '        pulumi_alicloud.pai.Service("eas", service_config="{}", develop="false")\n'
    )
    report = project.check()
    assert report.files == ("Pulumi.eas.yaml", "Pulumi.second.yaml", "Pulumi.spot.yaml")
    found = [(one.rule, one.file, one.line) for one in report.errors if one.rule != "planned-cu"]
    assert found == [("no-spot", "__main__.py", 11), ("free-resources-only", "__main__.py", 15)]
    assert {one.urn.split("::")[0] for one in report.errors if one.rule == "planned-cu"} == {
        "urn:pulumi:second"
    }
    assert report.exit_code == 1


def test_a_program_that_fails_could_not_be_checked(project: CheckedProject) -> None:
    project.program.write_text(OWN_PROGRAM + "\nprint(1 / 0)\n")
    report = project.check()
    assert places(report) == [("program", "__main__.py", 9)]
    assert report.exit_code == UNCHECKED


def test_a_rule_can_be_stricter_by_pulumis_own_configuration_file(project: CheckedProject) -> None:
    image = project.set("dsw-free-tier:image", "registry.example/own/image")
    levels = project.root / "levels.json"
    levels.write_text('{"official-image": "mandatory"}')
    report = check(Request(project.root, policy_config=levels))
    assert places(report) == [("official-image", "Pulumi.dev.yaml", image)]
    assert report.exit_code == 1
