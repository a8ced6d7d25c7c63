"""What scenarios cost, to the minute; all figures of the trial come from its terms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from alibabacloud_pai_dsw20220101 import models as m

from paidsw.core.times import CHINA_TIME
from paidsw.emulator.catalogue import DISK_PRICE, SPECS, SPOT_SHARE
from paidsw.emulator.clock import iso, month_start, months_later, parse_iso
from paidsw.emulator.ledger import tariff
from paidsw.emulator.ledger.bill import Bill
from tests.support.cloud import A10, CPU, OFF_TIER, V100, Cloud

TARIFF = tariff.load()
RATE = TARIFF.cu_per_hour[A10]
PRICE = SPECS[A10].price


def reasons(bill: Bill) -> dict[str, int]:
    return {line.reason: line.minutes for line in bill.lines}


def money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"))


def disk(gib: int) -> list[m.CreateInstanceRequestCloudDisks]:
    return [m.CreateInstanceRequestCloudDisks(sub_type="rootfs", capacity=f"{gib}Gi")]


def test_an_hour_inside_the_quota_costs_cu_and_no_money(cloud: Cloud) -> None:
    made = cloud.create()
    cloud.emulator.clock.advance(minutes=60)
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(20)
    bill = cloud.emulator.bill()
    # The machine is on from EnvPreparing, 65 s after the create, and begun minutes count whole.
    assert reasons(bill) == {"covered by the trial": 60}
    assert bill.total == 0
    assert bill.cu_used == RATE
    assert bill.cu_left == TARIFF.monthly_cu - RATE


def test_a_stopped_instance_uses_nothing(cloud: Cloud) -> None:
    cloud.stopped()
    before = cloud.emulator.bill()
    cloud.emulator.clock.advance(days=10)
    after = cloud.emulator.bill()
    assert after.total == 0
    assert after.cu_used == before.cu_used


def test_the_forgotten_night_is_paid_for_beyond_the_quota(cloud: Cloud) -> None:
    cloud.create()
    cloud.emulator.clock.advance(hours=40)
    bill = cloud.emulator.bill()
    covered = int(TARIFF.monthly_cu * 60 / RATE)
    on = 40 * 60
    assert reasons(bill) == {"covered by the trial": covered, "beyond the month's quota": on - covered}
    assert bill.total == money(PRICE * (on - covered) / 60)
    assert bill.cu_left == 0
    assert [thing.kind for thing in cloud.emulator.billed()] == ["instance"]


def test_the_forgotten_month_draws_on_the_next_grant_too(cloud: Cloud) -> None:
    cloud.create()
    cloud.emulator.clock.advance(days=31)
    covered = int(TARIFF.monthly_cu * 60 / RATE)
    assert reasons(cloud.emulator.bill())["covered by the trial"] == 2 * covered
    assert cloud.emulator.bill().month == "2026-02"


def test_an_expanded_disk_bills_even_when_stopped_until_it_is_deleted(cloud: Cloud) -> None:
    made = cloud.stopped(cloud_disks=disk(150))
    cloud.emulator.clock.advance(days=30)
    bill = cloud.emulator.bill()
    hours = Decimal(30 * 24) + Decimal(4) / 60
    assert bill.total == money(DISK_PRICE * 50 * hours)
    assert [thing.kind for thing in cloud.emulator.billed()] == ["disk"]
    cloud.dsw().delete_instance(made)
    cloud.emulator.clock.advance(20)
    end = cloud.emulator.bill().total
    cloud.emulator.clock.advance(days=30)
    assert cloud.emulator.bill().total == end
    assert cloud.emulator.billed() == []


def test_a_free_disk_is_cleared_and_an_expanded_one_is_kept(cloud: Cloud) -> None:
    cloud.stopped("free")
    cloud.stopped("grown", cloud_disks=disk(101))
    cloud.emulator.clock.advance(days=TARIFF.kept_days, minutes=-5)
    assert [i.disk_cleared for i in cloud.emulator.instances] == [False, False]
    cloud.emulator.clock.advance(minutes=10)
    assert {i.name: i.disk_cleared for i in cloud.emulator.instances} == {"free": True, "grown": False}


def test_a_start_begins_the_days_again(cloud: Cloud) -> None:
    made = cloud.stopped()
    cloud.emulator.clock.advance(days=14)
    cloud.dsw().start_instance(made)
    cloud.set_timer(made, 1)
    cloud.emulator.clock.advance(days=14)
    assert cloud.emulator.instances[0].disk_cleared is False
    cloud.emulator.clock.advance(days=2)
    assert cloud.emulator.instances[0].disk_cleared is True


def test_spot_is_not_covered(cloud: Cloud) -> None:
    spot = m.CreateInstanceRequestSpotSpec(spot_strategy="SpotWithPriceLimit", spot_price_limit="9")
    cloud.create(spot_spec=spot)
    cloud.emulator.clock.advance(minutes=60)
    bill = cloud.emulator.bill()
    assert reasons(bill) == {"spot is not covered": 60}
    assert bill.total == money(PRICE * SPOT_SHARE)
    assert bill.cu_used == 0


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"ecs_spec": OFF_TIER}, "type not covered"),
        ({"ecs_spec": CPU}, "type not covered"),
        ({"region": "cn-hongkong"}, "region not covered"),
    ],
)
def test_what_the_trial_does_not_cover_is_paid_for(
    cloud: Cloud, members: dict[str, str], reason: str
) -> None:
    cloud.running(**members)
    cloud.emulator.clock.advance(hours=1)
    bill = cloud.emulator.bill()
    assert set(reasons(bill)) == {reason}
    assert bill.total > 0
    assert bill.cu_used == 0


def test_two_instances_share_the_quota(cloud: Cloud) -> None:
    cloud.create("one")
    cloud.create("two", ecs_spec=V100)
    cloud.emulator.clock.advance(hours=20)
    both = RATE + TARIFF.cu_per_hour[V100]
    covered = int(TARIFF.monthly_cu * 60 / both)
    bill = cloud.emulator.bill()
    paid = {line.item: line.minutes for line in bill.lines if line.amount}
    assert paid[A10] == paid[V100] == 20 * 60 - covered


def test_not_claimed(cloud: Cloud) -> None:
    cloud.emulator.trial(claimed=False)
    cloud.create()
    cloud.emulator.clock.advance(minutes=60)
    bill = cloud.emulator.bill()
    assert reasons(bill) == {"trial not claimed": 60}
    assert bill.total == money(PRICE)


def test_expiry_during_a_session(cloud: Cloud) -> None:
    cloud.create()
    cloud.emulator.trial(expires_at="2026-01-05T02:31:05Z")
    cloud.emulator.clock.advance(minutes=61)
    # On from 02:01:10; the minute in which the trial ends is no longer covered.
    assert reasons(cloud.emulator.bill()) == {"covered by the trial": 30, "trial expired": 31}


def test_the_whole_trial_left_alone(cloud: Cloud) -> None:
    cloud.create()
    cloud.emulator.clock.advance(days=120)
    bill = cloud.emulator.bill()
    covered = int(TARIFF.monthly_cu * 60 / RATE)
    assert reasons(bill)["covered by the trial"] == TARIFF.months * covered
    assert reasons(bill)["trial expired"] > 0
    total = sum(line.minutes for line in bill.lines)
    assert total == 120 * 24 * 60


def test_what_remains_can_be_set(cloud: Cloud) -> None:
    cloud.emulator.trial(remaining_cu=str(RATE))
    assert cloud.emulator.bill().cu_left == RATE
    cloud.create()
    cloud.emulator.clock.advance(minutes=70)
    assert reasons(cloud.emulator.bill()) == {"covered by the trial": 60, "beyond the month's quota": 10}
    cloud.emulator.clock.advance(days=28)
    assert cloud.emulator.bill().month == "2026-02"


def test_subscription_is_not_on_this_bill(cloud: Cloud) -> None:
    cloud.running(ecs_spec=None, resource_id="quota-1")
    cloud.emulator.clock.advance(days=3)
    assert cloud.emulator.bill().lines == []


def test_one_long_step_and_many_short_ones_come_to_the_same(cloud: Cloud) -> None:
    cloud.set_timer(cloud.create(cloud_disks=disk(120)), 5)
    for _ in range(90):
        cloud.emulator.clock.advance(minutes=20)
    small = cloud.emulator.bill()
    cloud.emulator.reset()
    cloud.set_timer(cloud.create(cloud_disks=disk(120)), 5)
    cloud.emulator.clock.advance(minutes=90 * 20)
    large = cloud.emulator.bill()
    assert (small.total, small.cu_used) == (large.total, large.cu_used)
    assert reasons(small) == reasons(large)


@pytest.mark.parametrize(
    ("claimed", "months", "end"),
    [
        ("2026-01-05T02:00:00Z", 3, "2026-04-05T02:00:00Z"),
        ("2027-11-30T10:00:00Z", 3, "2028-02-29T10:00:00Z"),
        ("2026-10-31T20:00:00Z", 3, "2027-01-31T20:00:00Z"),
    ],
)
def test_months_end_on_a_day_that_exists(claimed: str, months: int, end: str) -> None:
    assert iso(months_later(parse_iso(claimed), months)) == end


def test_a_month_begins_at_midnight_in_china() -> None:
    assert iso(month_start(parse_iso("2026-01-31T16:00:00Z"))) == "2026-01-31T16:00:00Z"
    assert iso(month_start(parse_iso("2026-01-31T15:59:59Z"))) == "2025-12-31T16:00:00Z"
    assert CHINA_TIME.utcoffset(None).total_seconds() == 8 * 3600
