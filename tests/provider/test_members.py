"""Members of settings: a variable, a threshold, an access that is left out goes, and one that is gained comes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, unguarded

LESS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one variable": (
        {"environmentVariables": {"A": "1", "B": "2"}},
        {"environmentVariables": {"A": "1"}},
    ),
    "a threshold": (
        {},
        {"idleInstanceCuller": {"maxIdleTimeInMinutes": 30, "cpuPercentThreshold": 5}},
    ),
    "the access of a mount": (
        {"datasets": [{"datasetId": "d-1", "mountPath": "/data", "mountAccess": "RO"}]},
        {"datasets": [{"datasetId": "d-1", "mountPath": "/data"}]},
    ),
    "a route": (
        {
            "userVpc": {
                "vpcId": "vpc-1",
                "vSwitchId": "vsw-1",
                "securityGroupId": "sg-1",
                "defaultRoute": "eth0",
            }
        },
        {"userVpc": {"vpcId": "vpc-1", "vSwitchId": "vsw-1", "securityGroupId": "sg-1"}},
    ),
}


def members(world: World) -> dict[str, Any]:
    """What the cloud has of the settings in LESS."""
    (found,) = world.instances
    culler = found.culler
    return {
        **{name: getattr(found.spec, name) for name in ("EnvironmentVariables", "Datasets", "UserVpc")},
        "gpu": culler.gpu if culler else None,
    }


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(("more", "less"), LESS.values(), ids=LESS)
def test_a_member_left_out_goes(
    world: World, direct: Direct, more: dict[str, Any], less: dict[str, Any], *, running: bool
) -> None:
    fresh = World()
    assert InstanceStack(Direct(fresh)).up(fresh.inputs(**less)) is None
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(**more, running=running)) is None
    assert members(world) != members(fresh)
    world.calls.clear()
    assert stack.up(world.inputs(**less, running=running)) is None
    assert members(world) == members(fresh)
    # Once: it may be the cloud that shows it.
    assert stack.refresh() is None
    world.calls.clear()
    assert stack.up(world.inputs(**less, running=running)) is None
    assert not [name for name in world.calls if not name.startswith(("Get", "List"))]
    assert unguarded(world) == []


def test_what_the_cloud_fills_in_where_a_member_was_left_out_is_its_own(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(environmentVariables={"A": "1", "B": "2"})) is None
    # The cloud keeps showing it.
    seen = world.cloud.state.instances[stack.instance_id].spec
    world.before = (0, lambda: setattr(seen, "EnvironmentVariables", {"A": "1", "B": "2"}))

    def again() -> None:
        seen.EnvironmentVariables = {"A": "1", "B": "2"}
        world.after = (0, again)

    world.after = (0, again)
    world.calls.clear()
    assert stack.up(world.inputs(environmentVariables={"A": "1"})) is None
    assert world.calls.count("UpdateInstance") == 1


def test_a_threshold_is_left_out_where_guards_need_a_running_machine(
    world: World, there: InstanceStack
) -> None:
    world.cloud.state.settings.guards_need_running = True
    less = LESS["a threshold"][1]
    assert there.up(world.inputs(**less, ecsSpec="ecs.gn6v-c8g1.2xlarge")) is None
    assert members(world)["gpu"] is None
    assert unguarded(world) == []


@pytest.mark.parametrize("kind", ["throttling", "http-500", "cut-before", "cut-after"])
def test_an_update_without_an_answer_is_not_taken_for_done(world: World, direct: Direct, kind: str) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(environmentVariables={"A": "1", "TOKEN": "x"})) is None
    world.strike(kind, "UpdateInstance")
    assert stack.up(world.inputs(environmentVariables={"A": "1"})) is None
    assert members(world)["EnvironmentVariables"] == {"A": "1"}


@pytest.mark.parametrize("kind", ["throttling", "http-500", "cut-before", "cut-after", "bad-body"])
@pytest.mark.parametrize("status", ["Running", "Stopping", "Stopped"])
def test_a_threshold_is_removed_despite_transient_errors(
    world: World, there: InstanceStack, kind: str, status: str
) -> None:
    if status != "Running":
        world.console("StopInstance", there.instance_id)
        world.cloud.advance(60 if status == "Stopped" else 0)
    for operation in ("DeleteIdleInstanceCuller", "CreateIdleInstanceCuller"):
        world.strike(kind, operation, **({"body": "truncated"} if kind == "bad-body" else {}))
    assert there.up(world.inputs(**LESS["a threshold"][1])) is None
    assert members(world)["gpu"] is None
    assert unguarded(world) == []


def test_an_access_that_a_mount_gains_is_a_change(world: World, direct: Direct) -> None:
    mount = {"uri": "oss://b.oss-cn-wulanchabu.aliyuncs.com/p/", "mountPath": "/mnt/a"}
    old, new = world.inputs(datasets=[mount]), world.inputs(datasets=[{**mount, "mountAccess": "RO"}])
    assert list(direct.diff(old, new).diffs) == ["datasets"]
    stack = InstanceStack(direct)
    assert stack.up(old) is None
    assert stack.up(new) is None
    (dataset,) = world.instances[0].spec.Datasets or []
    assert dataset["MountAccess"] == "RO"


def test_an_empty_variable_is_set(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(environmentVariables={"A": "1"}, labels={"x": "1"})) is None
    declared = world.inputs(environmentVariables={"A": "1", "B": ""}, labels={"x": "1", "y": ""})
    assert stack.up(declared) is None
    assert members(world)["EnvironmentVariables"] == {"A": "1", "B": ""}
    assert world.instances[0].labels["y"] == ""
    world.calls.clear()
    assert stack.up(declared) is None
    assert "UpdateInstance" not in world.calls


def test_new_credentials_of_an_image_are_sent(world: World, direct: Direct) -> None:
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(imageAuth="b25lOm9uZQ==")) is None
    world.calls.clear()
    assert stack.up(world.inputs(imageAuth="dHdvOnR3bw==")) is None
    assert world.calls.count("UpdateInstance") == 1
    assert world.instances[0].spec.ImageAuth == "dHdvOnR3bw=="
    world.calls.clear()
    assert stack.up(world.inputs(imageAuth="dHdvOnR3bw==")) is None
    assert "UpdateInstance" not in world.calls
