"""What a branch can try against `dsw check`, with the real engine; without it: tests/cli/test_check_attacks.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.check.gate import Request, check
from paidsw.cli.reports import Report
from paidsw.cli.reports.finding import NOTEBOOK, SETTING, Level
from tests.support.checkout import checkout

pytestmark = pytest.mark.engine
SETTINGS = """\
config:
  alicloud:region: cn-wulanchabu
"""
RAN = "ran"
# Runs wherever it is imported.
EVIL = f"open({RAN!r}, 'w').close()\nopen(__file__ + {RAN!r}, 'w').close()\nraise SystemExit(0)\n"
FAKED = """\
{"resourcePreEvent": {"metadata": {"op": "create", "urn": "u", "type": "paidsw:index:Instance", "new": {"custom": true,
"inputs": {}}}}}
"""
PROGRAM = f"""\
import sys

import pulumi
import yaml
from components import FreeTierNotebook, NotebookSettings, arguments
from paidsw.resources import Instance

print({FAKED.replace(chr(10), "")!r})
print('{{"policyAnalyzeSummaryEvent": {{"resourceUrn": "u", "passed": ["no-spot"]}}}}', flush=True)
LARGE = [{{"subType": "rootfs", "capacity": "2000Gi"}}]


def larger(args):
    if args.type_ == "paidsw:index:Instance":
        return pulumi.ResourceTransformResult({{**args.props, "cloudDisks": LARGE}}, args.opts)


match pulumi.get_stack():
    case "exits":
        sys.exit(0)
    case "patches":
        pulumi.runtime.set_config("dsw-free-tier:systemDiskGib", "2000")
        arguments.NotebookArgs.violations = lambda *_: []
    case "transforms":
        pulumi.runtime.register_resource_transform(larger)
settings = NotebookSettings.from_config()
options = pulumi.ResourceOptions(
    protect=True, retain_on_delete=True, ignore_changes=["cloudDisks"], aliases=[pulumi.Alias(name="earlier")]
)
notebook = FreeTierNotebook("notebook", settings.args, region=settings.region, opts=options)
match pulumi.get_stack():
    case "provides":
        given = pulumi.runtime.get_config_env()
        inputs = {{key[9:]: value for key, value in given.items() if key.startswith("alicloud:")}}
        options = pulumi.ResourceOptions(version="4.0.0")
        pulumi.ProviderResource("alicloud", "other", {{**inputs, "insecure": True}}, options)
    case "waits":
        inputs = settings.args.instance_inputs(settings.region, "w1") | {{"instanceName": "b"}}
        later = notebook.instance_id.apply(lambda _: LARGE)
        Instance("later\\x85", {{**inputs, "cloudDisks": pulumi.Output.secret(later)}})
"""
OTHER = '        pulumi.ProviderResource("alicloud", "other", {**inputs, "insecure": True}, options)'
# Its name has what some take for the end of a line.
LATER = '        Instance("later\\x85", {**inputs, "cloudDisks": pulumi.Output.secret(later)})'
TRIES = ("exits", "patches", "provides", "transforms", "waits")


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    return checkout(tmp_path / "judge")


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    made = checkout(tmp_path / "branch")
    for name in ("yaml", "pulumi", "sitecustomize", "usercustomize", "paidsw/rules/no_spot/__init__"):
        (made / f"{name}.py").write_text(EVIL)
    return made


def errors(report: Report) -> list[tuple[str, str, int]]:
    return [(one.rule, one.file, one.line) for one in report.errors if one.rule != "project"]


def test_settings_are_judged_by_the_base_and_nothing_of_the_branch_runs(judge: Path, branch: Path) -> None:
    (branch / "__main__.py").write_text(EVIL)
    (branch / "Pulumi.dev.yaml").write_text(
        "config:\n  alicloud:region: cn-hongkong\n  systemDiskGib: 200\n  renamed:sessionHours: 4\n"
    )
    (branch / "Pulumi.bill.yaml").write_text(SETTINGS + "  sessionHours: 4\n  renamed:allowBilling: true\n")
    (branch / "Pulumi.prod.yaml").write_text(SETTINGS + "  alicloud:endpoints: [{aiworkspace: a.example}]\n")
    project = (branch / "Pulumi.yaml").read_text().replace("name: dsw-free-tier", "name: renamed")
    project += "config:\n  sessionHours: {type: integer, default: 99}\n"
    (branch / "Pulumi.yaml").write_text(project)
    line = len(project.splitlines())
    report = check(Request(judge, branch))
    assert report.exit_code == 1
    assert errors(report) == [
        ("no-billing-override", "Pulumi.bill.yaml", 4),
        ("trial-region", "Pulumi.dev.yaml", 2),
        ("system-disk-size", "Pulumi.dev.yaml", 3),
        (SETTING, "Pulumi.prod.yaml", 3),
        ("shutdown-timer", "Pulumi.yaml", line),
    ]
    assert not list(branch.rglob(f"*{RAN}"))


def test_a_program_is_judged_by_what_it_declares(judge: Path, branch: Path) -> None:
    (branch / "__main__.py").write_text(PROGRAM)
    (branch / "Pulumi.dev.yaml").unlink()
    for name in TRIES:
        (branch / f"Pulumi.{name}.yaml").write_text(SETTINGS)
    report = check(Request(judge, branch, run_program=True))
    assert errors(report) == [
        ("system-disk-size", "Pulumi.patches.yaml", 1),
        ("system-disk-size", "Pulumi.transforms.yaml", 1),
        (NOTEBOOK, "__main__.py", 1),
        (SETTING, "__main__.py", PROGRAM.splitlines().index(OTHER) + 1),
        ("no-data-disk", "__main__.py", PROGRAM.splitlines().index(LATER) + 1),
    ]
    said = [one.text for one in report.errors]
    assert any("declares no notebook for stack exits" in text for text in said)
    assert any("the program gives a provider the setting alicloud:insecure" in text for text in said)
    assert any("cloudDisks isn't known before the update" in text for text in said)
    assert "releasable-instance" in {one.rule for one in report.findings if one.level is Level.WARNING}
    assert not list(branch.rglob(f"*{RAN}"))
