"""checkImport: what keeps an existing instance from being taken over is said, setting by setting, before an import."""

from __future__ import annotations

import shlex
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from pulumi.runtime.proto import provider_pb2

from components import NotebookArgs
from components.secret_settings import secret_inputs
from components.settings import parse
from paidsw.cloud.models import Culler
from paidsw.provider.instance import labels
from paidsw.provider.values import decode, encode
from tests.support.direct import LOOP, Direct, DirectClient, World
from tests.support.instance_stack import assert_clean
from tests.support.plugin import URN, Failure
from tests.support.samples import REGION

T = TypeVar("T")
ELSEWHERE = "cn-beijing"
V100 = "ecs.gn6v-c8g1.2xlarge"
HOUR = 3_600_000


def wait(call: Coroutine[Any, Any, T]) -> T:
    return LOOP.run_until_complete(call)


def made(world: World, region: str = REGION, **changes: Any) -> str:
    """The id of an instance that the console made, which runs guarded."""
    client = DirectClient(world, region)
    request = {
        "InstanceName": "by_hand",
        "WorkspaceId": world.cloud.default_workspace(region).id,
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "ImageUrl": f"dsw-registry-vpc.{region}.cr.aliyuncs.com/pai/pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04",
        "CloudDisks": [{"SubType": "rootfs", "Capacity": "100Gi"}],
        "Accessibility": "PRIVATE",
        **changes,
    }
    found = wait(client.create_instance(request))
    world.cloud.advance(60)
    wait(client.create_timer(found, 3 * 3600))
    world.calls.clear()
    return found


def refusals(direct: Direct, args: NotebookArgs, region: str = REGION, *, stack: str = "dev") -> list[str]:
    """What checkImport answers to a component with these settings."""
    assert args.import_id is not None
    inputs = args.instance_inputs(region, args.workspace_id)
    secrets = sorted(secret_inputs(inputs, args.secret))
    arguments = {"region": region, "instanceId": args.import_id, "inputs": inputs, "secrets": secrets}
    named = {"project": "dsw-free-tier", "stack": stack}
    request = provider_pb2.InvokeRequest(tok="paidsw:index:checkImport", args=encode(arguments | named))
    answer = direct.call("Invoke", request)
    problems: list[str] = decode(getattr(answer, "return")).values["problems"]
    assert_clean(*problems)
    assert not [name for name in direct.world.calls if not name.startswith(("Get", "List"))]
    return problems


def settings(config: dict[str, str]) -> tuple[NotebookArgs, str]:
    """The settings of a stack's configuration, key → text as `pulumi config` hands it to a program; and the region."""
    full = {key if ":" in key else f"dsw-free-tier:{key}": value for key, value in config.items()}
    found = parse(full, "dsw-free-tier")
    return found.args, found.region


def obey(config: dict[str, str], problems: list[str]) -> None:
    """Type the commands that the sentences name, as they stand there."""
    for problem in problems:
        for part in problem.split("; ")[1:]:
            words = shlex.split(part.partition(", it can be set again")[0])
            assert words[:2] == ["pulumi", "config"], problem
            if words[2] == "set":
                key, value = words[3:]
                config[key] = value
            else:
                assert words[2] == "rm"
                del config[words[3]]


DATASETS = [
    {"DatasetId": "d-1", "MountPath": "/mnt/data", "MountAccess": "RO"},
    {"Uri": "oss://mine.oss-cn-wulanchabu-internal.aliyuncs.com/it's here/", "MountPath": "/mnt/more"},
]


