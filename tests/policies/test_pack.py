"""The pack as the engine runs it: every example, floats, unknowns, wrong types, secrets, remediation."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw import __version__
from paidsw.core import properties
from paidsw.core.values import UNKNOWN, SecretValue
from paidsw.rules.examples import Example, examples
from paidsw.rules.registry import rules
from paidsw.rules.rule import INSTANCE_TYPE, WORKSPACE_TYPE, AnyRule, Level, Scope, Severity
from tests.support.policy_pack import Declared, Diagnostic, HarnessError, Pack, Provider, urn_of
from tests.support.processes import running
from tests.support.rules import declared, instance
from tests.support.waiting import until

POLICIES = Path(__file__).resolve().parents[2] / "policies"
ALL = list(rules().values())
OF_INSTANCE = [rule for rule in ALL if rule.scope is Scope.INSTANCE]
FIXING = [rule for rule in ALL if rule.remediate]
EXAMPLES = [one for rule in ALL for one in examples(rule)]
PROVIDER = Provider("paidsw", properties={"region": "cn-wulanchabu"})


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with Pack.start(POLICIES) as started:
        yield started


@pytest.fixture(autouse=True)
def _reset(pack: Pack) -> None:
    pack.configure({})


def _id(one: object) -> str:
    return f"{one.rule}: {one.name}" if isinstance(one, Example) else getattr(one, "id", str(one))


def _notebook(*drop: str, **changes: Any) -> Declared:
    return Declared(INSTANCE_TYPE, instance(*drop, **changes), name="notebook", provider=PROVIDER)


def _texts(pack: Pack, resource: Declared) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in pack.analyze(resource):
        found.setdefault(one.policy, []).append(one.text)
    return found


def test_every_rule_is_a_policy_with_every_field_of_its_metadata(pack: Pack) -> None:
    info = pack.info
    assert (info.name, info.supportsConfig, info.provider) == ("dsw-free-tier", True, "alicloud")
    assert info.description
    assert [policy.name for policy in info.policies] == list(rules())
    for policy in info.policies:
        rule = rules()[policy.name]
        assert (policy.displayName, policy.description) == (rule.title, rule.description)
        assert (policy.remediation_steps, policy.url) == (rule.steps, rule.reference)
        assert policy.enforcementLevel == {Level.ADVISORY: 0, Level.MANDATORY: 1}[rule.level]
        assert policy.severity == ["low", "medium", "high", "critical"].index(rule.severity) + 1
        assert policy.policy_type == (2 if rule.scope is Scope.STACK else 1)
        assert policy.framework.name
        assert "free-trial" in policy.tags


def test_the_project_file_agrees_with_the_pack(pack: Pack) -> None:
    project = yaml.safe_load((POLICIES / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert project["name"] == pack.info.name
    # Without a toolchain Pulumi's own host takes uv, which needn't be on PATH, because it finds a uv.lock.
    assert project["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "../.venv"}}
    assert project["version"].count(".") == 2
    assert project["description"]


@pytest.mark.parametrize(
    "one", [one for one in EXAMPLES if rules()[one.rule].scope is not Scope.STACK], ids=_id
)
def test_an_example_of_a_resource_rule(pack: Pack, one: Example) -> None:
    found = _texts(pack, declared(one.resources[0]))
    assert found.get(one.rule, []) == list(one.messages)


@pytest.mark.parametrize("one", [one for one in EXAMPLES if rules()[one.rule].scope is Scope.STACK], ids=_id)
def test_an_example_of_a_stack_rule(pack: Pack, one: Example) -> None:
    found = pack.analyze_stack([declared(resource) for resource in one.resources])
    assert [each.text for each in found if each.policy == one.rule] == list(one.messages)


def test_a_valid_notebook_is_silent(pack: Pack) -> None:
    assert pack.analyze(_notebook()) == []
    assert pack.remediate(_notebook()) == []


def _waiting(found: list[Diagnostic]) -> list[Diagnostic]:
    return [one for one in found if "can't be known during preview" in one.message]


def _named(line: Diagnostic) -> tuple[list[str], list[str]]:
    """The values that a line says are not known, and the rules that wait for them."""
    values, names = re.fullmatch(
        r"can't be known during preview: (.+); pulumi up decides: (.+)", line.message
    ).groups()  # type: ignore[union-attr]
    return values.split(", "), names.split(", ")


@pytest.mark.parametrize("rule", OF_INSTANCE, ids=_id)
def test_an_unknown_input_is_one_line_about_the_rules_that_read_it_and_hides_no_other(
    pack: Pack, rule: AnyRule
) -> None:
    bad = {"spotSpec": {}, "region": "cn-hongkong", "accessibility": "PUBLIC"}
    for name in rule.properties:
        readers = {other.id for other in ALL if name in other.properties}
        found = pack.analyze(_notebook(**{**bad, name: UNKNOWN}))
        lines = _waiting(found)
        # Credentials of an image are read where the image needs some.
        assert len(lines) == (0 if name == "imageAuth" else 1)
        for line in lines:
            values, names = _named(line)
            assert values == [name]
            assert set(names) <= readers
            assert line.level == "advisory"
        expected = {"no-spot", "trial-region", "private-instance"} - readers
        assert expected <= {one.policy for one in found if one.level == "mandatory"}


def test_everything_unknown_is_one_line_at_the_most_severe_rule(pack: Pack) -> None:
    unknown = dict.fromkeys(instance(), UNKNOWN)
    (line,) = pack.analyze(_notebook(**unknown))
    values, names = _named(line)
    assert {"region", "instanceName", "cloudDisks", "idleInstanceCuller"} <= set(values) <= set(unknown)
    assert len(names) > 9
    assert len(set(names)) == len(names)
    assert line.policy == names[0]
    assert rules()[line.policy].severity is Severity.CRITICAL


def test_the_line_has_the_packs_own_version_and_its_resource(pack: Pack) -> None:
    resource = _notebook(region=UNKNOWN)
    (line,) = pack.analyze(resource)
    assert (line.version, line.urn) == (__version__, urn_of(resource))
    assert pack.info.version == __version__


def test_the_line_says_which_value_is_unknown(pack: Pack) -> None:
    found = pack.analyze(_notebook(cloudDisks=[{"subType": "rootfs", "capacity": UNKNOWN}]))
    assert [_named(one) for one in found] == [(["cloudDisks[0].capacity"], ["system-disk-size"])]


def test_a_rule_that_is_off_waits_for_nothing(pack: Pack) -> None:
    pack.configure({"all": "disabled", "trial-region": "mandatory", "guards-present": "disabled"})
    (line,) = pack.analyze(_notebook(region=UNKNOWN, sessionHours=UNKNOWN))
    assert _named(line) == (["region"], ["trial-region"])


def test_a_secret_that_is_unknown_is_named_and_nothing_else(pack: Pack) -> None:
    variables = {"MY_TOKEN": SecretValue(UNKNOWN), "Planted Key": UNKNOWN}
    found = pack.analyze(_notebook(environmentVariables=variables, imageAuth=SecretValue(UNKNOWN)))
    (line,) = _waiting(found)
    assert "environmentVariables.MY_TOKEN" in _named(line)[0]
    assert not any("Planted" in one.message for one in found)


def test_the_rules_about_all_resources_are_in_the_line_of_the_resource(pack: Pack) -> None:
    waiting = _notebook(sessionHours=UNKNOWN)
    (line,) = pack.analyze(waiting)
    assert {"shutdown-timer", "planned-cu", "guards-present"} <= set(_named(line)[1])
    assert _waiting(pack.analyze_stack([waiting])) == []


def test_what_only_the_whole_stack_shows_has_a_line_of_its_resource(pack: Pack) -> None:
    waiting = _notebook(sessionHours=UNKNOWN, idleInstanceCuller=UNKNOWN)
    pack.analyze(_notebook())
    (line,) = _waiting(pack.analyze_stack([waiting]))
    values, names = _named(line)
    assert set(names) == {"planned-cu", "guards-present"}
    assert set(values) == {"sessionHours", "idleInstanceCuller"}
    assert line.urn == urn_of(waiting)


def test_every_kind_of_unknown_is_understood(pack: Pack) -> None:
    for sentinel in sorted(properties.UNKNOWNS):
        (line,) = pack.analyze(_notebook(region=sentinel))
        assert "trial-region" in _named(line)[1]


@pytest.mark.parametrize("rule", OF_INSTANCE, ids=_id)
@pytest.mark.parametrize("value", [None, True, 5, "", "text", [], [None, 1, {}], {}, {"a": [{}]}], ids=repr)
def test_a_value_of_any_type_gets_an_answer(pack: Pack, rule: AnyRule, value: object) -> None:
    for name in rule.properties:
        for one in pack.analyze(_notebook(**{name: value})):
            assert one.text.endswith(f"[{one.policy}]")


def test_a_secret_in_a_value_that_must_not_be_shown_is_not_shown(pack: Pack) -> None:
    planted = SecretValue("LTAI5tPlantedSecret9876")
    resource = _notebook(
        imageUrl=planted,
        imageAuth=planted,
        environmentVariables={"MY_TOKEN": planted, "x": planted},
        datasets=[{"uri": planted}],
        userVpc={"natGatewayId": planted},
        cloudDisks=[{"subType": "rootfs", "capacity": planted}],
        region=planted,
        ecsSpec=planted,
        sessionHours=planted,
        idleInstanceCuller={"maxIdleTimeInMinutes": planted},
    )
    found = pack.analyze(resource)
    assert len(found) > 7
    assert not any("Planted" in one.message for one in found)


def test_a_secret_that_could_be_shown_is_not_shown_either(pack: Pack) -> None:
    disks = SecretValue([{"subType": "rootfs", "capacity": "2000Gi"}])
    resource = _notebook(cloudDisks=disks, region=SecretValue("cn-hongkong"), sessionHours=SecretValue(900.5))
    for found in (pack.analyze(resource), pack.analyze_stack([resource])):
        assert found
        assert not any(re.search(r"2000Gi|cn-hongkong|900\.5", one.message) for one in found)
    assert {"system-disk-size", "trial-region", "shutdown-timer"} <= _texts(pack, resource).keys()


def test_rules_of_the_instance_leave_other_types_alone(pack: Pack) -> None:
    workspace = Declared(WORKSPACE_TYPE, {"region": "cn-hongkong"}, provider=Provider("alicloud"))
    assert pack.analyze(workspace) == []


def test_a_component_is_free_and_a_dynamic_resource_is_not(pack: Pack) -> None:
    assert pack.analyze(Declared("lab:index:Classroom", provider=None)) == []
    dynamic = Declared(
        "pulumi-python:dynamic:Resource", {"__provider": "x"}, provider=Provider("pulumi-python")
    )
    assert [one.policy for one in pack.analyze(dynamic)] == ["free-resources-only"]


def test_an_alias_or_a_parent_does_not_evade(pack: Pack) -> None:
    resource = Declared(
        INSTANCE_TYPE,
        instance(spotSpec={}),
        provider=PROVIDER,
        aliases=["urn:pulumi:dev::project::other:index:Thing::notebook"],
        parent="urn:pulumi:dev::project::lab:index:Classroom$lab:index:Row::row",
        ignore_changes=["spotSpec"],
    )
    assert [one.policy for one in pack.analyze(resource)] == ["no-spot"]


def test_a_workspace_of_the_stack_is_ones_own(pack: Pack) -> None:
    workspace = Declared(WORKSPACE_TYPE, name="w", provider=Provider("alicloud"))
    own = Declared(
        INSTANCE_TYPE, instance(workspaceId=UNKNOWN), name="n", provider=PROVIDER,
        property_dependencies={"workspaceId": [urn_of(workspace)]},
    )  # fmt: skip
    assert pack.analyze_stack([workspace, own]) == []


def test_levels_and_settings_reach_the_rules(pack: Pack) -> None:
    pack.configure({"all": "advisory", "no-spot": "mandatory", "trial-region": {"only": ["cn-beijing"]}})
    found = {one.policy: one for one in pack.analyze(_notebook(spotSpec={}))}
    assert (found["no-spot"].level, found["trial-region"].level) == ("mandatory", "advisory")
    assert "allowed: cn-beijing;" in found["trial-region"].text


@pytest.mark.parametrize(
    ("rule", "settings"),
    [
        ("system-disk-size", {"maxGib": 101}),
        ("shutdown-timer", {"maxHours": 25}),
        ("trial-region", {"only": "x"}),
    ],
)
def test_the_engine_refuses_settings_that_widen(pack: Pack, rule: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rule):
        pack.configure({rule: settings})


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"offical-image": "mandatory"}, "there is no rule 'offical-image', did you mean official-image?"),
        ({"zzz": "mandatory"}, "there is no rule 'zzz'; docs/rules.md has them all; correct the name"),
        (
            {"trial-region": {"onyl": ["cn-beijing"]}},
            "trial-region: onyl is not a setting of the rule, which has only",
        ),
        ({"no-spot": {"limit": 5}}, "no-spot: limit is not a setting of the rule"),
    ],
)
def test_a_name_that_the_engine_does_not_know_either_is_refused_and_changes_nothing(
    pack: Pack, config: dict[str, Any], words: str
) -> None:
    pack.configure({"all": "advisory"})
    with pytest.raises(HarnessError, match="Configure failed with INVALID_ARGUMENT") as caught:
        pack.configure(config)
    assert words in str(caught.value)
    assert {one.level for one in pack.analyze(_notebook(spotSpec={}))} == {"advisory"}


@pytest.mark.parametrize("rule", FIXING, ids=_id)
def test_a_remediated_example_passes_its_rule(pack: Pack, rule: AnyRule) -> None:
    for one in examples(rule):
        pack.configure({})
        resource = declared(one.resources[0])
        assert pack.remediate(resource) == []
        pack.configure({rule.id: "remediate"})
        fixed = pack.remediate(resource)
        assert [each.policy for each in fixed] == ([rule.id] if one.messages else [])
        for each in fixed:
            after = Declared(INSTANCE_TYPE, each.properties or {}, provider=PROVIDER)
            assert rule.id not in _texts(pack, after)


def test_remediations_together_keep_secrets_unknowns_and_what_they_do_not_touch(pack: Pack) -> None:
    pack.configure({"all": "remediate"})
    resource = _notebook(
        "sessionHours",
        spotSpec={},
        accessibility="PUBLIC",
        workspaceId=UNKNOWN,
        imageAuth=SecretValue("bWU6eA=="),
        instanceName="LLM-Finetune-01",
        userVpc={"vpcId": UNKNOWN, "securityGroupId": SecretValue("sg-1"), "forwardInfos": [{}]},
        __defaults=["cloudDisks"],
    )
    last = pack.remediate(resource)[-1].properties
    assert last is not None
    plain: Any = properties.decode(last)
    assert plain["workspaceId"] is UNKNOWN
    assert plain["imageAuth"] == SecretValue("bWU6eA==")
    assert plain["userVpc"] == {"vpcId": UNKNOWN, "securityGroupId": SecretValue("sg-1")}
    assert plain["__defaults"] == ["cloudDisks"]
    assert (plain["sessionHours"], plain["instanceName"]) == (4.0, "LLM_Finetune_01")
    assert "spotSpec" not in plain
    assert pack.analyze(Declared(INSTANCE_TYPE, plain, provider=PROVIDER)) == []


def test_a_remediation_that_meets_an_unknown_value_leaves_it_to_the_judgement(pack: Pack) -> None:
    pack.configure({"no-spot": "remediate"})
    assert pack.remediate(_notebook(spotSpec=UNKNOWN)) == []
    (line,) = pack.analyze(_notebook(spotSpec=UNKNOWN))
    assert _named(line) == (["spotSpec"], ["no-spot"])


def test_what_a_remediation_cannot_fix_is_mandatory(pack: Pack) -> None:
    pack.configure({"trial-region": "remediate"})
    resource = _notebook(region="cn-hongkong", imageUrl=None)
    assert pack.remediate(resource) == []
    assert [(one.policy, one.level) for one in pack.analyze(resource)] == [("trial-region", "mandatory")]


def test_the_packs_files_do_not_stand_before_the_standard_librarys(tmp_path: Path) -> None:
    code = (
        f"import runpy, sys; sys.path[:0] = [{str(POLICIES)!r}, {str(POLICIES.parent)!r}]; sys.argv = ['x']\n"
        + (
            "import policies.server\n"
            "policies.server.serve = lambda servicer: print(sys.path[0], type(servicer).__name__)\n"
            f"runpy.run_path({str(POLICIES / '__main__.py')!r})\n"
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )
    assert done.stdout.split() == [str(POLICIES.parent), "PackServicer"]


def test_the_pack_starts_without_the_settings_library() -> None:
    code = "import sys; from policies.server import PackServicer; PackServicer(); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


HOST = """
import subprocess, sys, time
pack = subprocess.Popen([sys.executable, sys.argv[1], "127.0.0.1:1"], stdout=subprocess.PIPE)
pack.stdout.readline()
print(pack.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs to wait for a process that is no child")
def test_it_ends_with_a_host_that_was_killed() -> None:
    command = [sys.executable, "-c", HOST, str(POLICIES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        assert running(pid)
        host.kill()
    until(lambda: not running(pid))
