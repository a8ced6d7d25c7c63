"""The pack and the provider under the real engine: one folder per scenario, with its program and what it expects."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from alibabacloud_pai_dsw20220101.models import CreateInstanceRequestCloudDisks

from paidsw import __version__
from paidsw.emulator.testing import Emulator
from paidsw.rules.registry import rules
from paidsw.rules.rule import Level, Scope
from paidsw.setup.layout import ROOT
from tests.support.cloud import A10, HOME, OFF_TIER, Cloud
from tests.support.engine import INSTANCE, Stack, is_quiet
from tests.support.samples import inputs

pytestmark = pytest.mark.engine
SCENARIOS = Path(__file__).parent / "scenarios"
NAMES = sorted(path.parent.name for path in SCENARIOS.glob("*/expected.yaml"))
UNDECIDED = "can't be known during preview"


@dataclass
class Outcome:
    """What a preview says, as `rule: resource`; `text` is all that it printed."""

    code: int
    text: str
    mandatory: set[str] = field(default_factory=set)
    advisory: set[str] = field(default_factory=set)
    undecided: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    @property
    def errors(self) -> str:
        """What went wrong, for a failing test."""
        return (
            "\n".join(
                event["diagnosticEvent"]["message"]
                for event in events(self.text)
                if event.get("diagnosticEvent", {}).get("severity") == "error"
            )
            or self.text[-2000:]
        )


def program(folder: Path, emulator: Emulator, launch_folder: Path, name: str) -> Stack:
    stack = Stack(folder, emulator, SCENARIOS / name, launch_folder=launch_folder)
    stack.environment |= {"PYTHONPATH": str(ROOT), "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
    return stack


def preview(stack: Stack, levels: dict[str, Any] | None = None) -> Outcome:
    flags = ["--policy-pack", str(stack.launch_folder / "policies")]
    if levels:
        (stack.folder / "levels.json").write_text(json.dumps(levels))
        flags += ["--policy-pack-config", str(stack.folder / "levels.json")]
    done = stack.run("preview", "--stack", "dev", "--json", *flags)
    return told(done.code, done.text)


def told(code: int, text: str) -> Outcome:
    outcome = Outcome(code, text)
    for event in events(text):
        if found := event.get("policyEvent"):
            of_level = outcome.mandatory if found["enforcementLevel"] == "mandatory" else outcome.advisory
            name = resource(found.get("resourceUrn"))
            if UNDECIDED in found["message"]:
                assert found["policyPackVersion"].removeprefix("v") == __version__
                assert not any(one.endswith(f": {name}") for one in outcome.undecided), (
                    "one line for a resource"
                )
                waiting = found["message"].strip().rpartition("pulumi up decides: ")[2].split(", ")
                outcome.undecided |= {f"{rule}: {name}" for rule in waiting}
            else:
                of_level.add(f"{found['policyName']}: {name}")
        elif (found := event.get("diagnosticEvent")) and found["severity"] == "error" and found.get("urn"):
            for rule in re.findall(r"\[([a-z0-9-]+)\]$", found["message"], re.MULTILINE):
                outcome.refused.add(f"{rule}: {resource(found['urn'])}")
    return outcome


def events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def operations(text: str) -> set[str]:
    found = (event.get("resourcePreEvent") for event in events(text))
    return {one["metadata"]["op"] for one in found if one}


def resource(urn: str | None) -> str:
    return urn.rpartition("::")[2] if urn and "pulumi:pulumi:Stack::" not in urn else "*"


def test_there_is_a_program_for_every_expectation() -> None:
    assert len(NAMES) >= 10
    for name in NAMES:
        assert (SCENARIOS / name / "__main__.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_scenario(tmp_path: Path, cloud: Emulator, launch_folder: Path, name: str) -> None:
    expected = yaml.safe_load((SCENARIOS / name / "expected.yaml").read_text())
    cloud.settings(any_reference=True)
    found = preview(program(tmp_path, cloud, launch_folder, name), expected.get("levels"))
    for kind in ("mandatory", "refused"):
        assert getattr(found, kind) == set(expected.get(kind, ())), found.errors
    # A workspace id out of nowhere is somebody else's workspace, as far as the pack can tell.
    assert found.advisory - {"own-workspace: one"} >= set(expected.get("advisory", ())), found.errors
    fails = bool(expected.get("mandatory") or expected.get("refused"))
    assert (found.code != 0) is fails, found.errors
    assert "unseen" not in expected or expected["unseen"] not in found.text
    assert is_quiet(found.errors), found.errors
    assert not any(call.operation.startswith(("Create", "Update", "Delete")) for call in cloud.calls)


def test_a_misspelt_rule_in_the_configuration_ends_a_preview(
    tmp_path: Path, cloud: Emulator, launch_folder: Path
) -> None:
    stack = program(tmp_path, cloud, launch_folder, "no_guards")
    found = preview(stack, {"offical-image": "mandatory"})
    assert found.code != 0
    assert "there is no rule 'offical-image', did you mean official-image? correct the name" in found.text
    assert operations(found.text) == set()


@pytest.fixture
def elsewhere(cloud: Emulator) -> Cloud:
    """Somebody who works in the cloud without Pulumi."""
    return Cloud(cloud)


@pytest.mark.parametrize("kind", [A10, OFF_TIER])
def test_an_import_is_judged_by_what_is_imported(
    tmp_path: Path, cloud: Emulator, launch_folder: Path, elsewhere: Cloud, kind: str
) -> None:
    workspace = elsewhere.workspace()
    disks = [CreateInstanceRequestCloudDisks(sub_type="rootfs", capacity="100Gi")]
    made = elsewhere.running(
        "found", workspace=workspace, ecs_spec=kind, accessibility="PRIVATE", cloud_disks=disks
    )
    elsewhere.set_timer(made, 4)
    elsewhere.set_culler(made, 30)
    stack = program(tmp_path, cloud, launch_folder, "imported")
    declared = inputs(workspaceId=workspace, instanceName="found", ecsSpec=kind)
    stack.configure(id=f"{HOME}/{made}", inputs=declared)
    found = preview(stack)
    if kind == A10:
        assert (found.code, found.mandatory, found.refused) == (0, set(), set()), found.errors
        assert "import" in operations(found.text)
    else:
        assert found.code != 0
        assert "trial-instance-type: found" in found.refused | found.mandatory, found.errors
    assert not any(call.operation.startswith("Delete") for call in cloud.calls)
    elsewhere.delete(made)


# For each guarded input a value that is refused, and the rule that refuses it.
WRONG: dict[str, tuple[Any, str]] = {
    "region": ("cn-hongkong", "trial-region"),
    "instanceName": ("no-hyphens", "instance-name"),
    "ecsSpec": (OFF_TIER, "trial-instance-type"),
    "cloudDisks": ([{"subType": "rootfs", "capacity": "200Gi"}], "system-disk-size"),
    "accessibility": ("PUBLIC", "private-instance"),
    "spotSpec": ({"spotStrategy": "SpotAsPriceGo"}, "no-spot"),
    "resourceId": ("quota1", "public-resources-only"),
    "userVpc": (
        {"vpcId": "vpc-1", "forwardInfos": [{"eipAllocationId": "eip-1"}]},
        "no-paid-network",
    ),
    "idleInstanceCuller": ({"maxIdleTimeInMinutes": 9999, "cpuPercentThreshold": 5}, "idle-shutdown"),
    "sessionHours": (99, "shutdown-timer"),
    "imageUrl": ("https://example.com/me/nb:1", "image-reference"),
    "imageId": ("nb:1", "image-reference"),
    "labels": ({"team": "x" * 129}, "label-form"),
    "environmentVariables": ({"A=B": "x"}, "environment-names"),
}


def test_every_guarded_input_has_its_wrong_value() -> None:
    guarded = {
        name
        for rule in rules().values()
        if rule.scope is Scope.INSTANCE and rule.level is Level.MANDATORY
        for name in rule.properties
    }
    assert set(WRONG) == guarded


def test_an_unknown_input_hides_its_own_rules_in_preview_and_is_refused_in_up(
    tmp_path: Path, cloud: Emulator, launch_folder: Path, elsewhere: Cloud
) -> None:
    stack = program(tmp_path, cloud, launch_folder, "unknown_inputs")
    # An image has an address or an id.
    tried = {name: value for name, (value, _) in WRONG.items() if name != "imageId"}
    workspace = elsewhere.workspace()
    # The quota has room for nine notebooks with their safety.
    for wrong in (dict(islice(tried.items(), 7)), dict(islice(tried.items(), 7, None))):
        stack.configure(workspace=workspace, wrong=wrong)
        found = preview(stack)
        assert (found.code, found.mandatory, found.refused) == (0, set(), set()), found.errors
        for name in wrong:
            readers = {rule.id for rule in rules().values() if name in rule.properties}
            hidden = {one.partition(":")[0] for one in found.undecided if one.endswith(f": {name}")}
            assert WRONG[name][1] in hidden <= readers
            # A rule that reads other inputs speaks beside it.
            if name != "environmentVariables":
                assert f"plain-credentials: {name}" in found.advisory
    stack.configure(wrong=tried)
    stack.configure(together=True)
    text = stack.up(fails=True)
    refused = {
        rule
        for line in text.splitlines()
        if "error: " in line
        for rule in re.findall(r"\[([a-z-]+)\]$", line)
    }
    assert {own for _, own in WRONG.values()} <= refused, text
    assert is_quiet(text)
    assert cloud.instances == []
    assert stack.nothing_billed()


def analyze_as_printed(stack: Stack) -> list[Outcome]:
    """What the commands that the guide prints for an existing stack say."""
    text = (ROOT / "docs" / "pull-requests.md").read_text("utf-8")
    lines = re.findall(r"^\$ pulumi ((?:policy analyze|stack export) .*)$", text, re.MULTILINE)
    assert len(lines) == 3
    done = []
    for line in lines:
        words = [str(stack.launch_folder / one) if one == "policies" else one for one in shlex.split(line)]
        if words[0] == "policy":
            ran = stack.run(*words, "--json")
            done.append(told(ran.code, ran.text))
        else:
            exported = stack.run(*words)
            assert exported.code == 0, exported.text
    return done


def test_analyze_sees_a_stack_and_an_exported_file(bare: Stack, elsewhere: Cloud) -> None:
    bare.configure(instances={"one": inputs(workspaceId=elsewhere.workspace())})
    bare.up()
    for clean in analyze_as_printed(bare):
        assert (clean.code, clean.mandatory) == (0, set()), clean.text
    file = bare.project / "state.json"
    state = json.loads(file.read_text())
    (instance,) = [one for one in state["deployment"]["resources"] if one["type"] == INSTANCE]
    for values in (instance["inputs"], instance["outputs"]):
        values["spotSpec"] = {"spotStrategy": "SpotAsPriceGo"}
        del values["idleInstanceCuller"]
    file.write_text(json.dumps(state))
    assert bare.run("stack", "import", "--stack", "dev", "--file", str(file)).code == 0
    for found in analyze_as_printed(bare):
        assert found.code != 0
        assert {"no-spot: one", "idle-shutdown: one", "guards-present: one"} <= found.mandatory, found.text
