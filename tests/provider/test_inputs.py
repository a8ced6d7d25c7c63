"""Typed inputs and states: stored values are taken as they are, whatever a check of today would say of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.provider.instance.api import create_request, inputs_of
from paidsw.provider.instance.inputs import NAMES, Backup, InstanceInputs, with_defaults
from paidsw.provider.instance.state import OUTPUTS, State
from tests.engine.states import FOLDER, VERSIONS
from tests.support.direct import LOOP, Direct, DirectClient, World
from tests.support.plugin import URN
from tests.support.samples import REGION, inputs

FULL: dict[str, Any] = inputs(
    driver="550.54.15",
    labels={"course": "one"},
    environmentVariables={"HF_HOME": "/mnt/workspace/hf", "snake_case": "stays"},
    datasets=[{"mountPath": "/mnt/data", "uri": "oss://bucket/data/", "mountAccess": "RO"}],
    userVpc={"vpcId": "vpc-1", "extendedCidrs": ["10.0.0.0/8"], "bandwidthLimit": {"egress_rate": "5M"}},
    backup={"snapshot": "llm", "repository": "registry.example.com/me/notebooks"},
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["capacity", "x"]), inner),
    max_leaves=4,
)


def test_what_is_given_is_read_by_attributes_and_comes_back_as_it_was() -> None:
    typed = InstanceInputs.of(FULL)
    assert typed.plain() == FULL
    assert typed.idle_instance_culler is not None
    assert typed.idle_instance_culler.max_idle_time_in_minutes == 30
    assert typed.backup == Backup(snapshot="llm", repository="registry.example.com/me/notebooks")
    assert [disk.capacity for disk in typed.cloud_disks] == ["100Gi"]


def test_what_is_absent_reads_as_its_default_and_is_not_set() -> None:
    least = InstanceInputs.of({"region": REGION})
    assert (least.running, least.instance_name, least.backup) == (True, "", None)
    assert [disk.sub_type for disk in least.cloud_disks] == ["rootfs"]
    assert least.plain() == {"region": REGION}
    assert with_defaults(least.plain()) == {
        "region": REGION,
        "cloudDisks": [{"capacity": "100Gi", "subType": "rootfs"}],
        "accessibility": "PRIVATE",
        "running": True,
    }


@given(st.dictionaries(st.sampled_from([*NAMES, "ofALaterVersion"]), JUNK))
def test_no_stored_value_is_refused(values: dict[str, Any]) -> None:
    plain = InstanceInputs.of(values).plain()
    assert plain.keys() == {name for name, value in values.items() if name in NAMES and value is not None}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_state_of_an_earlier_version_is_the_same_in_this_one(version: str) -> None:
    document = json.loads((FOLDER / version / "stack.json").read_text("utf-8"))
    (resource,) = (
        one for one in document["deployment"]["resources"] if one["type"] == "paidsw:index:Instance"
    )
    kept = {name: value for name, value in resource["outputs"].items() if not _is_secret(value)}
    state = State.of(kept)
    assert state.plain() == kept
    assert state.outputs.instance_id == resource["id"].rpartition("/")[2]
    assert state.inputs.instance_name == resource["inputs"]["instanceName"]


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and "ciphertext" in value


def test_a_request_has_the_apis_names_and_the_users_keys() -> None:
    request = create_request(InstanceInputs.of(FULL), URN)
    assert request["EcsSpec"] == FULL["ecsSpec"]
    assert request["EnvironmentVariables"] == FULL["environmentVariables"]
    assert request["UserVpc"] == {
        "VpcId": "vpc-1",
        "ExtendedCIDRs": ["10.0.0.0/8"],
        "BandwidthLimit": {"egress_rate": "5M"},
    }
    assert {"Region", "SessionHours", "IdleInstanceCuller", "Backup", "Running"}.isdisjoint(request)


def test_an_instance_is_seen_as_the_inputs_that_made_it(world: World, direct: Direct) -> None:
    declared = world.inputs(
        driver="550.54.15", labels={"course": "one"}, environmentVariables={"HF_HOME": "/mnt/workspace/hf"}
    )
    instance_id, state = direct.create(declared)
    seen = inputs_of(LOOP.run_until_complete(DirectClient(world, REGION).get_instance(instance_id)), REGION)
    shown = {name: value for name, value in seen.plain().items() if name in declared}
    assert shown == declared
    assert set(state) == {*declared, *OUTPUTS}
