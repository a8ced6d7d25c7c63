"""Who may create, and why not; each unclear answer means no."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.trial.budget import Bound, rate_of
from paidsw.trial.entitlement import (
    Answers,
    NotEntitled,
    Plan,
    Reason,
    Running,
    allowance,
    entitled,
    price_per_hour,
    read_deductible,
    read_left_cu,
)
from paidsw.trial.terms import TERMS
from tests.support.trial import A10, NOW, REGION, V100, answers, free_tier, spec, wanted

BERLIN = timezone(timedelta(hours=1))


def refusal(*args: Any, now: datetime = NOW, running: Any = (), **changes: Any) -> NotEntitled:
    with pytest.raises(NotEntitled) as error:
        entitled(answers(*args, **changes), wanted(), now, running)
    assert "\n" not in str(error.value)
    assert ";" in str(error.value), "a refusal says what to do"
    return error.value


def test_a_fresh_trial_pays_for_what_is_asked() -> None:
    plan = entitled(answers(), wanted(), NOW)
    assert plan.session.seconds == 4 * 3600
    assert plan.session.bound is Bound.ASKED
    assert plan.allowance.left_cu == 250
    assert plan.hours_left == Decimal("25.0")
    assert plan.reserved_cu == 0
    assert plan.stops == NOW + timedelta(hours=4)
    assert str(plan.message(BERLIN)) == (
        f"the trial has 250.0 CU left this month, 25.0 h on {A10} after this session; the timer stops it after 4 "
        "hours, at 2026-11-10 16:00 China time (2026-11-10 09:00 here)"
    )


def test_a_shortened_session_says_why() -> None:
    plan = entitled(answers(free_tier(left=40)), wanted(), NOW)
    assert plan.session.bound is Bound.QUOTA
    assert 2 * 3600 < plan.session.seconds < 3 * 3600
    assert "after 2.38 hours and not after sessionHours, since the quota pays for no more" in str(
        plan.message()
    )


def test_the_end_of_the_month_and_of_the_trial_shorten_too() -> None:
    late = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
    assert "since the month's quota ends" in str(entitled(answers(), wanted(), late).message())
    soon = free_tier(EndTime="2026-11-10T06:00:00Z")
    assert "since the trial ends" in str(entitled(answers(soon), wanted(), NOW).message())


@pytest.mark.parametrize("trial", [{}, "none", [], {"IsFreeTierUser": False, "Status": "invalid"}])
def test_not_claimed(trial: Any) -> None:
    error = refusal(trial)
    assert error.reason is Reason.NOT_CLAIMED
    assert TERMS.claim_url.value in str(error)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("2026-11-10T04:00:00Z", Reason.EXPIRED),
        ("2026-11-10T04:00:01Z", Reason.NOT_CLAIMED),
        ("soon", Reason.NOT_CLAIMED),
    ],
)
def test_a_trial_that_ended_cannot_be_claimed_again(end: str, reason: Reason) -> None:
    error = refusal(free_tier(IsFreeTierUser=False, Status="invalid", EndTime=end))
    assert error.reason is reason
    assert ("claim it first" in str(error)) is (reason is Reason.NOT_CLAIMED)


def test_an_answer_without_a_trial_is_not_claimed() -> None:
    with pytest.raises(NotEntitled) as error:
        allowance({"FreeTier": None}, NOW)
    assert error.value.reason is Reason.NOT_CLAIMED


@pytest.mark.parametrize("status", ["invalid", "Valid", "VALID", "", None, True, 1, "running"])
def test_any_status_but_valid(status: Any) -> None:
    error = refusal(free_tier(Status=status))
    assert error.reason is Reason.INVALID
    assert TERMS.claim_url.value in str(error)


def test_expired_is_told_before_an_invalid_status() -> None:
    error = refusal(free_tier(EndTime="2026-11-10T04:00:00Z", Status="invalid"))
    assert error.reason is Reason.EXPIRED
    assert "2026-11-10 12:00 China time" in str(error)
    assert "pulumi destroy" in str(error)


def test_the_last_moments_of_the_trial_are_too_short() -> None:
    error = refusal(free_tier(EndTime="2026-11-10T04:34:59Z"))
    assert error.reason is Reason.EXPIRED
    assert entitled(answers(free_tier(EndTime="2026-11-10T04:35:00Z")), wanted(), NOW).session.seconds == 900


def test_not_started() -> None:
    error = refusal(free_tier(StartTime="2026-11-10T04:00:01Z"))
    assert error.reason is Reason.NOT_STARTED
    assert "2026-11-10 12:00 China time" in str(error)


@pytest.mark.parametrize("activated", [False, None, "true", 1])
def test_not_activated(activated: Any) -> None:
    error = refusal(activated=activated)
    assert error.reason is Reason.NOT_ACTIVATED
    assert REGION in str(error)


def test_no_products_at_all_is_not_activated() -> None:
    found = answers()
    with pytest.raises(NotEntitled) as error:
        entitled(type(found)(found.user_config, [], found.specs), wanted(), NOW)
    assert error.value.reason is Reason.NOT_ACTIVATED


@pytest.mark.parametrize("available", [False, None, "true", 1])
def test_region_without_types_of_the_trial(available: Any) -> None:
    assert refusal(available=available).reason is Reason.REGION


@pytest.mark.parametrize("region", ["cn-hongkong", "cn-zhangjiakou", "us-east-1", ""])
def test_region_that_is_none_of_the_trial(region: str) -> None:
    with pytest.raises(NotEntitled, match="cn-beijing") as error:
        entitled(answers(), wanted(region=region), NOW)
    assert error.value.reason is Reason.REGION


@pytest.mark.parametrize(
    ("kind", "why"),
    [("ecs.g6.xlarge", "no known CU per hour"), ("ecs.gn7e-c16g1.4xlarge", "is not an instance type")],
)
def test_type_without_a_rate(kind: str, why: str) -> None:
    with pytest.raises(NotEntitled, match=why) as error:
        entitled(answers(specs=[spec(kind)]), wanted(kind), NOW)
    assert error.value.reason is Reason.TYPE


@pytest.mark.parametrize(
    "labels",
    [[], None, "SupportResourcePackDeduction", [{"Key": "SupportResourcePackDeduction", "Value": "false"}],
     [{"Key": "SupportResourcePackDeduction"}], [{"Key": "Other", "Value": "true"}], ["true"]],
)  # fmt: skip
def test_type_that_no_pack_pays_for(labels: Any) -> None:
    error = refusal(specs=[spec(Labels=labels)])
    assert error.reason is Reason.TYPE
    assert V100 in str(error)


def test_the_label_may_be_a_truth_value() -> None:
    assert read_deductible({"Labels": [{"Key": "SupportResourcePackDeduction", "Value": True}]})


def test_type_that_is_not_offered() -> None:
    assert "is not offered" in str(refusal(specs=[spec(V100)]))


@pytest.mark.parametrize("left", [0, 0.0, "0", 1, "23.3", 25])
def test_too_little_left_says_when_it_is_renewed(left: Any) -> None:
    error = refusal(free_tier(left=left))
    assert error.reason is Reason.QUOTA
    assert "renewed at 2026-12-01 00:00 China time" in str(error)


def test_too_little_left_in_the_last_month() -> None:
    error = refusal(free_tier(left=0, EndTime="2026-11-20T00:00:00Z"))
    assert error.reason is Reason.QUOTA
    assert "not renewed any more, the trial ends at 2026-11-20 08:00 China time" in str(error)
    assert "pulumi destroy releases what is left" in str(error)


def test_the_last_minutes_of_a_month() -> None:
    error = refusal(now=datetime(2026, 11, 30, 15, 30, tzinfo=UTC))
    assert error.reason is Reason.QUOTA
    assert "2026-12-01 00:00 China time" in str(error)


def test_the_shortest_useful_session() -> None:
    minutes = TERMS.deduction_lag_minutes.value + TERMS.margin_minutes.value + 15
    enough = rate_of(A10).at_most * minutes / 60 + Decimal("0.0001")
    assert entitled(answers(free_tier(left=str(enough))), wanted(), NOW).session.seconds == 900
    assert refusal(free_tier(left=str(enough - Decimal("0.001")))).reason is Reason.QUOTA


@pytest.mark.parametrize(
    "changes",
    [
        {"IsFreeTierUser": None},
        {"IsFreeTierUser": "true"},
        {"IsFreeTierUser": 1},
        {"StartTime": None},
        {"EndTime": None},
        {"EndTime": ""},
        {"EndTime": "soon"},
        {"EndTime": 1767225600},
        {"EndTime": "2027-02-01T00:00:00"},
        {"PeriodBaseValue": None},
        {"PeriodBaseValue": "much"},
        {"PeriodBaseValue": float("nan")},
        {"PeriodBaseValue": True},
        {"PeriodBaseValue": -1},
        {"PeriodShowValue": "1,000"},
        {"PeriodShowValue": -5},
        {"PeriodBaseValue": 251, "PeriodShowValue": "251"},
        {"InitBaseValue": None},
        {"InitBaseValue": 0},
        {"InitBaseValue": -250, "InitShowValue": None},
        {"PeriodBaseUnit": None},
        {"PeriodBaseUnit": ""},
        {"PeriodBaseUnit": "CU*MIN"},
        {"PeriodShowUnit": "yuan"},
        {"InitBaseUnit": 5},
    ],
)
def test_an_unclear_answer_is_no(changes: dict[str, Any]) -> None:
    error = refusal(free_tier(**changes))
    assert error.reason is Reason.UNCLEAR
    assert next(iter(changes))[:4] in str(error)


@pytest.mark.parametrize(
    ("init", "period", "left"),
    [
        (250, 250, "250"),
        ("250", "180.5", "180.5"),
        (250, 0, "0"),
        (750, 750, "250"),  # of the whole trial, nothing used
        (750, 600, "100"),  # of the whole trial: 150 are used, perhaps all of them this month
        (750, 500, "0"),
        (5000, 3000, "0"),  # the API's example, of an older trial
        (1, 1, "1"),  # in a larger unit
    ],
)
def test_what_is_left_at_least_under_either_meaning(init: Any, period: Any, left: str) -> None:
    trial = free_tier(left=period, InitBaseValue=init, InitShowValue=None)
    assert read_left_cu(trial) == Decimal(left)


def test_of_two_figures_the_worse_one_counts() -> None:
    assert read_left_cu(free_tier(left=100, PeriodShowValue="90")) == 90
    assert read_left_cu(free_tier(left=100, InitBaseValue=260)) == 90


@pytest.mark.parametrize("unit", ["CU*H", "cu*h", "CU · H", "CUH", "个", "计算时"])
def test_known_units(unit: str) -> None:
    units = dict.fromkeys(("InitBaseUnit", "InitShowUnit", "PeriodBaseUnit", "PeriodShowUnit"), unit)
    assert read_left_cu(free_tier(left=70, **units)) == 70


@given(
    size=st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(60), Decimal(3600)]),
    used=st.decimals(min_value=0, max_value=250, places=2),
)
def test_a_unit_of_another_size_never_gives_more_than_there_is(size: Decimal, used: Decimal) -> None:
    trial = free_tier(left=str((250 - used) * size), InitBaseValue=str(250 * size), InitShowValue=None)
    assert read_left_cu(trial) <= 250 - used


@given(
    earlier=st.decimals(min_value=0, max_value=500, places=2),
    month=st.decimals(min_value=0, max_value=250, places=2),
)
def test_the_reading_of_a_whole_trial_never_gives_more_than_the_month_has(
    earlier: Decimal, month: Decimal
) -> None:
    trial = free_tier(left=str(750 - earlier - month), InitBaseValue=750, InitShowValue="750")
    assert read_left_cu(trial) <= 250 - month


def test_other_running_instances_share_the_quota() -> None:
    one = Running("other", V100, 600)
    plan = entitled(answers(), wanted(hours="24"), NOW, [one])
    assert plan.reserved_cu > 190
    assert plan.session.bound is Bound.QUOTA
    assert "of them reserved for others)" in str(plan.message())
    error = refusal(running=[one, Running("third", A10, 600)])
    assert error.reason is Reason.QUOTA
    assert "250.0 CU are left of the month's quota, and 291.9 are reserved for others" in str(error)
    assert str(error).endswith("; stop other, third, then run again")


def test_a_session_as_short_as_it_was_asked_for_is_no_lack_of_quota() -> None:
    plan = entitled(answers(), wanted(hours="0.2"), NOW)
    assert (plan.session.seconds, plan.session.bound) == (720, Bound.ASKED)


@pytest.mark.parametrize(
    ("kind", "region", "available", "specs"),
    [
        (A10, "us-east-1", True, None),
        (A10, REGION, False, None),
        (A10, REGION, True, [spec(V100)]),
        (A10, REGION, True, [spec(Labels=[])]),
    ],
)
def test_what_exists_is_not_told_to_move(kind: str, region: str, available: bool, specs: Any) -> None:
    told = []
    for exists in (False, True):
        asked = replace(wanted(kind, region=region), exists=exists)
        with pytest.raises(NotEntitled) as error:
            entitled(answers(available=available, specs=specs), asked, NOW)
        told.append(error.value)
    assert told[0].cause == told[1].cause
    new, old = (str(error.advice) for error in told)
    assert ("region" in new or "cn-" in new) is True
    assert "another region" not in old
    assert "cn-" not in old or "a notebook can't be moved with its files" in old


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Running("endless", A10, None), "without a shutdown timer"),
        (Running("odd", "ecs.g6.xlarge", 10), "not known"),
        (Running("blank", "", 10), "an unknown type"),
    ],
)
def test_what_another_instance_uses_must_be_known(one: Running, said: str) -> None:
    error = refusal(running=[one])
    assert error.reason is Reason.RUNNING
    assert said in str(error)
    assert one.name in str(error)


@pytest.mark.parametrize(
    ("price", "yuan"), [(10.5, "10.5"), ("8", "8"), (0, None), (-1, None), (None, None), ("dear", None)]
)
def test_the_price_of_a_type(price: Any, yuan: str | None) -> None:
    assert price_per_hour([spec(Price=price)], A10) == (None if yuan is None else Decimal(yuan))


def test_a_type_that_is_not_listed_has_no_price() -> None:
    assert price_per_hour([], A10) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
MEMBERS = st.sampled_from(sorted(free_tier()))


@given(st.dictionaries(MEMBERS, JSON, max_size=4))
def test_whatever_the_cloud_answers_there_is_a_plan_or_one_sentence(changes: dict[str, Any]) -> None:
    outcome = outcome_of(answers({**free_tier(), **changes}))
    if isinstance(outcome, Plan):
        assert outcome.session.seconds <= 4 * 3600
        assert outcome.allowance.left_cu <= 250
    else:
        assert "\n" not in str(outcome)


def outcome_of(found: Answers) -> Plan | NotEntitled:
    try:
        return entitled(found, wanted(), NOW)
    except NotEntitled as error:
        return error
