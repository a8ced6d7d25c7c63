"""Types, configuration, labels, events and lifecycle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from alibabacloud_pai_dsw20220101 import models as m
from darabonba.exceptions import DaraException

from paidsw.emulator.ledger import tariff
from paidsw.trial.terms import TERMS
from tests.support.cloud import A10, CPU, HOME, OFF_TIER, V100, Cloud

MONTHLY = tariff.load().monthly_cu


def specs(cloud: Cloud, kind: str, region: str = HOME) -> dict[str, Any]:
    body = cloud.dsw(region).list_ecs_specs(m.ListEcsSpecsRequest(accelerator_type=kind)).body
    assert body.total_count == len(body.ecs_specs)
    return {spec.instance_type: spec for spec in body.ecs_specs}


def is_labelled(spec: Any) -> bool:
    return [(x.key, x.value) for x in spec.labels] == [("SupportResourcePackDeduction", "true")]


def test_trial_types_are_labelled_where_the_trial_is(cloud: Cloud) -> None:
    gpu = specs(cloud, "GPU")
    assert is_labelled(gpu[A10])
    assert is_labelled(gpu[V100])
    assert not is_labelled(gpu[OFF_TIER])
    assert is_labelled(specs(cloud, "CPU")[CPU])
    assert not any(is_labelled(spec) for spec in specs(cloud, "GPU", "cn-hongkong").values())


def test_a_type_says_what_it_is(cloud: Cloud) -> None:
    spec = specs(cloud, "GPU")[A10]
    assert (spec.cpu, spec.gpu, spec.gputype, spec.gpumemory_size) == (8, 1, "NVIDIA A10", 24.0)
    assert (spec.currency, spec.is_available, spec.system_disk_capacity) == ("CNY", True, 100)
    assert spec.price > 0


def test_stock_of_one_region(cloud: Cloud) -> None:
    cloud.emulator.settings(sold_out=[f"{HOME}/{A10}"])
    assert specs(cloud, "GPU")[A10].is_available is False
    assert specs(cloud, "GPU", "cn-beijing")[A10].is_available is True


def test_the_accelerator_type_is_mandatory(cloud: Cloud) -> None:
    with pytest.raises(DaraException, match="AcceleratorType"):
        cloud.dsw().list_ecs_specs(m.ListEcsSpecsRequest())


def test_every_trial_type_and_region_is_known_here(cloud: Cloud) -> None:
    known = specs(cloud, "GPU") | specs(cloud, "CPU")
    for name, kind in TERMS.instance_types.items():
        assert (known[name].cpu, known[name].memory) == (kind.vcpus, kind.memory_gib)
        assert (known[name].gpu, known[name].gputype) == (kind.gpus, kind.gpu)
    for region in TERMS.region_ids:
        assert cloud.names(region=region) == []


def config(cloud: Cloud) -> Any:
    return cloud.dsw().get_user_config().body


def test_the_trial_shows_what_is_left_of_the_month(cloud: Cloud) -> None:
    tier = config(cloud).free_tier
    assert (tier.is_free_tier_user, tier.status) == (True, "valid")
    assert (tier.start_time, tier.end_time) == ("2026-01-05T02:00:00Z", "2026-04-05T02:00:00Z")
    assert (tier.init_base_value, tier.period_base_value) == (MONTHLY, MONTHLY)
    made = cloud.create()
    cloud.emulator.clock.advance(hours=2)
    cloud.dsw().delete_instance(made)
    tier = config(cloud).free_tier
    used = cloud.emulator.bill().cu_used
    assert Decimal(tier.period_show_value) == MONTHLY - used < MONTHLY
    cloud.emulator.clock.advance(days=27)
    assert config(cloud).free_tier.period_base_value == MONTHLY


def test_an_account_without_the_trial(cloud: Cloud) -> None:
    cloud.emulator.trial(claimed=False)
    tier = config(cloud).free_tier
    assert (tier.is_free_tier_user, tier.status) == (False, "invalid")


def test_the_trial_is_over(cloud: Cloud) -> None:
    cloud.emulator.clock.advance(days=90)
    tier = config(cloud).free_tier
    assert (tier.status, tier.period_base_value) == ("invalid", 0)


def test_the_answer_can_be_bent(cloud: Cloud) -> None:
    over = {"FreeTier": {"PeriodBaseValue": None, "PeriodShowValue": "-3", "Status": "Valid"}}
    cloud.emulator.settings(user_config=over | {"FreeTierSpecAvailable": False})
    body = config(cloud)
    assert body.free_tier.period_base_value is None
    assert (body.free_tier.period_show_value, body.free_tier.status) == ("-3", "Valid")
    assert body.free_tier_spec_available is False
    assert body.free_tier.is_free_tier_user is True


def labels(cloud: Cloud, made: str) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in cloud.get(made)["Labels"]}


def test_labels_are_added_changed_and_removed(cloud: Cloud) -> None:
    made = cloud.create(labels=[m.CreateInstanceRequestLabels(key="a", value="1")])
    new = [
        m.UpdateInstanceLabelsRequestLabels(key="a", value="2"),
        m.UpdateInstanceLabelsRequestLabels(key="b", value=""),
    ]
    answer = cloud.dsw().update_instance_labels(made, m.UpdateInstanceLabelsRequest(labels=new))
    assert answer.body.to_map().keys() == {"RequestId"}
    assert labels(cloud, made) == {"a": "2", "b": ""}
    cloud.dsw().delete_instance_labels(made, m.DeleteInstanceLabelsRequest(label_keys="a,none"))
    assert labels(cloud, made) == {"b": ""}


def test_labels_keep_to_the_limits(cloud: Cloud) -> None:
    made = cloud.create()
    bad = [m.UpdateInstanceLabelsRequestLabels(key="aliyun-x", value="2")]
    with pytest.raises(DaraException, match="aliyun"):
        cloud.dsw().update_instance_labels(made, m.UpdateInstanceLabelsRequest(labels=bad))
    with pytest.raises(DaraException, match="LabelKeys"):
        cloud.dsw().delete_instance_labels(made, m.DeleteInstanceLabelsRequest())


def test_the_lifecycle_has_a_list_for_each_session(cloud: Cloud) -> None:
    made = cloud.stopped()
    cloud.dsw().start_instance(made)
    cloud.emulator.clock.advance(minutes=3)
    body = cloud.dsw().get_lifecycle(made, m.GetLifecycleRequest()).body
    seen = [[phase.status for phase in session] for session in body.lifecycle]
    begin = ["ResourceAllocating", "EnvPreparing", "Starting", "Running"]
    assert seen == [["Creating", *begin, "Stopping", "Stopped"], begin]
    last = cloud.dsw().get_lifecycle(made, m.GetLifecycleRequest(order="DESC", limit=1)).body
    assert [[phase.status for phase in session] for session in last.lifecycle] == [begin[::-1]]
    assert last.lifecycle[0][0].gmt_end_time == ""
    ends = [phase.gmt_end_time for phase in body.lifecycle[0]]
    assert ends[:-1] == [phase.gmt_create_time for phase in body.lifecycle[0]][1:]


@pytest.mark.parametrize(
    ("query", "sessions"),
    [
        ({}, [0, 1, 2]),
        ({"limit": 2}, [0, 1]),
        ({"limit": 2, "order": "DESC"}, [2, 1]),
        ({"session_number": 1}, [1, 2]),
        ({"session_number": 1, "limit": 1}, [1]),
        ({"session_number": 1, "limit": 1, "order": "DESC"}, [1]),
        ({"session_number": 2, "order": "DESC"}, [0]),
        ({"session_number": 3}, []),
        ({"session_number": 0}, [0, 1, 2]),
        ({"limit": 9}, [0, 1, 2]),
        # Shares a URL, and doesn't lead to a next page.
        ({"token": "2", "limit": 1}, [0]),
    ],
)
def test_limit_and_offset_of_a_lifecycle_count_sessions(
    cloud: Cloud, query: dict[str, Any], sessions: list[int]
) -> None:
    made = cloud.create()
    cloud.emulator.clock.advance(minutes=5)
    for _ in range(2):
        cloud.dsw().stop_instance(made, m.StopInstanceRequest())
        cloud.emulator.clock.advance(minutes=5)
        cloud.dsw().start_instance(made)
        cloud.emulator.clock.advance(minutes=5)
    whole = cloud.dsw().get_lifecycle(made, m.GetLifecycleRequest()).body
    begins = [session[0].gmt_create_time for session in whole.lifecycle]
    assert len(begins) == 3
    found = cloud.dsw().get_lifecycle(made, m.GetLifecycleRequest(**query)).body
    assert [min(one.gmt_create_time for one in each) for each in found.lifecycle] == [
        begins[number] for number in sessions
    ]
    assert found.total_count == 3


def test_the_count_of_a_lifecycle_is_of_the_sessions_within_the_time(cloud: Cloud) -> None:
    made = cloud.stopped()
    cloud.emulator.clock.advance(minutes=1)
    cloud.dsw().start_instance(made)
    late = m.GetLifecycleRequest(start_time="2026-01-05T02:04:30Z", limit=1)
    body = cloud.dsw().get_lifecycle(made, late).body
    assert (len(body.lifecycle), body.total_count) == (1, 1)


@pytest.mark.parametrize("query", [{"limit": 0}, {"session_number": -1}, {"order": "UP"}])
def test_a_wrong_query_of_a_lifecycle_is_refused(cloud: Cloud, query: dict[str, Any]) -> None:
    made = cloud.create()
    with pytest.raises(DaraException) as error:
        cloud.dsw().get_lifecycle(made, m.GetLifecycleRequest(**query))
    assert error.value.status_code == 400


def test_events_say_who_stopped_it(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, 1)
    cloud.emulator.clock.advance(hours=2)
    events = cloud.dsw().get_instance_events(made, m.GetInstanceEventsRequest()).body.events
    assert any("shutdown timer" in line for line in events)
    warnings = m.GetInstanceEventsRequest(event_level="WARN", max_events_num=1)
    assert len(cloud.dsw().get_instance_events(made, warnings).body.events) == 1
    late = m.GetInstanceEventsRequest(start_time="2026-01-05T03:30:00Z")
    assert cloud.dsw().get_instance_events(made, late).body.events == []
