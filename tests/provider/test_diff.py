"""No phantom change, whatever the server's habits: what means the same is the same, and nothing else is."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.provider.instance.diff import changes, equivalent, merge
from tests.support.direct import Crash, Direct, Reply, World
from tests.support.instance_stack import InstanceStack, differences
from tests.support.samples import REGION

RICH: dict[str, Any] = {
    "labels": {"course": "one", "a": "b"},
    "environmentVariables": {"HF_HOME": "/mnt/workspace/hf", "EMPTY": ""},
    "driver": "550.54.15",
    "datasets": [
        {"uri": "oss://one.oss-cn-wulanchabu.aliyuncs.com/a/", "mountPath": "/mnt/a", "mountAccess": "RO"},
        {"uri": "oss://two.oss-cn-wulanchabu.aliyuncs.com/b/", "mountPath": "/mnt/b"},
    ],
    "userVpc": {
        "vpcId": "vpc-1",
        "vSwitchId": "vsw-1",
        "securityGroupId": "sg-1",
        "defaultRoute": "eth0",
    },
}
Body = dict[str, Any]


def adds_defaults(body: Body) -> None:
    """Fills in what nobody declared."""
    body.setdefault("Driver", "535.230.02")
    body.setdefault("UserVpc", {"DefaultRoute": "eth0", "BandwidthLimit": {}})
    body["EnvironmentVariables"] = {"PAI_REGION": REGION, **(body.get("EnvironmentVariables") or {})}
    body["Priority"], body["OversoldType"] = 1, "ForbiddenQuotaOverSold"
    for disk in body.get("CloudDisks") or []:
        disk |= {"MountPath": "/", "Status": {"Capacity": 107374182400, "Usage": 5}}
    for number, dataset in enumerate(body.get("Datasets") or []):
        dataset |= {"Dynamic": False, "OptionType": "", "DatasetVersion": "v1", "Id": number}


def reorders(body: Body) -> None:
    """Every list the other way round."""
    for name in ("Datasets", "CloudDisks", "Labels"):
        if isinstance(body.get(name), list):
            body[name].reverse()


def omits_empties(body: Body) -> None:
    """Leaves out whatever is empty, at any depth."""
    for key, value in list(body.items()):
        if value in (None, "", [], {}) and key != "EMPTY":
            del body[key]
        elif isinstance(value, dict):
            omits_empties(value)


def sends_empties(body: Body) -> None:
    """Sends every field that there is, empty ones in one of three forms."""
    absent: Body = {
        "Driver": "",
        "ImageId": "",
        "UserVpc": {},
        "Datasets": None,
        "EnvironmentVariables": None,
    }
    for name, empty in absent.items():
        if body.get(name) in (None, "", [], {}):
            body[name] = empty
    body["ReasonCode"] = body["ReasonMessage"] = None


def other_letters(body: Body) -> None:
    """Writes enumerations in other letters."""
    body["Accessibility"] = str(body.get("Accessibility") or "").capitalize()
    for disk in body.get("CloudDisks") or []:
        disk["SubType"] = str(disk.get("SubType") or "").upper()
    for dataset in body.get("Datasets") or []:
        if dataset.get("MountAccess"):
            dataset["MountAccess"] = dataset["MountAccess"].lower()


HABITS = [adds_defaults, reorders, omits_empties, sends_empties, other_letters]


class Habitual(World):
    """An account whose service describes instances in its own way."""

    def __init__(self, habits: list[Callable[[Body], None]]) -> None:
        super().__init__()
        self.habits = habits

    async def send(
        self, operation: str, request: dict[str, Any], path: tuple[str, ...], region: str = REGION
    ) -> Reply:
        reply = await super().send(operation, request, path, region)
        body = reply.to_map()
        for item in [body] if operation == "GetInstance" else body.get("Instances", []):
            for habit in self.habits:
                habit(item)
        return reply


@pytest.mark.parametrize("declared", [{}, RICH], ids=["plain", "rich"])
@pytest.mark.parametrize(
    "habits", [*([one] for one in HABITS), HABITS], ids=[*(h.__name__ for h in HABITS), "all"]
)
def test_no_phantom_change(habits: list[Callable[[Body], None]], declared: dict[str, Any]) -> None:
    world = Habitual(habits)
    direct = Direct(world)
    stack, wanted = InstanceStack(direct), world.inputs(ownerId=None, **copy.deepcopy(declared))
    assert stack.up(wanted) is None

    assert stack.refresh() is None
    assert stack.inputs == wanted
    assert stack.reasons == []
    world.calls.clear()
    assert stack.up(wanted) is None
    assert [name for name in world.calls if not name.startswith(("Get", "List"))] == []

    _, seen, state = direct.read(f"{REGION}/{stack.instance_id}", {}, {})
    assert direct.check(seen)[1] == []
    assert list(direct.diff(seen, wanted, {**state, "origin": "import"}).diffs) == []
    assert list(direct.diff(seen, wanted, {**state, "origin": "imported"}).diffs) == []

    # And what does change is one change, made once.
    changed = {**wanted, "instanceName": "renamed"}
    assert stack.up(changed) is None
    assert differences(world, changed) == []
    assert stack.up(changed) is None
    assert world.calls.count("UpdateInstance") == 1
    assert stack.destroy() is None


@pytest.mark.parametrize(
    ("key", "declared", "seen", "same"),
    [
        ("cloudDisks", [{"capacity": "100Gi"}], [{"capacity": "100Gi", "subType": "rootfs"}], True),
        ("cloudDisks", [{"capacity": "100Gi"}], [{"capacity": "200Gi"}], False),
        ("cloudDisks", [{"capacity": "100Gi"}], [{"capacity": "100Gi"}, {"capacity": "1Gi"}], False),
        (
            "datasets",
            [{"mountPath": "/a"}, {"mountPath": "/b"}],
            [{"mountPath": "/b"}, {"mountPath": "/a"}],
            True,
        ),
        ("datasets", [{"mountPath": "/a"}, {"mountPath": "/a"}], [{"mountPath": "/a"}], False),
        ("labels", {"a": "b"}, {"a": "b", "c": "d"}, False),
        ("labels", {"a": ""}, {}, True),
        ("environmentVariables", {"A": "1"}, {"A": "1", "PAI": "x"}, True),
        ("environmentVariables", {"A": "1"}, {"A": "2"}, False),
        ("environmentVariables", {"a": "1"}, {"A": "1"}, False),
        (
            "idleInstanceCuller",
            {"maxIdleTimeInMinutes": 30},
            {"maxIdleTimeInMinutes": 30, "cpuPercentThreshold": 5},
            True,
        ),
        ("idleInstanceCuller", {"maxIdleTimeInMinutes": 30}, None, False),
        ("userVpc", {"vpcId": "v"}, {"vpcId": "v", "defaultRoute": "eth0"}, True),
        ("driver", "", None, True),
        ("instanceName", "Name", "name", False),
        ("ecsSpec", "a", "b", False),
        ("sessionHours", 4, 4.0, True),
    ],
)
def test_what_means_the_same(key: str, declared: Any, seen: Any, same: bool) -> None:
    assert equivalent(key, declared, seen) is same


VALUES = st.recursive(
    st.booleans() | st.integers(2, 9) | st.text("ab", min_size=1, max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def rewrites(world: World) -> list[str]:
    """The calls that a change of settings takes."""
    return [name for name in world.calls if name in {"StopInstance", "UpdateInstance", "StartInstance"}]


@pytest.mark.parametrize("declared", [{"driver": "550.54.15"}, {"environmentVariables": {"A": "1"}}])
def test_what_is_left_out_is_cleared_once_though_the_cloud_fills_it_in(declared: dict[str, Any]) -> None:
    world = Habitual([adds_defaults])
    stack = InstanceStack(Direct(world))
    assert stack.up(world.inputs(**declared)) is None
    world.calls.clear()
    assert stack.up(world.inputs()) is None
    assert rewrites(world) == ["StopInstance", "UpdateInstance", "StartInstance"]
    world.calls.clear()
    assert stack.up(world.inputs()) is None
    assert rewrites(world) == []


def imported(world: World, declared: dict[str, Any], **made: Any) -> InstanceStack:
    """A stack that imported what somebody made in the console."""
    direct = Direct(world)
    instance_id, _ = direct.create(world.inputs(**made))
    world.cloud.state.instances[instance_id].labels.clear()
    world.cloud.commit()
    found, seen, state = direct.read(f"{REGION}/{instance_id}", {}, {})
    assert list(direct.diff(seen, declared, state).diffs) == []
    world.calls.clear()
    return InstanceStack(direct, found, seen, state)


def test_an_import_keeps_what_the_cloud_fills_in() -> None:
    world = Habitual([adds_defaults])
    stack = imported(world, world.inputs())
    assert stack.up(world.inputs(instanceName="renamed")) is None
    assert rewrites(world) == ["UpdateInstance"]
    assert stack.refresh() is None
    assert stack.inputs == world.inputs(instanceName="renamed")


@pytest.mark.parametrize(
    "more",
    [
        {"environmentVariables": {"A": "1", "MINE": "x"}},
        {"driver": "550.54.15", "environmentVariables": {"A": "1"}},
    ],
)
def test_a_first_change_of_an_import_does_what_its_preview_says(more: dict[str, Any]) -> None:
    world = World()
    declared = world.inputs(environmentVariables={"A": "1"})
    stack = imported(world, declared, **more)
    before = replace(world.instances[0].spec)
    declared["instanceName"] = "renamed"
    assert list(stack.plugin.diff(stack.inputs, declared, stack.outputs).diffs) == ["instanceName"]
    assert stack.up(declared) is None
    assert rewrites(world) == ["UpdateInstance"]
    (found,) = world.instances
    assert found.name == "renamed"
    assert found.spec == before


def test_an_import_whose_first_change_fails_stays_one() -> None:
    world = World()
    stack = imported(world, world.inputs(), driver="550.54.15")
    world.strike("permission", "UpdateInstanceLabels", times=0)
    assert stack.up(world.inputs(instanceName="renamed")) is not None
    assert stack.outputs["origin"] == "imported"
    world.cloud.faults.clear()
    assert stack.refresh() is None
    shown = stack.plugin.diff(stack.inputs, world.inputs(instanceName="renamed"), stack.outputs).diffs
    # The owner's label is missing still.
    assert set(shown) in ({"ownerId"}, {"ownerId", "instanceName"})


@pytest.mark.parametrize("operation", ["StartInstance", "UpdateInstanceLabels"])
def test_what_a_failed_change_added_goes_when_it_is_taken_back(operation: str) -> None:
    world = World()
    stack = InstanceStack(Direct(world))
    declared = world.inputs(environmentVariables={"A": "1"})
    assert stack.up(declared) is None
    world.strike("permission", operation, times=0)
    more = world.inputs(environmentVariables={"A": "1", "TOKEN": "t"}, labels={"x": "1"})
    assert stack.up(more) is not None
    world.cloud.faults.clear()
    assert stack.up(declared) is None
    assert world.instances[0].spec.EnvironmentVariables == {"A": "1"}
    assert stack.refresh() is None
    assert stack.inputs == declared


def test_what_an_interrupted_create_was_given_goes_when_it_is_taken_back() -> None:
    world = World()
    direct = Direct(world)
    direct.crash_in(8, after=True)
    stack = InstanceStack(direct)
    with pytest.raises(Crash):
        stack.up(world.inputs(environmentVariables={"A": "1", "TOKEN": "t"}))
    stack.plugin = Direct(world)
    less = {"maxIdleTimeInMinutes": 30, "cpuPercentThreshold": 5}
    declared = world.inputs(environmentVariables={"A": "1"}, idleInstanceCuller=less)
    assert stack.up(declared) is None
    (found,) = world.instances
    assert found.spec.EnvironmentVariables == {"A": "1"}
    assert found.culler is not None
    assert found.culler.gpu is None


NAMES = ["labels", "datasets", "driver", "accessibility", "environmentVariables", "userVpc", "instanceName"]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_a_thing_never_differs_from_itself(values: dict[str, Any]) -> None:
    assert changes(values, copy.deepcopy(values)) == {}
    assert all(equivalent(key, value, copy.deepcopy(value)) for key, value in values.items())


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1), st.data())
def test_a_merge_of_the_unchanged_keeps_what_is_declared(values: dict[str, Any], data: st.DataObject) -> None:
    seen = copy.deepcopy(values)
    for value in seen.values():
        if isinstance(value, list):
            value[:] = data.draw(st.permutations(value))
    assert changes(values, merge(values, seen)) == {}


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_a_merge_has_nothing_but_what_was_declared_or_seen(
    declared: dict[str, Any], seen: dict[str, Any]
) -> None:
    for key, value in merge(declared, seen).items():
        assert value in (declared.get(key), seen.get(key))


def test_leave_to_replace_an_instance_is_no_change_by_itself() -> None:
    assert changes({}, {"replaceId": "dsw-1"}) == {}
    assert changes({"replaceId": "dsw-1"}, {}) == {}
    assert changes({}, {"ownerId": "a1"}) == {"ownerId": "add"}