@pytest.mark.parametrize(
    ("body", "config", "named"),
    [
        ({}, {}, ["workspaceId", "instanceName"]),
        ({"EcsSpec": V100}, {}, ["ecsSpec"]),
        ({"ImageUrl": "registry.example.com/me/nb:1"}, {}, ["image"]),
        ({}, {"image": "registry.example.com/me/nb:1"}, ["image"]),
        ({}, {"systemDiskGib": "50"}, ["systemDiskGib"]),
        ({"Driver": "535.54.03"}, {"driver": "550.54.15"}, ["driver"]),
        ({}, {"driver": "550.54.15"}, ["driver"]),
        ({"Labels": [{"Key": "course", "Value": "one's"}]}, {}, ["labels"]),
        ({"Labels": [{"Key": "course", "Value": "one"}]}, {"labels": '{"course": "two"}'}, ["labels"]),
        ({"Labels": [{"Key": "课程", "Value": "one"}]}, {}, ["labels"]),
        ({}, {"labels": '{"course": "two"}'}, ["labels"]),
        ({"Datasets": DATASETS}, {}, ["datasets"]),
        ({"Datasets": DATASETS[:1]}, {"datasets": '[{"mountPath": "/mnt", "datasetId": "d"}]'}, ["datasets"]),
        ({}, {"datasets": '[{"mountPath": "/mnt", "datasetId": "d"}]'}, ["datasets"]),
        ({}, {"environmentVariables": '{"TOKEN": "planted"}'}, ["environmentVariables"]),
        ({"EnvironmentVariables": {"A": "planted"}}, {"environmentVariables": '{"A": "b"}'}, None),
        ({"EnvironmentVariables": {"A": "planted"}}, {}, []),
        ({}, {"running": "false"}, ["running"]),
        ({}, {"imageAuth": "cGxhbnRlZDpzZWNyZXQ="}, []),
        ({}, {"backup": '{"snapshot": "a", "repository": "r.aliyuncs.com/a/b"}'}, []),
        ({}, {"sessionHours": "2", "idleMinutes": "20"}, []),
    ],
)
def test_every_setting_that_differs_is_named_with_what_to_type_and_then_the_import_changes_nothing(
    world: World, direct: Direct, body: dict[str, Any], config: dict[str, str], named: list[str] | None
) -> None:
    found = made(world, **body)
    config = {"alicloud:region": REGION, "importId": found, "allowBilling": "true", **config}
    problems = refusals(direct, *settings(config))
    common = ["workspaceId", "instanceName"]
    expected = [*common, *(["environmentVariables"] if named is None else named)]
    assert {problem.partition(" ")[0] for problem in problems} == set(expected)
    obey(config, problems)
    args, region = settings(config)
    assert refusals(direct, args, region) == []

    _, seen, state = direct.read(f"{REGION}/{found}", {}, {})
    declared = args.instance_inputs(region, args.workspace_id)
    assert list(direct.diff(seen, declared, state).diffs) == []


def test_a_sentence_names_setting_value_and_command(world: World, direct: Direct) -> None:
    found = made(world)
    workspace = world.workspace
    assert refusals(direct, NotebookArgs(import_id=found)) == [
        f"instanceName is LLM_Finetune_01, and must be by_hand to take over {found}; "
        "pulumi config set instanceName by_hand",
        f"workspaceId is not set, and must be {workspace} to take over {found}; "
        f"pulumi config set workspaceId {workspace}",
    ]


def test_what_is_a_secret_is_set_as_one_and_no_command_has_a_masked_value(
    world: World, direct: Direct
) -> None:
    there = made(world, Labels=[{"Key": "team", "Value": "planted-team"}, {"Key": "stage", "Value": "test"}])
    args = NotebookArgs(
        {"instanceName", "labels"},
        import_id=there,
        instance_name="planted_name",
        labels={"team": "planted-team"},
        workspace_id=world.cloud.default_workspace(REGION).id,
    )
    command = "pulumi config set --secret"
    assert [line for line in refusals(direct, args) if "labels" in line or "instanceName" in line] == [
        f"instanceName is [secret], and must be by_hand to take over {there}; {command} instanceName by_hand",
        f"labels differs from what {there} has, which isn't shown since a secret is in it; take it from the PAI "
        f"console: {command} labels VALUE",
    ]


def test_the_culler_is_compared_setting_by_setting(world: World, direct: Direct) -> None:
    found = made(world, InstanceName="LLM_Finetune_01")
    culler = Culler(max_idle_time_in_minutes=20, cpu_percent_threshold=7, gpu_percent_threshold=10)
    wait(DirectClient(world, REGION).create_culler(found, culler))
    world.calls.clear()
    config = {"alicloud:region": REGION, "importId": found, "workspaceId": world.workspace}
    problems = refusals(direct, *settings(config))
    assert [problem.partition(" ")[0] for problem in problems] == ["idleCpuPercent", "idleMinutes"]
    obey(config, problems)
    assert refusals(direct, *settings(config)) == []


def test_a_threshold_that_the_console_left_out_is_set_there(world: World, direct: Direct) -> None:
    found = made(world, InstanceName="LLM_Finetune_01")
    culler = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5}
    world.console("CreateIdleInstanceCuller", found, **culler)
    args = NotebookArgs(import_id=found, workspace_id=world.workspace)
    assert refusals(direct, args) == [
        f"idleGpuPercent is 10, and the idle shutdown of {found} has none; set it to 10 in the PAI console"
    ]
    world.console("DeleteIdleInstanceCuller", found)
    world.console("CreateIdleInstanceCuller", found, **culler, GpuPercentThreshold=10)
    world.calls.clear()
    assert refusals(direct, args) == []


def test_a_stopped_one_is_taken_over_stopped(world: World, direct: Direct) -> None:
    found = made(world)
    world.console("StopInstance", found)
    world.cloud.advance(60)
    config = {"alicloud:region": REGION, "importId": found}
    problems = refusals(direct, *settings(config))
    assert (
        f"running is true, and must be false to take over {found}; pulumi config set running false"
        in problems
    )
    obey(config, problems)
    assert refusals(direct, *settings(config)) == []


