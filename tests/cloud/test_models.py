"""What the cloud answers, read: documented forms, odd ones, and those that mean nothing is set."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from paidsw.cloud import Uncertain
from paidsw.cloud.models import (
    DELETING,
    DOWN,
    ON_THE_WAY_UP,
    RUNNING,
    SAVING,
    SAVING_ENDED,
    STILL,
    Culler,
    Image,
    Instance,
    Phase,
    Snapshot,
    read,
)
from paidsw.core.redaction import MASK, Secrets, hide, keeping, redacted

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = [field.alias or "" for field in Instance.model_fields.values()]


def instance(**members: Any) -> Instance:
    return read("GetInstance", {"InstanceId": "dsw-1"} | members, Instance)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6))
@settings(max_examples=60)
def test_any_answer_is_an_instance_or_uncertain(members: dict[str, Any]) -> None:
    said, found = "", None
    try:
        found = instance(**members)
    except Uncertain as error:
        said = str(error)
    assert said.startswith("GetInstance: the cloud's answer has no readable") is (found is None)
    if found is not None and found.idle_instance_culler is not None:
        assert found.idle_instance_culler.max_idle_time_in_minutes


def test_every_null_is_an_absent_member() -> None:
    assert instance(**dict.fromkeys(MEMBERS[3:])) == instance()


@pytest.mark.parametrize(
    ("member", "value", "field", "expected"),
    [
        ("Labels", [{"Key": "a", "Value": "b"}], "labels", {"a": "b"}),
        ("Labels", [{"Key": "a"}], "labels", {"a": ""}),
        ("Labels", [{"Key": "a", "Value": None}], "labels", {"a": ""}),
        ("Labels", [], "labels", {}),
        ("Labels", {"a": "b"}, "labels", {"a": "b"}),
        ("WebIDEUrl", "https://x", "web_ide_url", "https://x"),
        ("JupyterlabUrl", "https://x", "jupyterlab_url", "https://x"),
        ("EnvironmentVariables", {"A": "1"}, "environment_variables", {"A": "1"}),
        ("Unknown", {"deep": [1]}, "status", ""),
        ("IdleInstanceCuller", {}, "idle_instance_culler", None),
        ("IdleInstanceCuller", {"MaxIdleTimeInMinutes": 0}, "idle_instance_culler", None),
        ("IdleInstanceCuller", {"CpuPercentThreshold": 5}, "idle_instance_culler", None),
        (
            "IdleInstanceCuller",
            {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "IdleTimeInMinutes": 3},
            "idle_instance_culler",
            Culler(max_idle_time_in_minutes=30, cpu_percent_threshold=5),
        ),
        ("InstanceShutdownTimer", {}, "instance_shutdown_timer", None),
        ("InstanceShutdownTimer", {"RemainingTimeInMs": 5}, "instance_shutdown_timer", None),
        ("InstanceShutdownTimer", {"DueTime": ""}, "instance_shutdown_timer", None),
    ],
)
def test_a_member(member: str, value: object, field: str, expected: object) -> None:
    assert getattr(instance(**{member: value}), field) == expected


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Labels", [{"Value": "b"}]),
        ("Labels", [{"Key": None, "Value": "b"}]),
        ("Labels", ["a"]),
        ("Labels", [None]),
        ("Labels", "a=b"),
        ("Labels", [{"Key": ["a"], "Value": "b"}]),
        ("CloudDisks", [{"SubType": "rootfs"}]),
        ("CloudDisks", {"Capacity": "100Gi"}),
        ("IdleInstanceCuller", {"MaxIdleTimeInMinutes": "a while"}),
        ("IdleInstanceCuller", "on"),
        ("InstanceShutdownTimer", {"DueTime": 5}),
        ("Status", 7),
        ("Status", ["Running"]),
        ("Datasets", ["d-1"]),
        ("UserVpc", "vpc-1"),
    ],
)
def test_a_member_that_cannot_be_read_is_named(member: str, value: object) -> None:
    with pytest.raises(Uncertain, match=f"no readable {member}") as caught:
        instance(**{member: value})
    # What was sent could be a secret.
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize("body", [None, [], "x", 5, True])
def test_what_is_no_object_is_uncertain(body: object) -> None:
    with pytest.raises(Uncertain, match="no readable Instance"):
        read("GetInstance", body, Instance)


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("", "", ""),
        ("A", "", "A"),
        ("", "b", "b"),
        ("ImagePullBackOff", "no tag", "ImagePullBackOff: no tag"),
    ],
)
def test_a_reason(code: str, message: str, reason: str) -> None:
    assert instance(ReasonCode=code, ReasonMessage=message).reason == reason


@pytest.mark.parametrize(
    ("status", "ended", "saved"),
    [
        ("", False, False),
        ("Committing", False, False),
        ("Pushing", False, False),
        ("Saved", True, True),
        ("Failed", True, False),
        ("SaveFailed", True, False),
        ("Unknown", False, False),
    ],
)
def test_a_snapshot_ends(status: str, ended: bool, saved: bool) -> None:
    snapshot = read("GetInstanceSnapshot", {"SnapshotId": "s", "Status": status}, Snapshot)
    assert (snapshot.ended, snapshot.saved) == (ended, saved)


@pytest.mark.parametrize(
    ("value", "private"), [("PUBLIC", False), ("PRIVATE", True), ("", True), ("X", True)]
)
def test_an_image_may_be_the_users(value: str, private: bool) -> None:
    assert read("ListImages", {"ImageId": "i", "Accessibility": value}, Image).private is private


def test_a_culler_goes_back_as_it_came() -> None:
    wire = {"MaxIdleTimeInMinutes": 30, "CpuPercentThreshold": 5, "GpuPercentThreshold": None}
    assert Culler.from_wire(wire).model_dump(by_alias=True) == wire


def test_an_answer_is_not_changed_by_accident() -> None:
    with pytest.raises(ValidationError):
        instance().status = "Running"  # type: ignore[misc]  # that it is frozen is what is tested


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        ("2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z", True),
        ("2026-01-05T02:00:00Z", "", True),
        ("2026-01-05T02:00:00Z", None, True),
        ("2026-01-05T10:00:00+08:00", None, True),
        ("2026-01-05T02:00:00", None, False),
        ("1999-12-31T23:59:59Z", None, False),
        ("2200-01-01T00:00:00Z", None, False),
        ("", None, False),
        ("soon", None, False),
    ],
)
def test_the_times_of_a_phase(first: str, second: str | None, fits: bool) -> None:
    body = {"Status": "Running", "GmtCreateTime": first, "GmtEndTime": second}
    if fits:
        assert (read("GetLifecycle", body, Phase).gmt_end_time is None) is not bool(second)
    else:
        with pytest.raises(Uncertain, match="no readable GmtCreateTime"):
            read("GetLifecycle", body, Phase)


# Every status of the API (facts of GetInstance and GetLifecycle), and what is taken of it.
STATUSES = {
    "Creating": "up",
    "ResourceAllocating": "up",
    "Queuing": "up",
    "EnvPreparing": "up",
    "Starting": "up",
    "Recovering": "up",
    "Updating": "up",
    "Running": "running",
    "Saving": "running",
    "Saved": "running",
    "SaveFailed": "running",
    "Stopping": "down",
    "ArrearStopping": "down",
    "Deleting": "down",
    "Stopped": "still",
    "Failed": "still",
    "Arrearge": "still",
}


@pytest.mark.parametrize(("status", "group"), STATUSES.items())
def test_each_status_is_of_one_group(status: str, group: str) -> None:
    groups = {
        "up": status in ON_THE_WAY_UP,
        "running": status in {RUNNING, SAVING} | SAVING_ENDED,
        "down": status in DOWN - STILL,
        "still": status in STILL,
    }
    assert [name for name, member in groups.items() if member] == [group]


def test_nothing_but_a_start_wakes_what_is_down() -> None:
    assert STILL < DOWN
    assert DELETING in DOWN
    assert not DOWN & (ON_THE_WAY_UP | SAVING_ENDED | {RUNNING, SAVING})


def test_what_is_hidden_of_an_instance_is_in_no_text_once_it_was_read() -> None:
    labels = [{"Key": "team", "Value": "planted-team"}, {"Key": "paidsw-project", "Value": "my-project"}]
    members = {"InstanceName": "planted_name", "Labels": labels, "Driver": "535.54.03"}
    with keeping(Secrets()):
        hide("dsw-1", frozenset({"instance_name", "labels", "session_hours"}))
        instance(InstanceId="dsw-2", InstanceName="other_name")
        assert redacted("other_name, planted_name") == "other_name, planted_name"
        instance(**members)
        said = redacted("other_name, planted_name of 'planted-team' and 'my-project', 535.54.03")
        assert said == f"other_name, {MASK} of '{MASK}' and 'my-project', 535.54.03"