def test_one_of_another_region_is_compared_there_all_at_once(world: World, direct: Direct) -> None:
    found = made(world, ELSEWHERE, EcsSpec=V100)
    config = {"alicloud:region": REGION, "importId": found}
    problems = refusals(direct, *settings(config))
    named = [problem.partition(" ")[0] for problem in problems]
    assert named == ["alicloud:region", "ecsSpec", "instanceName", "workspaceId"]
    obey(config, problems)
    assert config["alicloud:region"] == ELSEWHERE
    assert refusals(direct, *settings(config)) == []


def test_what_is_not_there_or_going_is_one_sentence(world: World, direct: Direct) -> None:
    gone = "dsw-0123456789abcdef"
    assert refusals(direct, NotebookArgs(import_id=gone)) == [
        f"importId is {gone}, and {REGION} has no such instance; correct it, or, if it is destroyed, take it out: "
        "pulumi config rm importId"
    ]
    going = made(world)
    world.console("DeleteInstance", going)
    assert refusals(direct, NotebookArgs(import_id=going)) == [
        f"importId is {going}, which is being deleted; take it out: pulumi config rm importId"
    ]


def test_nothing_may_be_imported_while_the_cloud_cannot_be_asked(world: World, direct: Direct) -> None:
    found = made(world)
    world.strike("permission", "GetInstance", times=0)
    with pytest.raises(Failure) as caught:
        refusals(direct, NotebookArgs(import_id=found))
    assert_clean(caught.value.message)
    assert "GetInstance" in caught.value.message


def test_a_region_that_does_not_answer_hides_no_other(world: World, direct: Direct) -> None:
    found = made(world, "cn-shenzhen")
    world.strike("permission", "GetInstance", region=ELSEWHERE, times=0)
    problems = refusals(direct, NotebookArgs(import_id=found))
    assert problems[0].endswith("; pulumi config set alicloud:region cn-shenzhen")


def test_one_that_runs_with_nothing_to_stop_it_is_refused_beside_its_settings(
    world: World, direct: Direct
) -> None:
    found = made(world)
    world.console("DeleteInstanceShutdownTimer", found)
    problems = refusals(direct, NotebookArgs(import_id=found, workspace_id=world.workspace))
    assert [problem.partition(" ")[0] for problem in problems] == ["instance", "instanceName"]
    assert problems[0].startswith(f"instance {found} can't be imported: it runs with nothing that stops it")
    assert "set a timer (定时关机) of at most 24 hours" in problems[0]


def test_one_outside_the_tier_is_refused_by_its_rule_alone(world: World, direct: Direct) -> None:
    found = made(world, EcsSpec="ecs.gn7i-c16g1.4xlarge")
    [problem] = refusals(direct, NotebookArgs(import_id=found))
    assert problem.endswith("[trial-instance-type]")


@pytest.mark.parametrize(
    ("own", "left"),
    [
        (labels.ours(URN, 4), True),
        (labels.ours(URN.replace("dev", "prod"), 4), False),
        (labels.ours(URN.replace("dev", "prod"), 4) | {labels.OWNER: "abc"}, True),
        ({labels.OWNER: "abc"}, True),
    ],
    ids=["of an earlier version", "of another stack", "of an owner's other stack", "claimed"],
)
def test_one_with_an_owner_is_left_to_it(
    world: World, direct: Direct, own: dict[str, str], left: bool
) -> None:
    found = made(world, Labels=[{"Key": key, "Value": value} for key, value in own.items()])
    problems = refusals(direct, NotebookArgs(import_id=found))
    assert (problems == []) is left
    if not left:
        [problem] = problems
        assert f"importId is {found}, which belongs to a resource of the stack 'prod'" in problem


def test_a_network_of_its_own_needs_a_program_of_its_own(world: World, direct: Direct) -> None:
    found = made(
        world,
        InstanceName="LLM_Finetune_01",
        UserVpc={"VpcId": "vpc-1", "VSwitchId": "v-1", "SecurityGroupId": "sg-1"},
    )
    args = NotebookArgs(import_id=found, workspace_id=world.workspace)
    assert refusals(direct, args) == [
        f"userVpc of {found} can't be given by a setting; change it in the PAI console, or import it in a program of "
        "your own"
    ]


@pytest.mark.parametrize("scheme", ["", "https://"])
def test_the_password_of_an_image_is_not_shown(world: World, direct: Direct, scheme: str) -> None:
    found = made(world, ImageUrl=f"{scheme}me:planted@registry.example.com/me/nb:1")
    [problem] = refusals(direct, NotebookArgs(import_id=found))
    assert problem.endswith("[image-reference]")
